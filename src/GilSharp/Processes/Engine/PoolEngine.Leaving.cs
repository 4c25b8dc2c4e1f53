namespace GilSharp.Processes.Engine;

/// <summary>Workers on their way out: they get no more calls, and a bounded time.</summary>
internal sealed partial class PoolEngine
{
    private bool _startIsAwaited; // guarded by _gate: a deadline will look whether a start that was held back may be tried

    private void LeaveNeedsGate(WorkerConnection worker)
    {
        worker.LeaveNeedsGate();
        WatchLeavingNeedsGate(worker);
    }

    /// <summary>Once a worker that is to leave has nothing else to do, its time counts.</summary>
    private void WatchLeavingNeedsGate(WorkerConnection worker)
    {
        if (worker is not { State: WorkerState.Leaving, InFlight: 0, IsReady: true, LeavingIsWatched: false }) return;
        worker.LeavingIsWatched = true;
        if (Options.WorkerExitingTimeout != Timeout.InfiniteTimeSpan) Deadlines.Add(Options.WorkerExitingTimeout, new LeaveWatch(this, worker));
    }

    private void LeavingIsDue(WorkerConnection worker, LeaveWatch watch)
    {
        lock (_gate)
        {
            if (!_workers.Contains(worker)) return;
            if (worker.IsDebugged)
            {
                Deadlines.Add(Options.WorkerExitingTimeout, watch);
                return;
            }

            worker.Reason = WorkerExitReason.ExitTimeout;
        }

        Say(logger => PoolLog.ExitTookTooLong(logger, Options.Name, worker.Id, Options.WorkerExitingTimeout)); // before what comes of it
        worker.Kill();
    }

    /// <summary>Code in the worker has called for the end of its process: it starts nothing more. On its reader.</summary>
    internal void WorkerIsExiting(WorkerConnection worker)
    {
        lock (_gate)
        {
            if (worker.State == WorkerState.Leaving || !worker.IsReady) return; // as it should
            worker.Reason = WorkerExitReason.Exited;
            List<Calls.PendingCall> back = [];
            worker.TakeBackYoungestNeedsGate(int.MaxValue, back);
            foreach (Calls.PendingCall call in back) _queue.AddInFront(call);
            worker.State = WorkerState.Leaving;
            worker.LeavingIsWatched = true;
            if (Options.WorkerExitingTimeout != Timeout.InfiniteTimeSpan) Deadlines.Add(Options.WorkerExitingTimeout, new LeaveWatch(this, worker));
        }

        Tend();
    }

    /// <summary>True if no start may be tried now; then there will be one when it may.</summary>
    private bool HeldBackNeedsGate()
    {
        if (!_backoff.Holds) return false;
        if (_startIsAwaited) return true;
        _startIsAwaited = true;
        Deadlines.AddAt(_backoff.Until, new StartWatch(this));
        return true;
    }

    private void StartMayBeTried()
    {
        lock (_gate) _startIsAwaited = false;
        Tend();
    }

    private sealed class LeaveWatch(PoolEngine engine, WorkerConnection worker) : IDeadline
    {
        public void Due() => engine.LeavingIsDue(worker, this);
    }

    private sealed class StartWatch(PoolEngine engine) : IDeadline
    {
        public void Due() => new Strand().Post(engine.StartMayBeTried); // what a worker is told at its start may be foreign code to write
    }
}
