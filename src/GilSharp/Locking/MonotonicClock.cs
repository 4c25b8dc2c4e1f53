using System.Diagnostics;

namespace GilSharp.Locking;

/// <summary>The only clock of the lock: ticks of 100 ns that never go back.</summary>
internal static class MonotonicClock
{
    private static readonly double TicksPerTimestamp = (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    /// <summary>Never zero, so that zero can stand for "no time taken".</summary>
    internal static long Now => (long)(Stopwatch.GetTimestamp() * TicksPerTimestamp) | 1;
}
