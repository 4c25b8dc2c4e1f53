using GilSharp.Benchmarks.Locking;
using GilSharp.Benchmarks.Measuring;
using ScottPlot;

namespace GilSharp.Benchmarks.Report;

/// <summary>The pictures of the pool's latency and of the echo.</summary>
internal static class Pictures
{
    /// <summary>Round trips by percentile: how bad the bad ones are, for each contestant.</summary>
    internal static void Latency(string file, IReadOnlyDictionary<string, double[]> latencies)
    {
        using Picture picture = new("Round trip of a tiny call, by percentile", "percentile", "µs");
        // Each step to the right is as far as the one before in decades of what is left above it.
        double[] xs = [.. Percentiles.Asked.Select(percentile => -Math.Log10(1 - (percentile / 100)))];
        foreach ((string name, double[] times) in latencies.OrderByDescending(pair => pair.Value[0]))
            picture.Line(name, xs, times.Select(time => Math.Log10(time)), isThick: name.StartsWith("GilSharp", StringComparison.Ordinal));
        picture.TicksX(Percentiles.Asked.Zip(xs, (percentile, x) => (x, Figures.Text(percentile))));
        picture.LogarithmicY(-1, 5);
        picture.LimitY(-1, 6.5);
        picture.Save(file);
    }

    /// <summary>A request beside threads that compute, under our lock and under CPython's.</summary>
    internal static void Echo(string file, IReadOnlyList<EchoFigure> figures)
    {
        using Picture picture = new("Echo round trip beside threads that compute, a request each ms", "threads that compute", "µs");
        int color = 0;
        foreach (IGrouping<string, EchoFigure> name in figures.Where(figure => figure.Pause > 0).GroupBy(figure => figure.Lock))
        {
            double[] threads = [.. name.Select(figure => (double)figure.CpuThreads)];
            bool ours = name.Key == "GilSharp";
            picture.Line($"{name.Key}, p50", threads, name.Select(figure => Math.Log10(figure.P50)), ours, color: color);
            picture.Line($"{name.Key}, p99", threads, name.Select(figure => Math.Log10(figure.P99)), ours, isDashed: true, color: color++);
        }

        picture.TicksX(figures.Select(figure => figure.CpuThreads).Distinct().Select(threads => ((double)threads, $"{threads}")));
        picture.LogarithmicY(1, 5);
        picture.LimitY(1, 6.8);
        picture.Save(file, Alignment.UpperLeft);
    }
}
