using System.Diagnostics;
using System.Globalization;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Processes;

/// <summary>How long and how often the pool is measured.</summary>
/// <param name="Rounds">How often each contestant has its turn.</param>
/// <param name="Seconds">How long a turn takes, where it has no end of its own.</param>
/// <param name="LargeArray">Bytes of the array that is sent.</param>
/// <param name="Countdowns">Steps of the countdown, for each length of work that is tried.</param>
internal sealed record PoolEffort(int Rounds, double Seconds, int LargeArray, IReadOnlyList<long> Countdowns);

/// <summary>The rows about the pool: GilSharp, each peer that is here and the kernel's floor take turns at the same questions.</summary>
internal sealed class PoolRows(PoolEffort effort, IReadOnlyList<IContestant> peers, IReadOnlyList<IContestant> floor)
{
    private const string Topic = "ProcessPool";

    /// <summary>Percentiles of a round trip, by contestant, for the picture.</summary>
    internal Dictionary<string, double[]> Latencies { get; } = new(StringComparer.Ordinal);

    internal List<Row> Rows(Action<string> says)
    {
        using OurPool ours = new();
        using PipeFloor pipe = new();
        IContestant[] all = [ours, .. peers, pipe, .. floor];
        string seconds = effort.Seconds.ToString(CultureInfo.InvariantCulture);

        Dictionary<string, List<double[]>> latency = Contest.Ask(effort.Rounds, all, $"latency {seconds}");
        foreach ((string name, List<double[]> rounds) in latency)
            Latencies[name] = [.. Percentiles.Asked.Select((_, percentile) => rounds.Of(percentile).Median)];
        Dictionary<string, List<double[]>> awaited = Contest.Ask(effort.Rounds, [ours, pipe], $"awaited {seconds}");
        Latencies["GilSharp, awaited"] = [.. Percentiles.Asked.Select((_, percentile) => awaited[ours.Name].Of(percentile).Median)];
        says("round trips measured");
        double floorTime = latency[pipe.Name].Of().Median;
        List<Row> rows = [.. CountdownRows(), Latency("apply-latency", "`Apply` of a tiny function, round trip p50", latency, latency, floorTime, 8),
            Latency("await-latency", "`await ApplyAsync`, round trip p50", awaited, latency, floorTime, 12)];
        says("countdown measured");
        rows.Add(Rate("apply-rate", "`ApplyAsync`, calls/s, 2 workers", Contest.Ask(effort.Rounds, all, $"rate {seconds}"), floorTime, 1e6));
        rows.Add(Rate("stream-rate", "`MapStreamAsync`, chunk 1, items/s", Contest.Ask(effort.Rounds, [ours, .. peers], $"stream {seconds}"), floorTime, 4e5));
        rows.Add(Rate("map-rate", "`MapAsync` of tiny work over ints, items/s", Contest.Ask(effort.Rounds, [ours, .. peers], $"map {seconds}"), floorTime, 1e7));
        says("rates measured");
        rows.Add(LargeArray(Contest.Ask(effort.Rounds, [ours, .. peers], $"send {effort.LargeArray}")));
        rows.Add(SharedArray(Contest.Ask(effort.Rounds, [ours], $"share {effort.LargeArray}"), latency[ours.Name].Of()));
        says("large arrays measured");
        rows.AddRange(Starts.Rows(effort.Rounds, [ours, .. peers]));
        says("starts measured");
        return rows;
    }

    private IEnumerable<Row> CountdownRows()
    {
        foreach (long steps in effort.Countdowns)
        {
            List<double[]> rounds = [.. Enumerable.Range(0, effort.Rounds).Select(_ => OurPool.Countdown(steps))];
            Spread speedUp = rounds.Of();
            double alone = rounds.Of(1).Median;
            bool isLong = alone > 3.5;
            yield return new Row
            {
                Id = alone < 1.5 ? "countdown-short" : isLong ? "countdown-long" : "countdown", Topic = Topic, Unit = "×", MoreIsBetter = true, Ours = speedUp,
                What = string.Create(CultureInfo.InvariantCulture, $"countdown, 2 workers against 1 thread, {alone:F1} s of work, `new` to the end of `Join`"),
                Others = isLong ? [] : Others(PythonCountdown()),
                Limits = new Dictionary<string, Spread> { ["2 processors"] = Spread.Single(2) },
                Target = alone < 1.5 ? null : isLong ? new Target("≥ 1.9", speedUp.Median, 1.9, AtLeast: true) : new Target("≥ 1.85 at 2 s", speedUp.Median, 1.85, AtLeast: true),
                Cost = isLong ? null : 1 / speedUp.Median,
            };
        }
    }

