using System.Diagnostics.CodeAnalysis;

namespace GilSharp.Processes.Engine;

/// <summary>Standby: workers beyond the pool's number that are started and warmed up, so that a lost one costs no start.</summary>
internal sealed partial class PoolEngine
{
    private int _standby; // guarded by _gate: workers that stand by, ready or not

    private int ActiveNeedsGate => _workers.Count - _standby;

    /// <summary>A worker that stood by takes part from now on.</summary>
    private WorkerConnection? PromoteNeedsGate()
    {
        if (_standby == 0) return null;
        WorkerConnection? ready = _workers.Find(static worker => worker is { IsStandby: true, IsReady: true, State: WorkerState.Idle });
        if (ready is null) return null;
        ready.IsStandby = false;
        ready.Restarts = TakeVacancyNeedsGate();
        if (ready.Restarts > 0) _restarts++;
        _standby--;
        return ready;
    }

    /// <summary>Starts what is missing; the caller launches them.</summary>
    private void StartStandbyNeedsGate([NotNullIfNotNull(nameof(started))] ref List<WorkerConnection>? started)
    {
        while (_standby < Options.StandbyWorkers && StartOneNeedsGate(standby: true) is { } worker) (started ??= []).Add(worker);
    }
}
