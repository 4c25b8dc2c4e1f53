using GilSharp.Processes.Calls;
using GilSharp.Processes.Startup;
using GilSharp.Processes.Telemetry;

namespace GilSharp.Processes.Engine;

/// <summary>Queue, workers and policy of one pool.</summary>
/// <remarks>
/// One gate guards queue, ring and states; it is held for short, and nothing foreign runs under it: tasks are completed, events raised and pipes
/// written after leaving it. The public pool holds the engine, the workers' readers hold the engine, nobody holds the public pool, except handlers
/// of its events that refer to it: when users drop it, its finalizer closes the engine, accepted calls still end and the workers leave.
/// <code>
///              ┌────────── close ──────────┐            terminate, or the last worker left
///   Open ──────┤                           ├─► Closed ──────────────────────────────────► Gone
///              └─► Broken (no worker can   │
///                  be started) ── close ───┘
/// </code>
/// </remarks>
internal sealed partial class PoolEngine : CallEngine
{
    private readonly object _gate = new();
    private readonly CallQueue _queue = new();                    // guarded by _gate
    private readonly List<WorkerConnection> _workers = [];        // guarded by _gate: every one whose process may live
    private readonly Stack<WorkerConnection> _idle = [];          // guarded by _gate: may hold some that are idle no more
    private readonly Lazy<WorkerLaunch> _launch;
    private readonly PoolEvents _events;
    private readonly bool _captures;
    private readonly Strand _exits = new(); // runs the handlers of WorkerExited
    private readonly TaskCompletionSource _workersGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<int> _vacant = []; // guarded by _gate: places of workers that were lost or recycled, with how many each has had
    private bool _anticipated;      // guarded by _gate; read outside to see that all has been done
    private int _target;            // guarded by _gate: how many workers there may be
    private int _lastWorkerId;      // guarded by _gate
    private bool _closed;           // guarded by _gate
    private bool _terminated;       // guarded by _gate
    private Exception? _broken;     // guarded by _gate: why no worker can be started
    private long _completed, _failed, _cancelled, _restarts, _sentByGone, _receivedByGone;

    internal PoolEngine(ProcessPoolOptions options, PoolEvents events, string? workerProgram) : base(options)
    {
        _events = events;
        _target = options.Workers;
        _launch = new Lazy<WorkerLaunch>(() => WorkerLaunch.For(options, workerProgram));
        _captures = options.StandardOutput == WorkerOutput.Capture || options.StandardError == WorkerOutput.Capture;
        Output = new OutputPump(options, events.RaiseOutput);
        LivingPools.Add(this);
    }

    internal OutputPump Output { get; }

    internal PoolEvents Events => _events;

    /// <summary>Throws if no call may be accepted now.</summary>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    /// <exception cref="WorkerStartException">No worker can be started.</exception>
    internal override void ThrowIfNotOpen()
    {
        if (!Volatile.Read(ref _closed) && Volatile.Read(ref _broken) is null) return; // what changes at this moment is seen when the call is accepted
        lock (_gate) ThrowIfNotOpenNeedsGate();
    }

    /// <summary>Accepts a call whose arguments have been written.</summary>
    internal override void Accept(PendingCall call)
    {
        call.Id = NextCallId();
        if (_captures) Output.PoolIsUsed();
        WorkerConnection? toFlush = null;
        bool tend = false;
        WorkerConnection? toStart = null;
        lock (_gate)
        {
            if (call is ChunkCall) ThrowIfEndedNeedsGate();
            else ThrowIfNotOpenNeedsGate();
            TakePlaceNeedsGate(call);
            if (ChooseNeedsGate() is { } worker)
            {
                worker.SendNeedsGate(call);
                toFlush = worker;
            }
            else if (ActiveNeedsGate < _target && PromoteNeedsGate() is { } promoted)
            {
                promoted.SendNeedsGate(call);
                toFlush = promoted;
                tend = true; // another has to stand by now
            }
            else if (ActiveNeedsGate < _target && StartOneNeedsGate() is { } started)
            {
                started.SendNeedsGate(call);
                toStart = started;
            }
            else
            {
                _queue.Add(call);
            }
        }

        if (toStart is not null) Launch(toStart);
        if (call.IsLed) toFlush?.Write();
        else toFlush?.Flush();
        if (tend) Tend();
        if (call.Terms is { } terms) Watch(call, terms);
    }

    /// <summary>A call's answer has been taken from its worker: ends its task. On the worker's reader.</summary>
    internal void Complete(PendingCall call, Exception? error, ReadOnlyMemory<byte> payload, Ipc.CallFlags flags)
    {
        if (call.Terms is { } terms)
        {
            CompleteOnTerms(call, terms, error, payload, flags);
            return;
        }

        call.State = CallState.Ended; // only its reader ends a call without terms while its worker lives
        if (error is null) Succeeded(call, payload, flags);
        else Failed(call, error);
    }

