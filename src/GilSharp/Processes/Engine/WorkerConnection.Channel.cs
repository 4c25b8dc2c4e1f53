using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Serialization;

namespace GilSharp.Processes.Engine;

/// <summary>The channel: one thread that reads what the worker says until it is gone, and writes what a full pipe refused.</summary>
/// <remarks>Who waits for a call reads for that thread, see <see cref="Lead"/>: what one of the two reads, the other doesn't.</remarks>
internal sealed partial class WorkerConnection
{
    private static readonly long YieldTicks = Stopwatch.Frequency / 50_000; // 20 µs

    private readonly FrameReader _reader = new(); // of who reads
    private readonly List<Answer> _answers = []; // of who reads; used again and again
    private int _answerCount;        // of who reads
    private readonly ErrorTail _errorTail = new();
    private ChildProcess? _child;
    private bool _pipeFull;          // of the reader
    private int? _announcedExitCode; // of who reads
    private bool _garbage;           // of who reads: what came was no frame

    internal string StandardErrorEnd => _errorTail.Text;

    /// <summary>The process exists: calls that were given to it meanwhile are offered, and its reader starts. On the spawner's thread.</summary>
    internal void AttachNeedsGate(ChildProcess child)
    {
        for (long at = _oldest; at < _next; at++)
            if (_calls[at % StatusPage.Slots] is { } call) child.Status.Offer(call.Slot, call.Id);
        _child = child;
        ProcessId = child.Id;
    }

    /// <summary>The process is gone, and the page that it shared is about to be: from here on nobody looks at it.</summary>
    internal void DetachNeedsGate()
    {
        _child = null;
        State = WorkerState.Leaving;
    }

    internal void StartReader() =>
        new Thread(Read, maxStackSize: 512 * 1024) { IsBackground = true, Name = $"GilSharp {engine.Options.Name} worker {id}" }.UnsafeStart();

    /// <summary>Says what the worker must know before its first call, which may have been given to it already.</summary>
    internal void Configure(FrameBuffer settings) => _outbox.AddFirst(settings.Written.ToArray());

    /// <summary>Writes what waits, from any thread, and sees to it that somebody reads the answers; never blocks.</summary>
    internal void Flush()
    {
        Write();
        Watch();
    }

    /// <summary>Writes what waits, where this thread is about to read the answers.</summary>
    internal void Write()
    {
        if (_child is { } child) _outbox.Flush(child, whenFull: child);
    }

    /// <summary>Kills the process; the reader sees its end. If it does not exist yet, it is killed when it does.</summary>
    internal void Kill() => _child?.Kill();

    private void Read()
    {
        ChildProcess child = _child!;
        try
        {
            while (Receive(child))
            {
            }
        }
        catch (Exception)
        {
            _garbage = true; // what isn't a frame: nothing after it can be trusted
        }

        KeepRole();
        child.Kill();
        DrainOutput(child);
        ExitStatus status = child.Collect();
        _outbox.Close();
        engine.WorkerIsGone(this, status, _announcedExitCode, _garbage ? WorkerExitReason.ProtocolError : null);
        child.Dispose();
    }

    /// <summary>Waits for what comes next and deals with it; false when the worker is gone.</summary>
    private bool Receive(ChildProcess child)
    {
        if (!_isAside && TryTakeRole())
        {
            int count = ReadYielding(child);
            if (count > 0)
            {
                _reader.Received(count);
                Dispatch();
            }

            GiveUpRole();
            if (count != 0) return count > 0;
        }

        bool aside = StaysAside();
        bool output = engine.Output.HasRoom;
        ChannelEvents wanted = (aside ? ChannelEvents.None : ChannelEvents.Answers) | (_pipeFull ? ChannelEvents.Room : ChannelEvents.None) | (output ? OpenOutputs : ChannelEvents.None);
        ChannelEvents seen = child.Wait(wanted, (output, aside) switch { (false, _) => 5, (_, true) => (int)engine.Options.LongestAside.TotalMilliseconds, _ => -1 });

        if ((seen & ChannelEvents.Woken) != 0) _pipeFull = true; // somebody found it full: try now, and then whenever it is writable
        if ((seen & ChannelEvents.Output) != 0) TakeOutput(child, ChildProcess.Output);
        if ((seen & ChannelEvents.Errors) != 0) TakeOutput(child, ChildProcess.Errors);
        if (_pipeFull) _pipeFull = _outbox.Flush(child, whenFull: null) == Outbox.FlushOutcome.PipeFull;
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

    /// <summary>Bytes read; 0 if there are none now, -1 if there will be none.</summary>
    private int TryRead(ChildProcess child) => child.ReadAnswers(_reader.Room());

    // What has been answered is accounted for before the tasks end: who then makes the next call finds this worker idle, and it has got more already.
    private void Dispatch()
    {
        try
        {
            while (_reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
            {
                switch (header.Kind)
                {
                    case FrameKind.Result when (header.Flags & CallFlags.More) != 0:
                        TakePart(header, payload);
                        break;
                    case FrameKind.Result:
                    case FrameKind.Error:
                        Take(header, payload);
                        break;
                    case FrameKind.Progress: Report(header, payload); break;
                    case FrameKind.Log: engine.Log(this, header.CallId, payload); break;
                    case FrameKind.Ready: engine.WorkerIsReady(this); break;
                    case FrameKind.StartFailed: engine.WorkerFailedToStart(this, ExceptionCodec.Read(payload.Span)); break;
                    case FrameKind.Exiting: _announcedExitCode = BitConverter.ToInt32(payload.Span); break;
                    case FrameKind.ExitHookFailed: engine.ExitHookFailed(this, ExceptionCodec.Read(payload.Span)); break;
                    default: throw new InvalidDataException($"A worker sent a frame of kind {(byte)header.Kind}.");
                }
            }
        }
        finally
        {
            HandOver(); // also what came before something that is no frame
        }
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

            answer.Call = null;
        }

        _answerCount = 0;
    }

    // Answers that came before, of other calls, are not older than this one's first results: only one call runs at a time.
    private void TakePart(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (Find(header) is not ChunkCall chunk) throw new InvalidDataException($"Worker {id} answered call {header.CallId} as a chunk, which it is not.");
        chunk.TakeResults(payload);
    }

    private PendingCall Find(in FrameHeader header) =>
        header.Slot < StatusPage.Slots && Volatile.Read(ref _calls[header.Slot]) is { } call && call.Id == header.CallId
            ? call
            : throw new InvalidDataException($"Worker {id} answered call {header.CallId}, which it does not have.");

    // A report may come from another thread of the worker when its call has ended already: it is late, not wrong.
    private void Report(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PendingCall? call = header.Slot < StatusPage.Slots ? Volatile.Read(ref _calls[header.Slot]) : null;
        int number = BitConverter.ToInt32(payload.Span);
        if (call?.Id != header.CallId || call.Terms?.Reporters is not { } reporters || (uint)number >= (uint)reporters.Count) return;
        try
        {
            reporters[number].Report(payload[sizeof(int)..], engine.Codec);
        }
        catch (Exception exception)
        {
            engine.ReportFailed(exception);
        }
    }

    private void Take(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PendingCall call = Find(header);
        Volatile.Write(ref _calls[header.Slot], null);
        if (_answerCount == _answers.Count) _answers.Add(new Answer());
        Answer answer = _answers[_answerCount++];
        (answer.Call, answer.Header, answer.Payload) = (call, header, payload);
    }

    private sealed class Answer
    {
        internal PendingCall? Call;
        internal FrameHeader Header;
        internal ReadOnlyMemory<byte> Payload;
    }
}
