using System.Diagnostics;
using System.Runtime.CompilerServices;
using GilSharp.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Faults;
using GilSharp.Processes.Telemetry;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>What a worker does: read a frame, invoke, answer; one call at a time, all on this thread.</summary>
internal sealed class WorkerLoop
{
    private readonly WorkerChannel _channel;
    private readonly StatusPage _status;
    private readonly Inbox _inbox;
    private readonly FrameBuffer _answer = new();
    private readonly HeldAnswers _held;
    private readonly CallInvoker _invoker;
    private readonly CallCancellation _cancellation = new();
    private readonly ChunkRun _chunk;
    private readonly WorkerFaults? _faults;
    private readonly WorkerProgress _progress;
    private readonly WorkerRegions _regions;
    private WorkerSettings _settings = WorkerSettings.None;
    private MemoryLimit? _memoryLimit;

    internal WorkerLoop(WorkerChannel channel, StatusPage status, WorkerFaults? faults)
    {
        _faults = faults;
        _channel = channel;
        _status = status;
        _held = new HeldAnswers(status, channel);
        _chunk = new ChunkRun(new SharedChunkRoom(status, channel, _held, faults));
        _regions = new WorkerRegions((region, frame) => channel.WriteDescriptor(region.Id, region.Descriptor, frame), frame => channel.Write(frame.Span));
        _progress = new WorkerProgress(channel.Write, _regions, static () => WorkerContext.ProcessCallId);
        _invoker = new CallInvoker(_progress, _chunk, _regions.TakeHandles);
        _inbox = new Inbox(channel, Urgent, WatchCall);
    }

    /// <summary>Runs until the parent says leave; returns the exit code.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal int Run()
    {
        CodecContext.Progress = _progress; // this thread reads all arguments
        AppDomain.CurrentDomain.ProcessExit += (_, _) => AnnounceExit();
        WorkerTracing.SendTo(_channel.Write);
        _inbox.StartWatcher();
        while (true)
        {
            if (_held.Any && !_inbox.HasCall) _held.Write(); // what comes next may be long in coming
            InboundFrame frame = _inbox.Next();
            switch (frame.Header.Kind)
            {
                case FrameKind.Call: Call(frame); break;
                case FrameKind.Define: _invoker.Define((int)frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.DefineTarget: _invoker.DefineTarget(frame.Header.CallId, frame.Payload.Span); break;
                case FrameKind.Region or FrameKind.ForgetRegion or FrameKind.AnswerRead: Urgent(frame); break;
                case FrameKind.ForgetTarget: _invoker.ForgetTarget(frame.Header.CallId); break;
                case FrameKind.Configure when !Configure(frame.Payload): return 1;
                case FrameKind.Configure or FrameKind.Cancel: break; // a cancellation that came after its call had ended
                case FrameKind.IgnoreSource: WorkerTracing.Ignore(frame.Payload.Span); break;
                case FrameKind.Leave: return Leave();
                default: throw new InvalidDataException($"A worker can't read a frame of kind {(byte)frame.Header.Kind}.");
            }
        }
    }

    // What does not wait for the running call to end: on the watcher's thread then.
    private void Urgent(InboundFrame frame)
    {
        FrameHeader header = frame.Header;
        switch (header.Kind)
        {
            case FrameKind.Cancel: _cancellation.Cancel(header.CallId); break;
            case FrameKind.Region:
                bool noneCame = BitConverter.ToInt64(frame.Payload.Span) == WorkerRegions.NoneCame;
                _regions.Given(noneCame ? -1 : _channel.ReceiveDescriptor(header.CallId), header.CallId, frame.Payload.Span);
                break;
            case FrameKind.ForgetRegion: _regions.Forgotten(header.CallId, frame.Payload.Span); break;
            case FrameKind.AnswerRead: _regions.AnswerWasRead(header.CallId, wasTaken: (header.Flags & CallFlags.Lent) == 0); break;
        }
    }

    // The call that runs takes long: on the watcher's thread.
    private void WatchCall()
    {
        _held.Write();
        _status.IsDebugged = DebuggerPresence.IsAttached;
    }

    private bool Configure(ReadOnlyMemory<byte> payload)
    {
        _inbox.CallBegins(); // an initializer may take long, and the parent may end meanwhile
        try
        {
            _settings = WorkerSettings.Read(payload);
            _ = _regions.TakeHandles(); // what the initializer captures lives as long as the process
            (_invoker.Codec, _invoker.Culture) = (_settings.Codec, _settings.Culture);
            _settings.Apply();
            _progress.Codec = _settings.Codec;
            if (_settings.ForwardsLog) UseLogger();
            if (_settings.HasMemoryLimit) _chunk.MemoryLimit = _memoryLimit = new MemoryLimit(_channel);
            _faults?.At(FaultPoint.Initializing);
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
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void UseLogger() => WorkerContext.UseLoggerFactory(new WorkerLoggerFactory(_channel));

    private int Leave()
    {
        _faults?.At(FaultPoint.Leaving);
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
        // Published before it is claimed, until after it is answered: a call that was claimed and is not published has been answered, or its answer is held.
        bool watched = (header.Flags & CallFlags.Watched) != 0;
        if ((header.Flags & CallFlags.Chunk) != 0) _held.Write(); // its results go their own way, and take longer
        _status.IsDebugged = DebuggerPresence.IsAttached;
        long begun = Stopwatch.GetTimestamp();
        _status.Publish(header.CallId, watched ? begun : 0);
        _faults?.At(FaultPoint.Claiming);
        if (!_status.TryStart(header.Slot, header.CallId))
        {
            _status.Publish(0, 0); // taken back meanwhile
            return;
        }

        CancellationToken token = _cancellation.Begin(header.CallId);
        _inbox.CallBegins();
        _regions.Call = header;
        _answer.Clear();
        int start = _answer.BeginFrame();
        bool measured = (header.Flags & CallFlags.Measured) != 0;
        if (measured)
        {
            _answer.Write(Stopwatch.GetTimestamp());
            _answer.Write(0L);
        }

        int empty = _answer.Count;
        FrameKind kind = FrameKind.Result;
        bool failed = false;
        try
        {
            WorkerContext.Enter(header.CallId, token);
            _faults?.At(FaultPoint.ReadingArguments);
            _invoker.Invoke(header, frame.Payload, _answer, token);
        }
        catch (Exception exception)
        {
            _memoryLimit?.Check(exception);
            _answer.Truncate(empty);
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

        long took = Stopwatch.GetTimestamp() - begun;
        _status.BusyTicks += took;
        if (failed || (header.Flags & CallFlags.Chunk) == 0)
        {
            if (measured) _answer.Fill(empty - sizeof(long), Stopwatch.GetTimestamp());
            _answer.Write(AnswerMark.Of(header.CallId));
            _answer.EndFrame(start, kind, header.CallId, header.Slot, _regions.HasLent ? CallFlags.Lent : CallFlags.None);
            // Whoever stops a call that has ended would stop its worker in the middle of the next; what is lent is wanted back; and without a next call there is
            // nothing to write together with.
            bool mayWait = !watched && !_regions.HasLent && _inbox.HasCall;
            if (_faults is null) _held.Add(_answer.Written, took, mayWait);
            else _faults.Answer(_channel, _held, _answer.Written, took, mayWait);
        }
        else
        {
            _chunk.End(_regions.HasLent ? CallFlags.Lent : CallFlags.None);
        }

        _regions.EndCall();
        _status.Publish(0, 0);
        _faults?.At(FaultPoint.Idle);
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
