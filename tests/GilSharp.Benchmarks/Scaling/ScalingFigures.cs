using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>How the pool grows: with workers, payloads, calls that wait.</summary>
internal sealed record ScalingFigures(
    IReadOnlyList<SpeedUpFigure> SpeedUps, IReadOnlyList<PayloadFigure> Payloads, IReadOnlyList<ManyWorkersFigure> ManyWorkers, IReadOnlyList<QueueFigure> Queues,
    IReadOnlyList<StandInFigure> StandIns)
{
    private const string Topic = "Growth, 1 to 64 workers";

    internal static ScalingFigures Measure(Action<string> says)
    {
        List<SpeedUpFigure> speedUps = SpeedUp.Measure();
        says("speed-up measured");
        List<PayloadFigure> payloads = Scaling.Payloads.Measure();
        says("payloads measured");
        List<ManyWorkersFigure> many = Scaling.ManyWorkers.Measure();
        says("workers measured");
        List<QueueFigure> queues = QueueLength.Measure([1_000, 10_000, 100_000, 1_000_000]);
        says("queues measured");
        List<StandInFigure> standIns = Scaling.StandIns.Measure(says);
        says("stand-ins measured");
        return new ScalingFigures(speedUps, payloads, many, queues, standIns);
    }

    internal List<Row> Rows()
    {
        ManyWorkersFigure one = ManyWorkers[0], most = ManyWorkers[^1];
        double growth = most.LatencyMicroseconds / one.LatencyMicroseconds;
        return
        [
            new Row
            {
                Id = "latency-growth", Topic = Topic, What = $"`Apply` p50 with {most.Workers} workers against {one.Workers}", Unit = "×", Ours = Spread.Single(growth),
                Besides = $"{Figures.Text(one.LatencyMicroseconds)} and {Figures.Text(most.LatencyMicroseconds)} µs", Target = new Target("flat (≤ 1.25)", growth, 1.25, AtLeast: false), Cost = growth,
            },
            new Row
            {
                Id = "parent-memory", Topic = Topic, What = $"parent's memory, each of {most.Workers} workers", Unit = "KiB", Ours = Spread.Single(most.ParentKiB),
                Target = new Target("≤ 256 KiB", most.ParentKiB, 256, AtLeast: false), Cost = Math.Max(1, most.ParentKiB) / 256,
            },
        ];
    }
}
