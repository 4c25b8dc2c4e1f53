using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>The system has no descriptors, processes or threads for another worker: that passes, unlike an initializer that throws.</summary>
internal sealed partial class PoolEngine
{
    /// <summary>
    /// With other workers the calls wait for those, and a start is tried again when <see cref="StartBackoff"/> lets it. Without, what waits fails now, with
    /// the cause, and the next call tries again: a call costs at most one attempt, and nothing is tried when nobody calls.
    /// </summary>
    private void LackResourcesNeedsGate(WorkerStartException failure, List<(PendingCall Call, Exception Error)> failed)
    {
        if (!_workers.TrueForAll(static worker => worker.State == WorkerState.Leaving)) return;
        _backoff.LetGo();
        DrainNeedsGate(failed, failure);
    }
}
