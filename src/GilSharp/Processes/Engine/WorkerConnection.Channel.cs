using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Faults;
using GilSharp.Processes.Telemetry;
using GilSharp.Serialization;

namespace GilSharp.Processes.Engine;

/// <summary>The channel: one thread that reads what the worker says until it is gone, and writes what a full pipe refused.</summary>
/// <remarks>Who waits for a call reads for that thread, see <see cref="Lead"/>: what one of the two reads, the other doesn't.</remarks>
internal sealed partial class WorkerConnection
{
    private static readonly long YieldTicks = Stopwatch.Frequency / 50_000; // 20 µs

    private readonly FrameReader _reader = new(FrameKinds.ToPool); // of who reads
    private readonly List<Answer> _answers = []; // of who reads; used again and again
    private int _answerCount;        // of who reads
    private readonly ErrorTail _errorTail = new();
    private ChildProcess? _child;    // written inside the gate; read outside to flush and to kill
    private bool _pipeFull;          // of the reader
    private bool _socketFull;        // of the reader: not the pipe, but the socket for descriptors
    private int? _announcedExitCode; // of who reads
    private bool _outOfMemory;       // of who reads

    internal string StandardErrorEnd => _errorTail.Text;

    /// <summary>What it sent that could not be: why it was ended, if it was for that.</summary>
    internal string? Nonsense { get; private set; }

    /// <summary>The process exists: calls that were given to it meanwhile are offered, and its reader starts. On the spawner's thread.</summary>
    internal void AttachNeedsGate(ChildProcess child)
    {
        for (long at = _oldest; at < _next; at++)
            if (_calls[at % StatusPage.Slots] is { } call) child.Status.Offer(call.Slot, call.Id);
        Volatile.Write(ref _child, child);
        ProcessId = child.Id;
    }

    /// <summary>The process is gone, and the page that it shared is about to be: from here on nobody looks at it.</summary>
    internal ChildProcess? DetachNeedsGate()
    {
        ChildProcess? child = _child;
        Volatile.Write(ref _child, null);
        State = WorkerState.Leaving;
        return child;
    }

    /// <summary>Gives back the descriptors and the page of a process that has been detached.</summary>
    internal void EndChannel(ChildProcess? child)
    {
        _outbox.Close();
        child?.Dispose();
    }

    /// <exception cref="SystemLimitException">The system gives no thread.</exception>
    internal void StartReader() => OwnThread.Start(Read, 512 * 1024, $"GilSharp {engine.Options.Name} worker {id}");

    /// <summary>Says what the worker must know before its first call, which may have been given to it already.</summary>
    /// <param name="settings">The frame.</param>
    /// <param name="regions">Shared memory that it names, kept as long as the worker lives.</param>
    internal void Configure(FrameBuffer settings, CallRegions? regions) => _outbox.AddFirst(settings.Written.ToArray(), regions is null ? null : Announce(regions));

    /// <summary>Writes what waits, from any thread, and sees to it that somebody reads the answers; never blocks.</summary>
    internal void Flush()
    {
        Write();
        Watch();
    }

    /// <summary>Writes what waits, where this thread is about to read the answers.</summary>
    internal void Write()
    {
        // What belongs to the process is read from it: a field of ours that is written beside _child might be older than that.
        if (Volatile.Read(ref _child) is not { } child) return;
        _faults?.Invoke(PoolFaultPoint.Sending, this);
        _outbox.Flush(child, whenFull: child);
        _faults?.Invoke(PoolFaultPoint.Sent, this);
    }

    /// <summary>Sends what is no frame, for tests.</summary>
    internal void SendRaw(byte[] bytes) => _outbox.AddRaw(bytes);

    /// <summary>Kills the process; the reader sees its end. If it does not exist yet, it is killed when it does.</summary>
    internal void Kill() => Volatile.Read(ref _child)?.Kill();

    private void Read()
    {
        ChildProcess child = _child!;
        try
        {
            while (Receive(child))
            {
            }
        }
        catch (Exception exception)
        {
            Nonsense = exception.Message; // nothing after it can be trusted
        }

        KeepRole();
        child.Kill();
        DrainOutput(child);
        ExitStatus status = child.Collect();
        CodecContext.Progress = this; // what the worker left may name shared memory
        TakeHeld(child.Status);
        _faults?.Invoke(PoolFaultPoint.Ended, this);
        engine.WorkerIsGone(this, status, _announcedExitCode, Nonsense is not null ? WorkerExitReason.ProtocolError : _outOfMemory ? WorkerExitReason.MemoryLimit : null);
    }

