using System.Globalization;
using System.Text;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>The tables and pictures of docs/benchmarks/scaling.md.</summary>
internal static class ScalingPage
{
    internal static void Write(string folder, Section section, bool draws)
    {
        ScalingFigures figures = section.Scaling!;
        MarkedPage.Update(Path.Combine(folder, "scaling.md"),
            ("machine", $"{section.Machine.Sentence()} Raw figures: [data/scaling.json](data/scaling.json)."), ("speed-up", SpeedUps(figures)), ("payloads", Payloads(figures)),
            ("workers", Workers(figures)), ("queue", Queues(figures)), ("stand-ins", StandIns(figures, section.Machine.Processors)), ("rules", Rules(figures, section.Machine.Processors)));
        if (draws) Draw(folder, figures);
    }

    private static string SpeedUps(ScalingFigures figures)
    {
        StringBuilder text = new("| work of a call | " + string.Join(" | ", SpeedUp.Workers.Select(workers => $"{workers} worker{(workers > 1 ? "s" : "")}, predicted")) + " | parent, worker beyond the work |\n|---|");
        foreach (int _ in SpeedUp.Workers) text.Append("---|");
        text.Append("---|\n");
        foreach (IGrouping<double, SpeedUpFigure> work in figures.SpeedUps.GroupBy(figure => figure.Work))
        {
            SpeedUpFigure one = work.First();
            text.Append(CultureInfo.InvariantCulture, $"| {Time(work.Key)} | {string.Join(" | ", work.Select(figure => $"{Figures.Text(figure.Times)}, {Figures.Text(figure.Predicted)}"))} | {Figures.Text(one.Parent)} µs, {Figures.Text(one.Worker)} µs |\n");
        }

        return text.ToString();
    }

    private static string Payloads(ScalingFigures figures) => "| argument | a call | GB/s |\n|---|---|---|\n" + string.Join('\n', figures.Payloads.Select(figure =>
        $"| {Size(figure.Bytes)} | {Time(figure.Microseconds)} | {(figure.Bytes < 1 << 16 ? "" : Figures.Text(figure.GigabytesPerSecond))} |"));

    private static string Workers(ScalingFigures figures) =>
        "| workers | until all have answered | the parent grows, each | a worker, resident / its own | parent idle | `Apply` p50 | calls/s | parent's time a call |\n|---|---|---|---|---|---|---|---|\n"
        + string.Join('\n', figures.ManyWorkers.Select(figure => $"| {figure.Workers} | {Time(1000 * figure.ColdMilliseconds)} | {Figures.Text(figure.ParentKiB)} KiB "
            + $"| {Figures.Text(figure.WorkerMiB)} / {Figures.Text(figure.WorkerOwnMiB)} MiB | {Figures.Text(figure.IdlePercent)} % | {Figures.Text(figure.LatencyMicroseconds)} µs "
            + $"| {Figures.Text(figure.CallsPerSecond)} | {Figures.Text(figure.ParentMicroseconds)} µs |"));

    private static string Queues(ScalingFigures figures) => "| calls that wait | token | memory each | to make one | to carry one out |\n|---|---|---|---|---|\n" + string.Join('\n',
        figures.Queues.Select(figure => $"| {figure.Calls.ToString("N0", CultureInfo.InvariantCulture)} | {(figure.HasToken ? "yes" : "no")} | {Figures.Text(figure.BytesEach)} bytes "
            + $"| {Figures.Text(figure.EnqueueNanoseconds)} ns | {Figures.Text(figure.DrainNanoseconds)} ns |"));

    private static string StandIns(ScalingFigures figures, int processors)
    {
        if (figures.StandIns.Count == 0) return "Not measured: there was no C compiler.";
        StandInModel model = StandInModel.Calibrate(figures.StandIns, processors);
        string intro = $"Calibrated: l = {Figures.Text(model.Latency)} µs, b = {Figures.Text(model.Parent)} µs, s = {Figures.Text(model.Worker)} µs; so one parent here carries at most {Figures.Text(model.Most)} calls/s.\n\n";
        return intro + "| workers | work of a call | calls/s | predicted | off by | workers kept busy | parent, stand-in, a call |\n|---|---|---|---|---|---|---|\n" + string.Join('\n',
            figures.StandIns.Select(figure => $"| {figure.Workers} | {Time(figure.Work)} | {Figures.Text(figure.CallsPerSecond)} | {Figures.Text(figure.Predicted)} "
                + string.Create(CultureInfo.InvariantCulture, $"| {100 * ((figure.Predicted / figure.CallsPerSecond) - 1):+0;-0;0} % ")
                + $"| {Figures.Text(figure.WorkersKeptBusy)} | {Figures.Text(figure.ParentMicroseconds)} µs, {Figures.Text(figure.WorkerMicroseconds)} µs |"));
    }

