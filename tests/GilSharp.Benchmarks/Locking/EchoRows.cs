using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Locking;

/// <summary>The echo as rows of the table: a request beside threads that compute, and what it leaves them.</summary>
internal static class EchoRows
{
    private const string Topic = "An echo server under the lock, beside threads that compute";

    internal static List<Row> Of(IReadOnlyList<EchoFigure> figures)
    {
        List<Row> rows = [];
        EchoFigure idle = figures.First(figure => figure is { Lock: "GilSharp", Pause: > 0, CpuThreads: 0 });
        foreach (EchoFigure ours in figures.Where(figure => figure.Lock == "GilSharp"))
        {
            Dictionary<string, Spread> others = figures.Where(other => other != ours && other.Pause == ours.Pause && other.CpuThreads == ours.CpuThreads)
                .ToDictionary(other => other.Lock, other => Spread.Single(other.P50));
            bool pauses = ours.Pause > 0;
            string client = pauses ? "a request each ms" : "a client that never pauses";
            if (pauses)
            {
                rows.Add(new Row
                {
                    Id = $"echo-{ours.CpuThreads}", Topic = Topic, What = $"p50 beside {ours.CpuThreads} threads, {client}", Unit = "µs", Ours = Spread.Single(ours.P50), Others = others,
                    Target = ours.CpuThreads == 0 ? null : new Target("≤ 2 × idle", ours.P50 / idle.P50, 2, AtLeast: false),
                    Cost = ours.CpuThreads == 1 ? ours.P50 / idle.P50 : null,
                });
                rows.Add(new Row
                {
                    Id = $"echo-p99-{ours.CpuThreads}", Topic = Topic, What = $"p99 beside {ours.CpuThreads} threads, {client}", Unit = "µs", Ours = Spread.Single(ours.P99),
                    Target = new Target("≤ 2 ms", ours.P99 / 1000, 2, AtLeast: false),
                });
            }

            if (ours.Kept is { } kept)
            {
                rows.Add(new Row
                {
                    Id = $"echo-kept-{(pauses ? "pause" : "nonstop")}-{ours.CpuThreads}", Topic = Topic, What = $"work that {ours.CpuThreads} threads keep, {client}", Unit = "%", MoreIsBetter = true,
                    Ours = Spread.Single(100 * kept), Besides = pauses ? "" : $"p50 {Figures.Text(ours.P50)} µs",
                    Target = pauses ? new Target("≥ 95 %", 100 * kept, 95, AtLeast: true) : new Target("≥ 50 %", 100 * kept, 50, AtLeast: true),
                });
            }
        }

        return rows;
    }
}
