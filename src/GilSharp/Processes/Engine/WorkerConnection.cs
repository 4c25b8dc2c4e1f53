using System.Diagnostics;
using GilSharp.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Faults;

namespace GilSharp.Processes.Engine;

/// <summary>The parent's side of one worker: which calls it has, and its channel.</summary>
/// <remarks>
/// Calls lie in a ring of slots, the same as on the worker's status page; the oldest is the one that runs.
/// <code>
///   slot    … 17   18   19   20 …
///           done  runs sent sent        18: started     19, 20: sent ahead, can be taken back
///                 ▲              ▲
///             _oldest         _next
/// </code>
/// The engine's gate guards the ring, except that the reader empties the slot of a call that has been answered.
/// </remarks>
internal sealed partial class WorkerConnection(PoolEngine engine, int id, int restarts) : IDeadline
{
    private const int MostSentAhead = 128;

    /// <summary>Calls are sent ahead as long as all that were sent take about this long: enough to hide the way to the worker and back.</summary>
    private static readonly long SentAheadTicks = Stopwatch.Frequency / 5_000; // 200 µs

    private readonly PendingCall?[] _calls = new PendingCall?[StatusPage.Slots];
    private readonly long[] _places = new long[StatusPage.Slots]; // where in the order of all calls the one in a slot stands
    private readonly Outbox _outbox = new();
    private readonly Action<PoolFaultPoint, WorkerConnection>? _faults = engine.Options.Faults?.InPool;
    private PendingCall? _sentenced;           // guarded by the gate: was asked to stop, and may be stopped by force
    private bool[] _known = [];                // by function: it was defined; guarded by the gate
    private HashSet<long>? _targets;           // of maps, that were defined; guarded by the gate
    private long _lookedAt;                    // of who reads: when it was last asked how much memory it holds
    private long _oldest;                      // guarded by the gate
    private long _next;                        // guarded by the gate
    private long _meanTicks;                   // guarded by the gate: how long a call takes; 0: unknown
    private long _busyTicks;                   // guarded by the gate: how long all took, when last looked at

    internal int Id => id;

    /// <summary>How many came before it in its place. Guarded by the gate.</summary>
    internal int Restarts { get; set; } = restarts;

    internal PoolEngine Engine => engine;

    internal WorkerState State { get; set; }

    /// <summary>Calls that were sent and not answered. Guarded by the gate.</summary>
    internal int InFlight { get; private set; }

    internal long Answered { get; private set; }

    /// <summary>Why the pool ends this worker, if it is the pool that does. Guarded by the gate.</summary>
    internal WorkerExitReason? Reason { get; set; }

    internal bool IsReady { get; set; }

    /// <summary>It stands ready to replace another, and gets no calls until then. Guarded by the gate.</summary>
    internal bool IsStandby { get; set; }

    /// <summary>It leaves because nobody needs it: another will not come in its place. Guarded by the gate.</summary>
    internal bool IsSurplus { get; set; }

    /// <summary>When it was found to hold more than it may during a call, as it had answered one; 0: never. Of who reads.</summary>
    internal long OverLimitSince { get; set; }

    /// <summary>Whether it has not been looked at for a millisecond, in which no call takes much. Of who reads.</summary>
    internal bool IsTimeToLook()
    {
        long now = Stopwatch.GetTimestamp();
        if (now - _lookedAt < Stopwatch.Frequency / 1000) return false;
        _lookedAt = now;
        return true;
    }

    /// <summary>When it became idle, if it is. Guarded by the gate, as the next.</summary>
    internal long IdleSince { get; set; }

    internal bool IdleIsWatched { get; set; }

    /// <summary>Its time to leave counts already. Guarded by the gate.</summary>
    internal bool LeavingIsWatched { get; set; }

    /// <summary>Why the worker never became ready, where that is known. Guarded by the gate.</summary>
    internal WorkerStartException? StartFailure { get; set; }

    /// <summary>It never became ready because the system had nothing to give; it may have later. Guarded by the gate.</summary>
    internal bool LacksResources { get; set; }

