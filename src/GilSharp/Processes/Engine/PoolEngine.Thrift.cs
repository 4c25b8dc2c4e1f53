using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>Thrift: idle workers leave, those that hold too much memory are replaced between calls or killed in one.</summary>
internal sealed partial class PoolEngine
{
    /// <summary>How long a call may run on in a worker that an earlier one left above the limit. Only short ones are sent ahead, into such a worker.</summary>
    private static readonly TimeSpan Mercy = TimeSpan.FromSeconds(1);

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
            int stay = _workers.Count(static other => other is { State: not WorkerState.Leaving, IsStandby: false });
            if (worker is not { State: WorkerState.Idle, InFlight: 0 } || stay <= (Options.LeastWorkers ?? _target))
            {
                worker.IdleIsWatched = false; // until it is idle again
                return;
            }

            if (_allReady is { Task.IsCompleted: false })
            {
                Deadlines.Add(Options.IdleTimeout, watch); // somebody waits until all are ready: it would be replaced
                return;
            }

            long due = worker.IdleSince + Deadlines.Ticks(Options.IdleTimeout);
            if (Stopwatch.GetTimestamp() < due)
            {
                Deadlines.AddAt(due, watch);
                return;
            }

            worker.IsSurplus = true;
            LeaveNeedsGate(worker);
        }

        worker.Flush();
    }

    /// <summary>Whether a worker that has answered holds too much. Outside the gate: the system is asked.</summary>
    private bool HoldsTooMuch(WorkerConnection worker)
    {
        if (Options.MaxWorkerMemory is null && (Options.WorkerMemoryLimit is null || !worker.IsTimeToLook())) return false;
        long held = HostSystem.Current.ResidentMemory(worker.ProcessId, worker.SharesMemory);
        if (!(held > Options.WorkerMemoryLimit)) return held > Options.MaxWorkerMemory;
        worker.OverLimitSince = Stopwatch.GetTimestamp();
        return true;
    }

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
        Deadlines.Add(Options.MemoryWatchPeriod, new MemoryWatch(this));
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
                if (worker.Reason is not null || !worker.IsAtItsOldestNeedsGate()) continue; // a call has ended at this moment: its answer is looked at first
                if (worker.OverLimitSince != 0 && Stopwatch.GetElapsedTime(worker.OverLimitSince) < Mercy) continue; // another call took it, and it leaves
                worker.Reason = WorkerExitReason.MemoryLimit;
                worker.State = WorkerState.Leaving;
            }

            worker.Kill();
        }

        Deadlines.Add(Options.MemoryWatchPeriod, watch);
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
