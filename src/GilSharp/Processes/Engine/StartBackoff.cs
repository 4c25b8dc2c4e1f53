using System.Diagnostics;

namespace GilSharp.Processes.Engine;

/// <summary>Holds starts back after some have failed, longer and longer, so that a pool never restarts workers in a loop.</summary>
/// <remarks>
/// The first failure costs no time, then 50 ms, 100 ms, 200 ms and so on up to half a minute. A worker that ends before it has served a single call counts
/// as a start that failed. All is forgotten when a worker that was started after the last failure has served one. Guarded by the engine's gate.
/// </remarks>
internal sealed class StartBackoff
{
    private static readonly long First = Stopwatch.Frequency / 20;
    private static readonly long Longest = 30 * Stopwatch.Frequency;

    private int _fruitless;  // one after the other, whether it became ready or not
    private int _lastFailed; // the worker's id; those that were started later have larger ones
    private long _until;
    private long _last;

    /// <summary>There were failures, and no proof yet that starts are good for something again.</summary>
    internal bool IsInDoubt => _fruitless > 0;

    /// <summary>Starts that failed one after the other, without a worker that became ready.</summary>
    internal int InARow { get; private set; }

    /// <summary>All of them, for statistics.</summary>
    internal long Total { get; private set; }

    /// <summary>When the next start may be tried, in ticks of the monotonic clock.</summary>
    internal long Until => _until;

    internal TimeSpan Left => _until == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _until).Ticks));

    internal bool Holds => _until != 0 && Stopwatch.GetTimestamp() < _until;

    internal void Failed(int worker)
    {
        _lastFailed = Math.Max(_lastFailed, worker);
        long now = Stopwatch.GetTimestamp();
        if (now - _last > 2 * Longest) _fruitless = 0;
        _last = now;
        Total++;
        InARow++;
        _fruitless++;
        _until = _fruitless == 1 ? 0 : now + Math.Min(Longest, First << Math.Min(_fruitless - 2, 16));
    }

    internal void BecameReady() => InARow = 0;

    internal void HasServed(int worker)
    {
        if (worker > _lastFailed) (_fruitless, _until) = (0, 0);
    }

    /// <summary>The next start need not wait.</summary>
    internal void LetGo() => _until = 0;
}
