using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>One parent at the limit of what it carries: stand-in workers that sleep instead of computing.</summary>
/// <param name="Workers">How many stand-ins.</param>
/// <param name="Work">Microseconds that each call sleeps.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="CallsPerSecond">Measured.</param>
/// <param name="Predicted">What the model says.</param>
/// <param name="ParentMicroseconds">Of the parent's processor time for each call.</param>
/// <param name="WorkerMicroseconds">Of the stand-ins' processor time for each call.</param>
internal sealed record StandInFigure(
    int Workers, double Work, int Calls, double CallsPerSecond, double Predicted, double ParentMicroseconds, double WorkerMicroseconds)
{
    /// <summary>How many workers' worth of work is done at a time.</summary>
    public double WorkersKeptBusy => CallsPerSecond * Work / 1e6;
}

/// <summary>
/// A thousand real workers need more memory and processors than most machines have, but their parent cannot tell a sleeping stand-in from a worker that computes
/// elsewhere: the same engine, pipes, frames, status pages and reader threads. What is simulated is only the work.
/// </summary>
internal static class StandIns
{
    internal static readonly int[] Counts = [1, 10, 32, 100, 300, 1000];
    internal static readonly double[] Works = [1_000, 10_000, 100_000];
    private const double Seconds = 1;

    /// <summary>Empty where there is no C compiler.</summary>
    internal static List<StandInFigure> Measure(Action<string> says)
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-stand-in-").FullName;
        try
        {
            string program = Path.Combine(folder, "stand_in");
            string source = Path.Combine(AppContext.BaseDirectory, "Scaling", "stand_in.c");
            if (Clone.Output("gcc", ["-O2", source, "-o", program]) is null)
            {
                says("stand-ins: left out, there is no gcc.");
                return [];
            }

            List<StandInFigure> figures = [.. Counts.SelectMany(count => Measure(program, count))];
            StandInModel model = StandInModel.Calibrate(figures, Environment.ProcessorCount);
            return [.. figures.Select(figure => figure with { Predicted = model.CallsPerSecond(figure.Workers, figure.Work) })];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<StandInFigure> Measure(string program, int count)
    {
        using ProcessPool pool = new(new ProcessPoolOptions { Workers = count, Name = "stand-ins" }, program);
        pool.StartAsync().Wait();
        int[] ids = [.. pool.Workers.Select(worker => worker.ProcessId)];
        Run(pool, 2 * count, 100); // each has had its first call
        List<StandInFigure> figures = [];
        foreach (double work in Works)
        {
            int calls = (int)Math.Clamp(count * Seconds * 1e6 / work, 2 * count, 60_000);
            double used = OtherProcess.OwnProcessorTime(), usedByAll = Ran(ids);
            double seconds = Run(pool, calls, (int)work);
            figures.Add(new StandInFigure(count, work, calls, calls / seconds, 0,
                (OtherProcess.OwnProcessorTime() - used) * 1e6 / calls, (Ran(ids) - usedByAll) * 1e6 / calls));
        }

        pool.Terminate();
        pool.Join();
        return figures;
    }

    private static double Run(ProcessPool pool, int calls, int work)
    {
        long start = Stopwatch.GetTimestamp();
        Task<int>[] all = new Task<int>[calls];
        for (int i = 0; i < calls; i++) all[i] = pool.ApplyAsync(Work, work);
        Task.WaitAll(all);
        if (Array.Exists(all, call => call.Result != work)) throw new InvalidOperationException("A stand-in answered with another number.");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>What the stand-ins do themselves; never called.</summary>
    private static int Work(int microseconds) => microseconds;

    private static double Ran(int[] ids) => ids.Sum(OtherProcess.ProcessorTime);
}