    // Python's own countdown, as long as it takes: some 2 s.
    private Dictionary<string, List<double[]>> PythonCountdown() =>
        Contest.Ask(1, [.. peers.Where(peer => peer.Name.StartsWith("mp.", StringComparison.Ordinal))], "countdown 50000000");

    private Row Latency(string id, string what, Dictionary<string, List<double[]>> ours, Dictionary<string, List<double[]>> others, double floorTime, double bound)
    {
        List<double[]> rounds = ours[OurPool.Title];
        Spread p50 = rounds.Of();
        return new Row
        {
            Id = id, Topic = Topic, What = what, Unit = "µs", Ours = p50, Besides = $"p99 {Figures.Text(rounds.Of(Array.IndexOf(Percentiles.Asked, 99)))} µs",
            Others = Others(others), Limits = Limits(others), Target = new Target($"≤ {bound} µs", p50.Median, bound, AtLeast: false), Cost = p50.Median / floorTime,
        };
    }

    private Row Rate(string id, string what, Dictionary<string, List<double[]>> answers, double floorTime, double bound)
    {
        Spread ours = answers[OurPool.Title].Of();
        return new Row
        {
            Id = id, Topic = Topic, What = what, Unit = "", MoreIsBetter = true, Ours = ours, Others = Others(answers), Limits = Limits(answers),
            Target = new Target($"≥ {Figures.Text(bound)}", ours.Median, bound, AtLeast: true), Cost = 1e6 / ours.Median / floorTime,
        };
    }

    private Row LargeArray(Dictionary<string, List<double[]>> answers)
    {
        Spread ours = answers[OurPool.Title].Of(), first = answers[OurPool.Title].Of(1);
        Spread memory = Spread.Of([.. Enumerable.Range(0, 3).Select(_ => CopyRate(effort.LargeArray))]);
        return new Row
        {
            Id = "large-array", Topic = Topic, What = $"{effort.LargeArray >> 20} MiB array to a worker, median of three", Unit = "GB/s", MoreIsBetter = true, Ours = ours,
            Besides = $"the first {Figures.Text(first)} GB/s",
            Others = Others(answers), Limits = new Dictionary<string, Spread> { ["memcpy, warm"] = memory },
            Target = new Target("≥ 3 GB/s copied", ours.Median, 3, AtLeast: true), Cost = memory.Median / ours.Median,
        };
    }

    private Row SharedArray(Dictionary<string, List<double[]>> answers, Spread tinyCall)
    {
        Spread ours = answers[OurPool.Title].Of();
        return new Row
        {
            Id = "shared-array", Topic = Topic, What = $"{effort.LargeArray >> 20} MiB `SharedArray` to a worker, p50", Unit = "µs", Ours = ours,
            Limits = new Dictionary<string, Spread> { ["a tiny call"] = tinyCall },
            Target = new Target("as fast as a tiny call (≤ 1.25 ×)", ours.Median / tinyCall.Median, 1.25, AtLeast: false), Cost = ours.Median / tinyCall.Median,
        };
    }

    private static double CopyRate(int bytes)
    {
        byte[] from = new byte[bytes], to = new byte[bytes];
        from.AsSpan().Fill(1);
        to.AsSpan().Fill(2);
        long start = Stopwatch.GetTimestamp();
        from.AsSpan().CopyTo(to);
        return bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    private Dictionary<string, Spread> Others(Dictionary<string, List<double[]>> answers) => Named(answers, peers);

    private Dictionary<string, Spread> Limits(Dictionary<string, List<double[]>> answers)
    {
        Dictionary<string, Spread> limits = Named(answers, floor);
        if (answers.TryGetValue(PipeFloor.Title, out List<double[]>? pipe)) limits[PipeFloor.Title] = pipe.Of();
        return limits;
    }

    private static Dictionary<string, Spread> Named(Dictionary<string, List<double[]>> answers, IReadOnlyList<IContestant> contestants) =>
        contestants.Where(contestant => answers.ContainsKey(contestant.Name)).ToDictionary(contestant => contestant.Name, contestant => answers[contestant.Name].Of());
}
