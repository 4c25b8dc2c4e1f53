using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Processes;
using GilSharp.Benchmarks.Report;
using GilSharp.Ipc.Unix;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>What calls cost that wait.</summary>
/// <param name="Calls">How many waited.</param>
/// <param name="HasToken">Whether each had a token that can be cancelled.</param>
/// <param name="BytesEach">Managed memory of each, its task included.</param>
/// <param name="EnqueueNanoseconds">To make one while that many are added.</param>
/// <param name="DrainNanoseconds">To carry one out and end its task.</param>
internal sealed record QueueFigure(int Calls, bool HasToken, double BytesEach, double EnqueueNanoseconds, double DrainNanoseconds);

/// <summary>A queue of up to a million calls before workers that were stopped by a signal, so that it is as long as it says.</summary>
internal static class QueueLength
{
    private const int SIGSTOP = 19, SIGCONT = 18;
    private const string Topic = "Growth";

    internal static List<QueueFigure> Measure(IReadOnlyList<int> lengths)
    {
        List<QueueFigure> figures = [];
        foreach (bool hasToken in (bool[])[false, true])
        {
            using ProcessPool pool = new(2);
            pool.StartAsync().Wait();
            using CancellationTokenSource source = new();
            Measure(pool, 20_000, hasToken ? source.Token : default); // the first time compiles
            foreach (int length in lengths) figures.Add(Measure(pool, length, hasToken ? source.Token : default));
            pool.Terminate();
            pool.Join();
        }

        return figures;
    }

    internal static List<Row> Rows(IReadOnlyList<QueueFigure> figures)
    {
        int longest = figures.Max(figure => figure.Calls), shortest = figures.Min(figure => figure.Calls);
        QueueFigure plain = figures.First(figure => figure.Calls == longest && !figure.HasToken), withToken = figures.First(figure => figure.Calls == longest && figure.HasToken);
        QueueFigure few = figures.First(figure => figure.Calls == shortest && !figure.HasToken);
        double slowdown = (plain.EnqueueNanoseconds + plain.DrainNanoseconds) / (few.EnqueueNanoseconds + few.DrainNanoseconds);
        return
        [
            Bytes("queued-call", $"a queued call, {Figures.Text(longest)} of them, no token", plain, 200),
            Bytes("queued-call-token", $"a queued call, {Figures.Text(longest)} of them, with a token", withToken, 300),
            new Row
            {
                Id = "queue-slowdown", Topic = Topic, What = $"time of a call, queue of {Figures.Text(longest)} against {Figures.Text(shortest)}", Unit = "×", Ours = Spread.Single(slowdown),
                Target = new Target("no slowdown (≤ 1.25)", slowdown, 1.25, AtLeast: false), Cost = slowdown,
            },
        ];
    }

    private static Row Bytes(string id, string what, QueueFigure figure, double bound) => new()
    {
        Id = id,
        Topic = Topic,
        What = what,
        Unit = "bytes",
        Ours = Spread.Single(figure.BytesEach),
        Target = new Target($"≤ {bound} bytes", figure.BytesEach, bound, AtLeast: false),
        Cost = figure.BytesEach / bound,
    };

    private static QueueFigure Measure(ProcessPool pool, int calls, CancellationToken token)
    {
        int[] workers = [.. pool.Workers.Select(worker => worker.ProcessId)];
        Task[] tasks = new Task[calls];
        Signal(workers, SIGSTOP);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) tasks[i] = pool.ApplyAsync(OurPool.Increment, i, token);
        double enqueue = Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)calls;
        start = Stopwatch.GetTimestamp();
        Signal(workers, SIGCONT);
        Task.WaitAll(tasks, CancellationToken.None);
        return new QueueFigure(calls, token.CanBeCanceled, bytes, enqueue, Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls);
    }

    private static void Signal(int[] processes, int signal)
    {
        foreach (int process in processes) Libc.kill(process, signal);
    }
}
