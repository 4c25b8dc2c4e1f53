using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;
using GilSharp.Samples.Countdown;

namespace GilSharp.Benchmarks.Locking;

/// <summary>What threads that compute lose to the lock, and how evenly they share it.</summary>
internal static class FairnessRows
{
    private const string Topic = "GlobalInterpreterLock";
    private const int StepsBetweenCheckpoints = 10_000; // as in the sample

    /// <param name="steps">How far each countdown counts.</param>
    /// <param name="rounds">How often; one thread and two take turns.</param>
    /// <param name="milliseconds">How long four threads share the lock.</param>
    internal static List<Row> Rows(long steps, int rounds, int milliseconds)
    {
        double[] ratios = [.. Enumerable.Range(0, rounds).Select(_ => Alone(steps) / Together(steps))];
        Spread speedUp = Spread.Of(ratios);
        Spread shares = Spread.Of([.. ShareBenchmark.Shares(4, milliseconds).Select(share => 100 * share)]);
        double off = Math.Max(shares.Most - 25, 25 - shares.Least);
        return
        [
            new Row
            {
                Id = "gil-countdown", Topic = Topic, What = "countdown, 2 threads under the GIL against 1", Unit = "×", MoreIsBetter = true, Ours = speedUp,
                Limits = new Dictionary<string, Spread> { ["one thread"] = Spread.Single(1) },
                Target = new Target("0.95–1.05", speedUp.Median, 0.95, AtLeast: true), Cost = 1 / speedUp.Median,
            },
            new Row
            {
                Id = "gil-share", Topic = Topic, What = "share of 4 CPU-bound threads, least and most", Unit = "%", Ours = shares,
                Besides = $"{Figures.Text(shares.Least)} to {Figures.Text(shares.Most)} %",
                Target = new Target("within 2 points of 25 %", off, 2, AtLeast: false),
            },
        ];
    }

    private static double Alone(long steps)
    {
        long start = Stopwatch.GetTimestamp();
        Loop.Countdown(steps);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Together(long steps)
    {
        using GlobalInterpreterLock gil = new();
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            using (gil.EnterScope())
            {
                for (long left = steps / 2; left > 0; left -= StepsBetweenCheckpoints)
                {
                    Loop.Countdown(StepsBetweenCheckpoints);
                    gil.Checkpoint();
                }
            }
        }))];
        long start = Stopwatch.GetTimestamp();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
