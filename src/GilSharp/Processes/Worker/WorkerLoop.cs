using System.Buffers.Binary;
using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Ipc.Unix;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>What a worker does: read a frame, invoke, answer; one call at a time, all on this thread.</summary>
internal sealed class WorkerLoop
{
    private readonly WorkerChannel _channel;
    private readonly StatusPage _status;
    private readonly Inbox _inbox;
    private readonly FrameBuffer _answer = new();
    private readonly Dictionary<int, CallBinding> _functions = [];
    private readonly Dictionary<int, CallSerializationException> _unknown = [];
    private readonly CallCancellation _cancellation = new();
    private readonly Dictionary<long, SharedTarget> _targets = [];
    private readonly ChunkRun _chunk;
    private readonly WorkerProgress _progress;
    private WorkerSettings _settings = WorkerSettings.None;

    internal WorkerLoop(WorkerChannel channel, StatusPage status)
    {
        _channel = channel;
        _status = status;
        _chunk = new ChunkRun(status, channel);
        _progress = new WorkerProgress(channel);
        _inbox = new Inbox(channel, frame => _cancellation.Cancel(frame.Header.CallId));
    }

    /// <summary>Runs until the parent says leave; returns the exit code.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal int Run()
    {
        CodecContext.Progress = _progress; // this thread reads all arguments
        AppDomain.CurrentDomain.ProcessExit += (_, _) => AnnounceExit();
        _inbox.StartWatcher();
        while (true)
        {
            InboundFrame frame = _inbox.Next();
            switch (frame.Header.Kind)
            {
                case FrameKind.Call: Call(frame); break;
                case FrameKind.Define: Define((int)frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.DefineTarget: DefineTarget(frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.ForgetTarget: _targets.Remove(frame.Header.CallId); break;
                case FrameKind.Configure when !Configure(frame.Payload): return 1;
                case FrameKind.Configure or FrameKind.Cancel: break; // a cancellation that came after its call had ended
                case FrameKind.Leave: return Leave();
                default: throw new InvalidDataException($"A worker can't read a frame of kind {(byte)frame.Header.Kind}.");
            }
        }
    }

    private bool Configure(ReadOnlyMemory<byte> payload)
    {
        _inbox.CallBegins(); // an initializer may take long, and the parent may end meanwhile
        try
        {
            _settings = WorkerSettings.Read(payload);
            _settings.Apply();
            _progress.Codec = _settings.Codec;
            WorkerHost.LeaveSignalsToParent();
            _settings.Initializer?.Invoke();
            Send(FrameKind.Ready, 0, static (_, _) => { }, (object?)null);
            return true;
        }
        catch (Exception exception)
        {
            Send(FrameKind.StartFailed, 0, static (answer, exception) => ExceptionCodec.Write(answer, exception), exception);
            return false;
        }
        finally
        {
            _inbox.CallEnds();
        }
    }

    private int Leave()
    {
        try
        {
            _settings.Exiting?.Invoke();
        }
        catch (Exception exception)
        {
            Send(FrameKind.ExitHookFailed, 0, static (answer, exception) => ExceptionCodec.Write(answer, exception), exception);
        }

        return 0;
    }

    // What can't be resolved fails the calls that use it, not the worker.
    private void Define(int function, ReadOnlySpan<byte> identity)
    {
        try
        {
            _functions[function] = CallBindings.Create(FunctionPlan.ReadIdentity(identity));
        }
        catch (Exception exception)
        {
            _unknown[function] = exception as CallSerializationException
                ?? new CallSerializationException($"The function can't be used in a worker: {exception.Message}", exception);
        }
    }

    // What can't be read fails the calls that use it.
    private void DefineTarget(long number, ReadOnlySpan<byte> definition)
    {
        try
        {
            _progress.Call = default;
            CallBinding binding = Function(BinaryPrimitives.ReadInt32LittleEndian(definition));
            _targets[number] = new SharedTarget(binding.Target(definition[sizeof(int)..], _settings.Codec), null);
        }
        catch (Exception exception)
        {
            _targets[number] = new SharedTarget(null, exception);
        }
    }

    private CallBinding Function(int number) => _functions.TryGetValue(number, out CallBinding? binding)
        ? binding
        : throw (_unknown.TryGetValue(number, out CallSerializationException? reason) ? reason : new InvalidDataException($"Function {number} was never defined."));

    private void Call(in InboundFrame frame)
    {
        FrameHeader header = frame.Header;
        if (!_status.TryStart(header.Slot, header.CallId)) return; // taken back meanwhile
        bool timed = (header.Flags & CallFlags.Timed) != 0;
        _status.Publish(header.CallId, timed ? Stopwatch.GetTimestamp() : 0);
        CancellationToken token = _cancellation.Begin(header.CallId);
        _inbox.CallBegins();
        _answer.Clear();
        int start = _answer.BeginFrame();
        FrameKind kind = FrameKind.Result;
        bool failed = false;
        try
        {
            WorkerContext.Enter(header.CallId, token);
            Invoke(frame, token);
        }
        catch (Exception exception)
        {
            _answer.Truncate(start + FrameHeader.Size);
            kind = FrameKind.Error;
            failed = true;
            ExceptionCodec.Write(_answer, exception);
        }
        finally
        {
            WorkerContext.Leave();
            _inbox.CallEnds();
            _cancellation.End();
        }

        if (failed || (header.Flags & CallFlags.Chunk) == 0)
        {
            _answer.EndFrame(start, kind, header.CallId, header.Slot);
            _channel.Write(_answer.Written);
        }
        else
        {
            _chunk.End();
        }

        _status.Publish(0, 0);
    }

    private void Invoke(in InboundFrame frame, CancellationToken token)
    {
        ReadOnlyMemory<byte> rest = frame.Payload;
        CallFlags flags = frame.Header.Flags;
        CallBinding binding = Function(BinaryPrimitives.ReadInt32LittleEndian(rest.Span));
        rest = rest[sizeof(int)..];
        ReadOnlyMemory<byte> target = (flags & CallFlags.HasTarget) != 0 ? TakeSection(ref rest) : default;
        ReadOnlyMemory<byte> context = (flags & CallFlags.HasContext) != 0 ? TakeSection(ref rest) : default;
        using CallContext.Scope scope = CallContext.Enter(context.Span, _settings.Culture);
        PayloadCodec codec = _settings.Codec;
        _progress.Call = frame.Header;
        Delegate typed = (flags & CallFlags.SharedTarget) != 0
            ? _targets[BinaryPrimitives.ReadInt64LittleEndian(target.Span)].Function
            : binding.Target(target.Span, codec);
        if ((flags & CallFlags.Chunk) == 0)
        {
            ArgumentReader arguments = new(rest, binding.HasSingleArgument, codec, token);
            binding.Call(typed, ref arguments, _answer, codec);
            return;
        }

        _chunk.Begin(frame.Header, codec, token);
        binding.CallChunk(typed, rest, codec, _chunk);
    }

    private static ReadOnlyMemory<byte> TakeSection(ref ReadOnlyMemory<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        ReadOnlyMemory<byte> section = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return section;
    }

    private void Send<TState>(FrameKind kind, long callId, Action<FrameBuffer, TState> write, TState state)
    {
        FrameBuffer buffer = new(256);
        int start = buffer.BeginFrame();
        write(buffer, state);
        buffer.EndFrame(start, kind, callId);
        _channel.Write(buffer.Written);
    }

    // exit(137) is not SIGKILL: a managed exit says its code while it can still speak.
    private void AnnounceExit()
    {
        try
        {
            Send(FrameKind.Exiting, 0, static (buffer, code) => buffer.Write(code), Environment.ExitCode);
        }
        catch (EndOfStreamException)
        {
        }
    }

    /// <summary>The delegate that the chunks of a map call, or why there is none.</summary>
    private readonly record struct SharedTarget(Delegate? Delegate, Exception? Failure)
    {
        internal Delegate Function => Delegate ?? throw new CallSerializationException(Failure!.Message, Failure);
    }
}