    /// <summary>Waits for what comes next and deals with it; false when the worker is gone.</summary>
    private bool Receive(ChildProcess child)
    {
        bool cut = false;
        if (!_isAside && TryTakeRole())
        {
            cut = _reader.HoldsPart;
            long running = cut ? child.Status.RunningCall : 0;
            bool goesOn = cut && child.Status.WritesHeld;
            PendingCall? unanswered = _isSilent ? FindUnanswered(child.Status) : null;
            int count = ReadYielding(child);
            if (count > 0)
            {
                _faults?.Invoke(PoolFaultPoint.Received, this);
                _reader.Received(count);
                Dispatch();
            }
            else if (count == 0)
            {
                if (cut && !goesOn) ThrowIfCutOff(running);
                if (unanswered is not null) throw new InvalidDataException($"Worker {id} ended call {unanswered.Id} without an answer.");
            }

            GiveUpRole();
            if (count != 0) return count > 0;
        }

        bool aside = StaysAside();
        bool output = engine.Output.HasRoom;
        ChannelEvents room = !_pipeFull ? ChannelEvents.None : _socketFull ? ChannelEvents.DescriptorRoom : ChannelEvents.Room;
        ChannelEvents wanted = (aside ? ChannelEvents.None : ChannelEvents.Answers) | room | (output ? OpenOutputs : ChannelEvents.None);
        int most = !output ? 5 : aside ? (int)engine.Options.LongestAside.TotalMilliseconds : cut ? CutOffTick : InFlight > 0 ? SilenceTick : -1;
        ChannelEvents seen = child.Wait(wanted, most);
        _isSilent = seen == ChannelEvents.None && !aside;

        if ((seen & ChannelEvents.Woken) != 0) _pipeFull = true; // somebody found it full: try now, and then whenever it is writable
        if ((seen & ChannelEvents.Output) != 0) TakeOutput(child, ChildProcess.Output);
        if ((seen & ChannelEvents.Errors) != 0) TakeOutput(child, ChildProcess.Errors);
        if (_pipeFull)
        {
            Outbox.FlushOutcome outcome = _outbox.Flush(child, whenFull: null);
            _socketFull = outcome == Outbox.FlushOutcome.SocketFull;
            _pipeFull = _socketFull || outcome == Outbox.FlushOutcome.PipeFull;
        }

        if ((seen & ChannelEvents.Exited) == 0) return true;
        KeepRole();
        return DrainAnswers(child);
    }

    // While calls are out, asking again for a moment is cheaper than being woken.
    private int ReadYielding(ChildProcess child)
    {
        int count = TryRead(child);
        if (count != 0 || InFlight == 0 || _pipeFull) return count;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < YieldTicks;)
        {
            HostSystem.Yield();
            if ((count = TryRead(child)) != 0) return count;
        }