    /// <summary>Somebody looks at it, or at this process, with a debugger: time does not count.</summary>
    internal bool IsDebugged => DebuggerPresence.IsAttached || (_child is { } child && (child.Status.IsDebugged || HostSystem.Current.IsTraced(ProcessId)));

    /// <summary>The process; 0 before it exists.</summary>
    internal int ProcessId { get; private set; }

    internal long BytesSent => _outbox.TotalWritten + _lentBytes;

    internal long BytesReceived => _reader.TotalReceived + Volatile.Read(ref _borrowedBytes);

    /// <summary>How many calls the worker may have before it has answered one. A starting worker gets one; so does one whose calls are long.</summary>
    internal bool HasRoomNeedsGate
    {
        get
        {
            if (IsStandby || State is WorkerState.Leaving || _sentenced is not null || _calls[_next % StatusPage.Slots] is not null) return false;
            if (engine.Options.MaxCallsPerWorker is { } most && Answered + InFlight >= most) return false;
            if (InFlight == 0) return true;
            return IsReady && _meanTicks > 0 && InFlight < Math.Clamp(SentAheadTicks / _meanTicks, 1, MostSentAhead);
        }
    }

    /// <summary>Puts a call on its way; the frames are written by the next <see cref="Flush"/>.</summary>
    internal void SendNeedsGate(PendingCall call)
    {
        FunctionEntry function = call.Function;
        if (IsNewNeedsGate(function.Number)) _outbox.Add(new FrameHeader(FrameKind.Define, function.Number, length: function.Identity.Length), function.Identity);
        if ((call.Flags & CallFlags.SharedTarget) != 0 && ((ChunkCall)call).Target is { } target && (_targets ??= []).Add(target.Number))
        {
            if (target.Regions is { } captured) ShareNeedsGate(captured);
            _outbox.Add(new FrameHeader(FrameKind.DefineTarget, target.Number, length: target.Definition.Length), target.Definition);
        }

        if (call.Terms?.Regions is { } regions) ShareNeedsGate(regions);
        ushort slot = (ushort)(_next++ % StatusPage.Slots);
        InFlight++;
        call.State = CallState.Sent;
        call.Worker = this;
        call.Slot = slot;
        _places[slot] = _next - 1;
        Volatile.Write(ref _calls[slot], call);
        State = State == WorkerState.Idle ? WorkerState.Busy : State;
        if (_child is { } child) child.Status.Offer(slot, call.Id);
        _outbox.Add(new FrameHeader(FrameKind.Call, call.Id, slot, call.Flags, call.Payload.Length), call.Payload);
    }

    private bool IsNewNeedsGate(int function)
    {
        if (function >= _known.Length)
        {
            bool[] more = new bool[Math.Max(16, 2 * function)];
            _known.CopyTo(more, 0);
            _known = more;
        }

        if (_known[function]) return false;
        return _known[function] = true;
    }

    /// <summary>True if the call had not started, and now won't in this worker.</summary>
    internal bool TryTakeBackNeedsGate(PendingCall call)
    {
        if (_calls[call.Slot] != call) return false;
        if (_child is { } child && !child.Status.TryTakeBack(call.Slot, call.Id)) return false;
        if (Interlocked.CompareExchange(ref _calls[call.Slot], null, call) != call) return false; // it was answered, though it never started
        InFlight--;
        return true;
    }

    /// <summary>Takes back the youngest calls that have not started, at most <paramref name="most"/>, youngest first.</summary>
    internal void TakeBackYoungestNeedsGate(int most, List<PendingCall> into)
    {
        for (long at = _next - 1; most > 0 && at >= _oldest && InFlight > 0; at--)
        {
            if (_calls[at % StatusPage.Slots] is not { } call) continue;
            if (!TryTakeBackNeedsGate(call)) return; // it has started, and so have all older ones
            into.Add(call);
            most--;
        }
    }

