using System.Diagnostics;

namespace GilSharp.Processes.Engine;

/// <summary>Holds starts back after some have failed, longer and longer, so that a pool never restarts workers in a loop.</summary>
/// <remarks>
/// The first failure costs no time, then 50 ms, 100 ms, 200 ms and so on up to half a minute. A worker that becomes ready makes it forget starts that
/// failed; a worker that ends before it has served a single call counts as a start that failed. Guarded by the engine's gate.
/// </remarks>
internal sealed class StartBackoff
{
    private static readonly long First = Stopwatch.Frequency / 20;
    private static readonly long Longest = 30 * Stopwatch.Frequency;

    private int _fruitless; // lives, not starts: a worker that becomes ready proves nothing about the next
    private long _until;
    private long _last;

    /// <summary>Failures one after the other.</summary>
    internal int InARow { get; private set; }

    /// <summary>All of them, for statistics.</summary>
    internal long Total { get; private set; }

    /// <summary>When the next start may be tried, in ticks of the monotonic clock.</summary>
    internal long Until => _until;

    internal TimeSpan Left => _until == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _until).Ticks));

    internal bool Holds => _until != 0 && Stopwatch.GetTimestamp() < _until;

    internal void Failed()
    {
        long now = Stopwatch.GetTimestamp();
        if (now - _last > 2 * Longest) _fruitless = 0;
        _last = now;
        Total++;
        InARow++;
        _fruitless++;
        _until = _fruitless == 1 ? 0 : now + Math.Min(Longest, First << Math.Min(_fruitless - 2, 16));
    }

    internal void Succeeded() => InARow = 0;

    /// <summary>The next start need not wait.</summary>
    internal void LetGo() => _until = 0;
}
