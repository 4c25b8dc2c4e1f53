using GilSharp.Processes.Calls;
using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Engine;

/// <summary>The end of a pool, what it counts, and what it logs.</summary>
internal sealed partial class PoolEngine
{
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromSeconds(1);

    private readonly Strand _log = new();
    private bool _hasSaid;       // guarded by _gate: something was posted there
    private bool _goneIsWatched; // guarded by _gate

    /// <summary>
    /// Ends when every worker process is gone and everything they printed has been delivered; after <see cref="Terminate"/> at most
    /// <see cref="LongestDelivery"/> later, if it can't be delivered.
    /// </summary>
    internal override Task Gone => _gone.Task;

    internal override bool CallerIsReporter => base.CallerIsReporter || Strand.IsOf(this);

    // Who handles output, or is told progress, does not wait for the end of its own handling.
    internal override Task GoneAsSeenByCaller
    {
        get
        {
            Output.PoolIsUsed();
            if (!CallerIsReporter) return Output.IsHandler ? _workersGone.Task : _gone.Task;
            lock (_gate) return MapsAreOpenNeedsGate ? Task.CompletedTask : _workersGone.Task; // its own map, which can't end before it returns
        }
    }

    internal override bool IsClosed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    internal override void Close()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }

        Tend();
    }

    internal override void Terminate()
    {
        List<WorkerConnection> workers;
        List<PendingCall> waiting = [];
        lock (_gate)
        {
            _closed = _terminated = true;
            _allReady?.TrySetException(new ProcessPoolTerminatedException($"Pool {Options.Name} was terminated before its workers were ready."));
            workers = [.. _workers];
            foreach (WorkerConnection worker in workers)
            {
                worker.Reason ??= WorkerExitReason.Terminated;
                worker.State = WorkerState.Leaving;
            }

            while (_queue.TryTake(out PendingCall call))
            {
                call.State = CallState.Ended;
                waiting.Add(call);
            }
        }

        foreach (WorkerConnection worker in workers) worker.Kill();
        foreach (PendingCall call in waiting)
            EndLost(call, new ProcessPoolTerminatedException($"Pool {Options.Name} was terminated before the call had started."));
        Tend();
    }

    internal void Resize(int workers)
    {
        List<WorkerConnection> leaving = [];
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            _target = workers;
            int surplus = _workers.Count(static worker => worker is { State: not WorkerState.Leaving, IsStandby: false }) - workers;
            foreach (WorkerConnection worker in _workers.Where(static worker => worker is { State: not WorkerState.Leaving, IsStandby: false }).OrderBy(static worker => worker.InFlight))
            {
                if (surplus-- <= 0) break;
                worker.IsSurplus = true;
                ReplaceNeedsGate(worker);
                leaving.Add(worker);
            }

            while (_vacant.Count > Math.Max(0, workers - ActiveNeedsGate)) _vacant.Pop();
        }

        foreach (WorkerConnection worker in leaving) worker.Flush();
        Tend();
    }

    internal IReadOnlyList<WorkerInfo> Workers()
    {
        lock (_gate)
            return [.. _workers.Select(static worker => new WorkerInfo(worker.Id, worker.ProcessId, worker.State, worker.Answered, worker.Restarts))];
    }

    internal ProcessPoolStatistics Statistics()
    {
        lock (_gate)
        {
            int inFlight = _workers.Sum(static worker => worker.InFlight);
            int running = _workers.Count(static worker => worker.IsReady && worker.InFlight > 0);
            return new ProcessPoolStatistics
            {
                Workers = _workers.Count,
                Idle = _workers.Count(static worker => worker.State == WorkerState.Idle),
                Queued = _queue.Count + inFlight - running,
                Running = running,
                Completed = Interlocked.Read(ref _completed),
                Failed = Interlocked.Read(ref _failed),
                Cancelled = Interlocked.Read(ref _cancelled),
                Restarts = _restarts,
                FailedStarts = _backoff.Total,
                StartBackoff = _backoff.Left,
                BytesSent = _sentByGone + _workers.Sum(static worker => worker.BytesSent),
                BytesReceived = _receivedByGone + _workers.Sum(static worker => worker.BytesReceived),
            };
        }
    }

    /// <summary>As there, where a logger that takes long holds nobody up: neither the deadlines of all pools nor the end of a worker. It is logged before the pool is gone.</summary>
    internal override void Say(Action<ILogger> say)
    {
        lock (_gate) _hasSaid = true;
        _log.Post(() => base.Say(say));
    }

    private void OutputIsDelivered()
    {
        bool said;
        lock (_gate) said = _hasSaid;
        if (said) _log.Post(() => _gone.TrySetResult());
        else _gone.TrySetResult();
    }

    // A terminal that nobody reads, a handler or a logger that never returns: nothing foreign is waited for without a limit once the pool was terminated.
    private sealed class GoneWatch(PoolEngine engine) : IDeadline
    {
        public void Due() => engine._gone.TrySetResult();
    }
}