    /// <summary>A worker has answered some calls: it gets more, or becomes idle. On its reader.</summary>
    internal void Answered(WorkerConnection worker, int count)
    {
        bool leave = false;
        bool tooMuch = HoldsTooMuch(worker);
        lock (_gate)
        {
            worker.AnsweredNeedsGate(count);
            if (_backoff.IsInDoubt) _backoff.HasServed(worker.Id);
            leave = worker.State != WorkerState.Leaving && (tooMuch || RecycleIsDueNeedsGate(worker));
            if (leave) ReplaceNeedsGate(worker);
            else FeedNeedsGate(worker);
            if (worker.State == WorkerState.Leaving) WatchLeavingNeedsGate(worker);
        }

        worker.Write(); // who calls this reads the answers, too
        if (leave || _closed) Tend();
        else LetIn();
    }

    /// <summary>Gives a worker what waits: from the queue, else from a worker that has more than it runs.</summary>
    private void FeedNeedsGate(WorkerConnection worker)
    {
        while (worker.HasRoomNeedsGate && _queue.TryTake(out PendingCall call)) worker.SendNeedsGate(call);
        if (worker.InFlight > 0 || worker.State == WorkerState.Leaving || !worker.IsReady || worker.IsStandby) return;
        StealNeedsGate(worker);
        if (worker.InFlight > 0) return;
        worker.State = WorkerState.Idle;
        _idle.Push(worker);
        WatchIdleNeedsGate(worker);
    }

    // One long call must not hold back those that were sent ahead behind it.
    private void StealNeedsGate(WorkerConnection thief)
    {
        WorkerConnection? richest = null;
        foreach (WorkerConnection other in _workers)
            if (other != thief && other.InFlight > (other.IsReady ? 1 : 0) && other.InFlight > (richest?.InFlight ?? 0))
                richest = other;
        if (richest is null) return;

        List<PendingCall> taken = [];
        richest.TakeBackYoungestNeedsGate(Math.Max(1, richest.InFlight / 2), taken);
        for (int i = taken.Count - 1; i >= 0; i--)
        {
            if (thief.HasRoomNeedsGate) thief.SendNeedsGate(taken[i]);
            else _queue.Add(taken[i]);
        }
    }

    /// <summary>The worker that a new call goes to at once, if any: an idle one, one that starts and has none, else one that can hide the way of one more.</summary>
    private WorkerConnection? ChooseNeedsGate()
    {
        if (_queue.Count > 0) return null; // others were first
        if (TakeIdleNeedsGate() is { } idle) return idle;
        foreach (WorkerConnection worker in _workers)
            if (worker is { State: WorkerState.Starting, InFlight: 0 } && worker.HasRoomNeedsGate) return worker;
        if (ActiveNeedsGate < _target) return null;

        WorkerConnection? least = null;
        foreach (WorkerConnection worker in _workers)
            if (worker.HasRoomNeedsGate && (least is null || worker.InFlight < least.InFlight)) least = worker;
        return least;
    }

    private WorkerConnection? TakeIdleNeedsGate()
    {
        while (_idle.TryPop(out WorkerConnection? idle))
            if (idle is { State: WorkerState.Idle, InFlight: 0 }) return idle;
        return null;
    }

    private void ThrowIfNotOpenNeedsGate()
    {
        if (!_terminated) ThrowIfEndedNeedsGate();
        if (_closed) throw new InvalidOperationException($"Pool {Options.Name} is closed: it takes no new calls.");
    }

    private void Succeeded(PendingCall call, ReadOnlyMemory<byte> payload, Ipc.CallFlags flags)
    {
        Interlocked.Increment(ref _completed);
        PoolMeter.Ended(this, call, null);
        if (call.Terms?.Reports is not { } reports)
        {
            call.Succeed(payload, flags);
            return;
        }

        PostEnd(reports, call.Read(payload, flags)); // read here and now: the memory is used again, and what is shared is taken by who reads
    }

    private void Failed(PendingCall call, Exception error)
    {
        Interlocked.Increment(ref _failed);
        PoolMeter.Ended(this, call, error);
        if (call.Terms?.Reports is { } reports)
        {
            (call as ChunkCall)?.TakeUnsentResults(); // here, where what is shared can be taken
            PostEnd(reports, () => call.Fail(error));
        }
        else
        {
            call.Fail(error);
        }
    }

    // A call ends behind what it has reported; the pool is not gone before.
    private void PostEnd(Strand reports, Action end)
    {
        lock (_gate) _posted++;
        reports.Post(() =>
        {
            end();
            bool wasLast;
            lock (_gate) wasLast = --_posted == 0 && _closed;
            if (wasLast) Tend();
        });
    }

    private bool RecycleIsDueNeedsGate(WorkerConnection worker) =>
        Options.MaxCallsPerWorker is { } most && worker.Answered >= most && worker.InFlight == 0;
}
