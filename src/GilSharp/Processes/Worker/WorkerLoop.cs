using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>What a worker does: read a frame, invoke, answer; one call at a time, all on this thread.</summary>
internal sealed class WorkerLoop
{
    private readonly WorkerChannel _channel;
    private readonly StatusPage _status;
    private readonly Inbox _inbox;
    private readonly FrameBuffer _answer = new();
    private readonly CallInvoker _invoker;
    private readonly CallCancellation _cancellation = new();
    private readonly ChunkRun _chunk;
    private readonly WorkerProgress _progress;
    private WorkerSettings _settings = WorkerSettings.None;

    internal WorkerLoop(WorkerChannel channel, StatusPage status)
    {
        _channel = channel;
        _status = status;
        _chunk = new ChunkRun(new SharedChunkRoom(status, channel));
        _progress = new WorkerProgress(channel.Write);
        _invoker = new CallInvoker(_progress, _chunk);
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
                case FrameKind.Define: _invoker.Define((int)frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.DefineTarget: _invoker.DefineTarget(frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.ForgetTarget: _invoker.ForgetTarget(frame.Header.CallId); break;
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
            (_invoker.Codec, _invoker.Culture) = (_settings.Codec, _settings.Culture);
            _settings.Apply();
            _progress.Codec = _settings.Codec;
            if (_settings.ForwardsLog) UseLogger();
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

    // A method of its own: the logging assembly is loaded only where somebody listens.
    private void UseLogger() => WorkerContext.UseLoggerFactory(new WorkerLoggerFactory(_channel));

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
            _invoker.Invoke(header, frame.Payload, _answer, token);
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
}
