using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>Thrift: idle workers leave, those that hold too much memory are replaced between calls or killed in one.</summary>
internal sealed partial class PoolEngine
{
    private static readonly TimeSpan MemoryWatchPeriod = TimeSpan.FromMilliseconds(25);

    private bool _memoryIsWatched; // guarded by _gate

    /// <summary>A worker has become idle: it is looked at when it may have been so for too long.</summary>
    private void WatchIdleNeedsGate(WorkerConnection worker)
    {
        worker.IdleSince = Stopwatch.GetTimestamp();
        if (Options.IdleTimeout == Timeout.InfiniteTimeSpan || worker.IdleIsWatched) return;
        worker.IdleIsWatched = true;
        Deadlines.Add(Options.IdleTimeout, new IdleWatch(this, worker));
    }

    private void IdleIsDue(WorkerConnection worker, IdleWatch watch)
    {
        lock (_gate)
        {
            if (worker is not { State: WorkerState.Idle, InFlight: 0 } || _workers.Count(static other => other is { State: not WorkerState.Leaving, IsStandby: false }) <= Options.MinWorkers)
            {
                worker.IdleIsWatched = false; // until it is idle again
                return;
            }

            long due = worker.IdleSince + Deadlines.Ticks(Options.IdleTimeout);
            if (Stopwatch.GetTimestamp() < due)
            {
                Deadlines.AddAt(due, watch);
                return;
            }

            LeaveNeedsGate(worker);
        }

        worker.Flush();
    }

    /// <summary>Whether a worker that has answered holds too much. Outside the gate: the system is asked.</summary>
    private bool HoldsTooMuch(WorkerConnection worker) =>
        Options.MaxWorkerMemory is { } most && HostSystem.Current.ResidentMemory(worker.ProcessId, worker.SharesMemory) > most;

    /// <summary>Has a worker leave after the call that it runs; what was sent ahead goes to others.</summary>
    private void ReplaceNeedsGate(WorkerConnection worker)
    {
        List<PendingCall> back = [];
        worker.TakeBackYoungestNeedsGate(int.MaxValue, back);
        foreach (PendingCall call in back) _queue.AddInFront(call);
        LeaveNeedsGate(worker);
    }

    /// <summary>A worker is being started: from now on, while there are any, their memory is looked at.</summary>
    private void WatchMemoryNeedsGate()
    {
        if (Options.WorkerMemoryLimit is null || _memoryIsWatched) return;
        _memoryIsWatched = true;
        Deadlines.Add(MemoryWatchPeriod, new MemoryWatch(this));
    }

    private void LookAtMemory(MemoryWatch watch)
    {
        List<WorkerConnection> busy;
        lock (_gate)
        {
            if (_workers.Count == 0)
            {
                _memoryIsWatched = false;
                return;
            }

            busy = _workers.FindAll(static worker => worker is { IsReady: true, InFlight: > 0, Reason: null, ProcessId: not 0 });
        }

        foreach (WorkerConnection worker in busy)
        {
            if (HostSystem.Current.ResidentMemory(worker.ProcessId, worker.SharesMemory) <= Options.WorkerMemoryLimit) continue;
            lock (_gate)
            {
                if (worker.InFlight == 0 || worker.Reason is not null) continue; // its call has ended at this moment
                worker.Reason = WorkerExitReason.MemoryLimit;
                worker.State = WorkerState.Leaving;
            }

            worker.Kill();
        }

        Deadlines.Add(MemoryWatchPeriod, watch);
    }

    private sealed class IdleWatch(PoolEngine engine, WorkerConnection worker) : IDeadline
    {
        public void Due() => engine.IdleIsDue(worker, this);
    }

    private sealed class MemoryWatch(PoolEngine engine) : IDeadline
    {
        public void Due() => engine.LookAtMemory(this);
    }
}
