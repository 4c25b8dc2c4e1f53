using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>The system has no descriptors, processes or threads for another worker: that passes, unlike an initializer that throws.</summary>
internal sealed partial class PoolEngine
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(5);

    private TimeSpan _startPause;   // guarded by _gate: zero while starts succeed
    private bool _pauseIsWatched;   // guarded by _gate

    /// <summary>
    /// With other workers the calls wait for those, and a start is tried again after a pause, twice as long each time. Without, what waits fails now,
    /// with the cause, and the next call tries again: a call costs at most one attempt, and nothing is tried when nobody calls.
    /// </summary>
    private void LackResourcesNeedsGate(WorkerStartException failure, List<(PendingCall Call, Exception Error)> failed)
    {
        if (_workers.TrueForAll(static worker => worker.State == WorkerState.Leaving))
        {
            _startsFail = false;
            DrainNeedsGate(failed, failure);
            return;
        }

        _startsFail = true;
        if (_pauseIsWatched) return;
        _pauseIsWatched = true;
        _startPause = _startPause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(Math.Min(2 * _startPause.Ticks, LongestPause.Ticks));
        Deadlines.Add(_startPause, new StartPause(this));
    }

    private void PauseIsOver()
    {
        lock (_gate)
        {
            _pauseIsWatched = false;
            _startsFail = false;
        }

        Tend();
    }

    private sealed class StartPause(PoolEngine engine) : IDeadline
    {
        public void Due() => engine.PauseIsOver();
    }
}