    // What the model says with the figures of this run, in words.
    private static string Rules(ScalingFigures figures, int processors)
    {
        StringBuilder text = new();
        (SpeedUpFigure shortCall, SpeedUpFigure longCall) = Model.Calibration(figures.SpeedUps);
        double cold = figures.ManyWorkers.First(figure => figure.Workers == 2).ColdMilliseconds;
        foreach (SpeedUpFigure call in (SpeedUpFigure[])[shortCall, longCall])
        {
            double worker = Math.Max(0, call.Worker), most = Model.SpeedUp(call.Work, worker, call.Parent, processors, processors);
            text.Append(CultureInfo.InvariantCulture, $"- Calls of {Time(call.Work)}: a = {Figures.Text(worker)} µs, b = {Figures.Text(call.Parent)} µs, so {processors} workers on {processors} processors are {Figures.Text(most)} times as fast as one thread");
            text.Append(most > 1 ? $"; with the pool's start ({Time(1000 * cold)} for 2 workers) that pays from {Time(1000 * Model.BreakEven(cold, most))} of work in all.\n" : ": no pool pays.\n");
        }

        if (figures.StandIns.Count == 0) return text.ToString();
        StandInModel model = StandInModel.Calibrate(figures.StandIns, processors);
        text.Append(CultureInfo.InvariantCulture, $"- One parent that shares {processors} processors with stand-ins carries {Figures.Text(model.Most)} calls/s, each of them woken for and answered by itself. It keeps busy at most ");
        text.AppendJoin(", ", figures.StandIns.Select(figure => figure.Work).Distinct().Select(work => $"{Figures.Text(model.WorkersAtMost(work))} workers with calls of {Time(work)}")).Append(".\n");
        text.Append(CultureInfo.InvariantCulture, $"- A parent whose workers run elsewhere has its {processors} processors to itself: {Figures.Text(processors * 1e6 / model.Parent)} calls/s.\n");
        return text.ToString();
    }

    private static void Draw(string folder, ScalingFigures figures)
    {
        using Picture speedUp = new("Speed-up against one thread, measured and predicted (dashed)", "work of a call", "times as fast");
        int color = 0;
        foreach (IGrouping<int, SpeedUpFigure> workers in figures.SpeedUps.GroupBy(figure => figure.Workers))
        {
            double[] xs = [.. workers.Select(figure => Math.Log10(figure.Work))];
            speedUp.Line(workers.Key == 1 ? "1 worker" : $"{workers.Key} workers", xs, workers.Select(figure => figure.Times), isThick: true, color: color);
            speedUp.Line($"{workers.Key}, predicted", xs, workers.Select(figure => figure.Predicted), isDashed: true, color: color++);
        }

        speedUp.TicksX(figures.SpeedUps.Select(figure => figure.Work).Distinct().Select(work => (Math.Log10(work), Time(work))));
        speedUp.LimitY(0, 3);
        speedUp.Save(Path.Combine(folder, "speedup.svg"));

        PayloadFigure[] payloads = [.. figures.Payloads.Where(figure => figure.Bytes > 0)];
        using Picture payload = new("A call against the size of its argument", "bytes", "µs");
        payload.Line("an array of bytes to a worker, its length back", payloads.Select(figure => Math.Log10(figure.Bytes)), payloads.Select(figure => Math.Log10(figure.Microseconds)), isThick: true);
        payload.TicksX(payloads.Select(figure => (Math.Log10(figure.Bytes), Size(figure.Bytes))));
        payload.LogarithmicY(1, 7);
        payload.Save(Path.Combine(folder, "payload.svg"));

        if (figures.StandIns.Count == 0) return;
        using Picture simulation = new("One parent and many stand-in workers, measured and predicted (dashed)", "workers", "workers kept busy");
        color = 0;
        foreach (IGrouping<double, StandInFigure> work in figures.StandIns.GroupBy(figure => figure.Work))
        {
            double[] xs = [.. work.Select(figure => Math.Log10(figure.Workers))];
            simulation.Line($"calls of {Time(work.Key)}", xs, work.Select(figure => Math.Log10(figure.WorkersKeptBusy)), isThick: true, color: color);
            simulation.Line($"{Time(work.Key)}, predicted", xs, work.Select(figure => Math.Log10(figure.Predicted * figure.Work / 1e6)), isDashed: true, color: color++);
        }

        simulation.TicksX(figures.StandIns.Select(figure => figure.Workers).Distinct().Select(workers => (Math.Log10(workers), $"{workers}")));
        simulation.LogarithmicY(0, 3);
        simulation.Save(Path.Combine(folder, "simulation.svg"));
    }

    private static string Time(double microseconds) => microseconds switch
    {
        >= 999_500 => $"{Figures.Text(microseconds / 1e6)} s",
        >= 1_000 => $"{Figures.Text(microseconds / 1e3)} ms",
        _ => $"{Figures.Text(microseconds)} µs",
    };

    private static string Size(int bytes) => bytes switch
    {
        >= 1 << 20 => $"{bytes >> 20} MiB",
        >= 1 << 10 => $"{bytes >> 10} KiB",
        _ => $"{bytes} bytes",
    };
}
