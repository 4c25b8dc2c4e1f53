using System.Diagnostics;
using HdrHistogram;

namespace GilSharp.Benchmarks.Measuring;

/// <summary>Times of single calls, recorded whole: up to a minute, three digits.</summary>
internal sealed class Percentiles
{
    /// <summary>Those that every contestant answers with, in this order.</summary>
    internal static readonly double[] Asked = [50, 75, 90, 95, 99, 99.5, 99.9];

    private readonly LongHistogram _nanoseconds = new(TimeSpan.FromMinutes(1).Ticks * 100, 3);

    internal void Record(long started) =>
        _nanoseconds.RecordValue(Math.Max(1, (long)Stopwatch.GetElapsedTime(started).TotalNanoseconds));

    /// <summary>In microseconds.</summary>
    internal double[] Microseconds() => [.. Asked.Select(percentile => _nanoseconds.GetValueAtPercentile(percentile) / 1e3)];
}