        return 0;
    }

    private bool DrainAnswers(ChildProcess child)
    {
        int count;
        while ((count = TryRead(child)) > 0)
        {
            _reader.Received(count);
            Dispatch();
        }

        return false;
    }

    /// <summary>Takes the answers that the worker, which is gone, had ready and may not have written.</summary>
    private void TakeHeld(StatusPage status)
    {
        try
        {
            FrameReader reader = new(FrameKinds.ToPool);
            ReadOnlySpan<byte> held = status.HeldByDead;
            held.CopyTo(reader.Room());
            reader.Received(held.Length);
            while (reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
            {
                bool isNew = header.Kind is FrameKind.Result or FrameKind.Error && header.Slot < StatusPage.Slots
                    && Volatile.Read(ref _calls[header.Slot]) is { } call && call.Id == header.CallId && status.HasStarted(header.Slot, call.Id);
                if (isNew) Take(header, payload);
            }
        }
        catch (Exception exception)
        {
            Nonsense ??= exception.Message;
        }

        HandOver();
    }

    /// <summary>Bytes read; 0 if there are none now, -1 if there will be none.</summary>
    private int TryRead(ChildProcess child) => child.ReadAnswers(_reader.Room());

    // What has been answered is accounted for before the tasks end: who then makes the next call finds this worker idle, and it has got more already.
    private void Dispatch()
    {
        IProgressChannel? before = CodecContext.Progress;
        CodecContext.Progress = this; // answers are read on this thread, and may name shared memory
        try
        {
            while (_reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
            {
                switch (header.Kind)
                {
                    case FrameKind.Result when (header.Flags & CallFlags.More) != 0:
                        TakeResults(Find(header), AnswerMark.Strip(payload, header.CallId)); // answers of other calls are not older: only one call runs at a time
                        break;
                    case FrameKind.Result:
                    case FrameKind.Error:
                        Take(header, payload);
                        break;
                    case FrameKind.Progress: Report(header, payload); break;
                    case FrameKind.RegionSent: RegionArrived(_child!, header, payload.Span); break;
                    case FrameKind.RegionForgotten: RegionForgotten(header.CallId); break;
                    case FrameKind.Log: engine.Log(this, header.CallId, payload); break;
                    case FrameKind.Activity: TakeActivity(payload); break;
                    case FrameKind.OutOfMemory: _outOfMemory = true; break;
                    case FrameKind.Ready when IsAwaited: engine.WorkerIsReady(this); break;
                    case FrameKind.StartFailed when IsAwaited: engine.WorkerFailedToStart(this, ExceptionCodec.Read(payload.Span)); break;
                    case FrameKind.Exiting when payload.Length == sizeof(int):
                        _announcedExitCode = BitConverter.ToInt32(payload.Span);
                        engine.WorkerIsExiting(this);
                        break;
                    case FrameKind.ExitHookFailed when State == WorkerState.Leaving: engine.ExitHookFailed(this, ExceptionCodec.Read(payload.Span)); break;
                    default: throw new InvalidDataException($"Worker {id} sent a frame of kind {header.Kind} that makes no sense now.");
                }
            }
        }
        finally
        {
            HandOver(); // also what came before something that is no frame
            CodecContext.Progress = before;
        }

        if (_reader.HoldsPart) PartHasCome();
    }

    private void HandOver()
    {
        if (_answerCount == 0) return;
        engine.Answered(this, _answerCount);
        for (int i = 0; i < _answerCount; i++)
        {
            Answer answer = _answers[i];
            PendingCall call = answer.Call!;
            Exception? error = answer.Header.Kind == FrameKind.Error ? ExceptionCodec.Read(answer.Payload.Span) : null;
            try
            {
                engine.Complete(call, error, answer.Payload, answer.Header.Flags);
            }
            catch (Exception exception)
            {
                call.Fail(exception); // an answer that can't be taken apart is its own call's misfortune
            }

            if (_arrived is not null || (answer.Header.Flags & CallFlags.Lent) != 0) EndRegions(answer.Header);
            answer.Call = null;
        }

        _answerCount = 0;
    }

    // While the call is still the worker's: results that make no sense are the worker's end, and its own call's misfortune.
    private void TakeResults(PendingCall call, ReadOnlyMemory<byte> payload)
    {
        if (call is not ChunkCall chunk) throw new InvalidDataException($"Worker {id} answered call {call.Id} as a chunk, which it is not.");
        if (!_child!.Status.HasStarted(call.Slot, call.Id)) throw new InvalidDataException($"Worker {id} has results of call {call.Id}, which it has not started.");
        chunk.TakeResults(payload);
    }

    private bool IsAwaited => !IsReady && StartFailure is null;

    private PendingCall Find(in FrameHeader header) =>
        IsReady && header.Slot < StatusPage.Slots && Volatile.Read(ref _calls[header.Slot]) is { } call && call.Id == header.CallId
            ? call
            : throw new InvalidDataException($"Worker {id} answered call {header.CallId}, which it does not have.");

    // A report may come from another thread of the worker when its call has ended already: it is late, not wrong.
    private void Report(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PendingCall? call = header.Slot < StatusPage.Slots ? Volatile.Read(ref _calls[header.Slot]) : null;
        int number = BitConverter.ToInt32(payload.Span);
        if (call?.Id != header.CallId || call.Terms?.Reporters is not { } reporters || (uint)number >= (uint)reporters.Count) return;
        ReadOnlyMemory<byte> value = payload[sizeof(int)..].ToArray();
        (call.Terms.Reports ??= new Strand(engine)).Post(() => Tell(reporters[number], value));
    }

    // Not on the reader: a reporter may take long, or make a call and wait for it.
    private void Tell(ProgressReporter reporter, ReadOnlyMemory<byte> value)
    {
        try
        {
            reporter.Report(value, engine.Codec);
        }
        catch (Exception exception)
        {
            engine.ReportFailed(exception);
        }
    }

    private void Take(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PendingCall call = Find(header);
        payload = AnswerMark.Strip(payload, call.Id);
        long at = _places[header.Slot];
        if (at != _answered) CheckOrder(at);
        _answered = at + 1;
        if ((call.Flags & CallFlags.Chunk) != 0 && header.Kind == FrameKind.Result) TakeResults(call, payload);

        // Whoever empties the slot has the call: here, or where it is taken back, should a worker answer what it has not started.
        if (Interlocked.CompareExchange(ref _calls[header.Slot], null, call) != call)
            throw new InvalidDataException($"Worker {id} answered call {header.CallId}, which was taken from it.");
        if ((call.Flags & CallFlags.Measured) != 0 && call.Terms is { } terms)
        {
            terms.StartedAt = BitConverter.ToInt64(payload.Span);
            terms.EndedAt = BitConverter.ToInt64(payload.Span[sizeof(long)..]);
            payload = payload[(2 * sizeof(long))..];
        }

        if (_answerCount == _answers.Count) _answers.Add(new Answer());
        Answer answer = _answers[_answerCount++];
        (answer.Call, answer.Header, answer.Payload) = (call, header, payload);
    }

    private void TakeActivity(ReadOnlyMemory<byte> payload)
    {
        string source;
        string? version;
        try
        {
            if (ActivityRecord.Replay(payload.Span, out source, out version)) return;
        }
        catch (Exception exception) when (exception is not InvalidDataException)
        {
            return; // one that could not be read
        }

        FrameBuffer unwanted = new(256);
        WireText.Write(unwanted, source);
        WireText.Write(unwanted, version);
        _outbox.Add(new FrameHeader(FrameKind.IgnoreSource, length: unwanted.Count), unwanted.Written.ToArray());
        Flush();
    }

    private sealed class Answer
    {
        internal PendingCall? Call;
        internal FrameHeader Header;
        internal ReadOnlyMemory<byte> Payload;
    }
}