    /// <summary>What it has when it is lost, in the order in which it was sent.</summary>
    internal List<(PendingCall Call, bool Started)> TakeAllNeedsGate()
    {
        List<(PendingCall, bool)> all = [];
        for (long at = _oldest; at < _next; at++)
        {
            ref PendingCall? slot = ref _calls[at % StatusPage.Slots];
            if (slot is not { } call) continue;
            slot = null;
            bool started = _child is { } child && child.Status.HasStarted(call.Slot, call.Id);
            if (started && call is ChunkCall chunk) chunk.NoteDeath(_child!.Status);
            all.Add((call, started));
        }

        InFlight = 0;
        return all;
    }

    /// <summary>Accounts for answers that the reader has taken from the ring.</summary>
    internal void AnsweredNeedsGate(int count)
    {
        Answered += count;
        InFlight -= count;
        if (_sentenced is { } sentenced && !HasNeedsGate(sentenced)) _sentenced = null;
        while (_oldest < _next && _calls[_oldest % StatusPage.Slots] is null) _oldest++;
        if (_child is not { } child) return;
        // As the worker measured it: the time between two answers would count how long it waited for a processor, or for a call.
        long busy = child.Status.BusyTicks;
        long ticks = Math.Max(1, (busy - _busyTicks) / count);
        _meanTicks = _meanTicks == 0 || ticks > 4 * _meanTicks ? ticks : ((7 * _meanTicks) + ticks) / 8;
        _busyTicks = busy;
    }

    /// <summary>How many calls wait behind the oldest, chunks of maps not counted.</summary>
    internal int WaitingCallsNeedsGate()
    {
        int waiting = -1;
        for (long at = _oldest; at < _next; at++)
            if (_calls[at % StatusPage.Slots] is { } call && (waiting < 0 || (call.Flags & CallFlags.Chunk) == 0)) waiting++;
        return Math.Max(0, waiting);
    }

    /// <summary>Asks a call to stop; until it has ended the worker has room for nothing.</summary>
    internal void CancelNeedsGate(PendingCall call)
    {
        _sentenced = call;
        _outbox.Add(new FrameHeader(FrameKind.Cancel, call.Id, call.Slot), default);
    }

    /// <summary>Whether a call that was sent has not been answered.</summary>
    internal bool HasNeedsGate(PendingCall call) => _calls[call.Slot] == call;

    /// <summary>True if the worker had been told of the target.</summary>
    internal bool ForgetNeedsGate(SharedTarget target)
    {
        if (_targets?.Remove(target.Number) != true) return false;
        _outbox.Add(new FrameHeader(FrameKind.ForgetTarget, target.Number), default);
        return true;
    }

    internal int ShortenNeedsGate(ChunkCall chunk, bool all) => _child is { } child ? child.Status.Shorten(chunk.Id, all) : -1;

    internal void LeaveNeedsGate()
    {
        State = WorkerState.Leaving;
        _outbox.Add(new FrameHeader(FrameKind.Leave), default);
    }

    /// <summary>When the call that it has started began, if the worker was asked to say so; 0 if it hasn't.</summary>
    internal long StartOf(PendingCall call) =>
        _child is { } child && child.Status.RunningCall == call.Id && child.Status.HasStarted(call.Slot, call.Id) ? child.Status.RunningSince : 0;

    /// <summary>Whether the worker is at that call, by what its page says: nothing that was sent behind it has started then.</summary>
    internal bool IsRunning(PendingCall call) => _child is { } child && child.Status.RunningCall == call.Id;

    /// <summary>Whether it runs the oldest call that it has, all before having been accounted for.</summary>
    internal bool IsAtItsOldestNeedsGate()
    {
        PendingCall? oldest = null;
        int count = 0;
        for (long at = _oldest; at < _next; at++)
        {
            if (_calls[at % StatusPage.Slots] is not { } call) continue;
            oldest ??= call;
            count++;
        }

        return count == InFlight && oldest is not null && IsRunning(oldest);
    }

    public bool IsOver => IsReady;

    /// <summary>The worker has not become ready in time.</summary>
    public void Due() => engine.StartIsDue(this);
}
