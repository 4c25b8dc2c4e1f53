using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Samples.Countdown;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>How much faster a pool is than one thread, for calls of one length.</summary>
/// <param name="Work">Microseconds of work in each call.</param>
/// <param name="Workers">How many workers.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="Times">One thread's time over the pool's.</param>
/// <param name="Predicted">What the model says.</param>
/// <param name="Parent">Microseconds of the parent's processor time for each call.</param>
/// <param name="Worker">Microseconds of the workers' processor time for each call, beyond its work.</param>
internal sealed record SpeedUpFigure(double Work, int Workers, int Calls, double Times, double Predicted, double Parent, double Worker);

/// <summary>Speed-up against workers, for work of 10 µs to 1 s a call: calls are made one by one, all at once, into a warm pool.</summary>
internal static class SpeedUp
{
    internal static readonly int[] Workers = [1, 2, 4];
    private static readonly double[] Works = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
    private const double SequentialMicroseconds = 1_000_000;

    internal static List<SpeedUpFigure> Measure()
    {
        double stepsPerMicrosecond = Calibrate();
        List<SpeedUpFigure> figures = [];
        foreach (int workers in Workers)
        {
            using ProcessPool pool = new(workers);
            pool.StartAsync().Wait();
            Together(pool, 20_000, 1);
            foreach (double work in Works)
            {
                long steps = (long)(work * stepsPerMicrosecond);
                int calls = (int)Math.Max(4, SequentialMicroseconds / work);
                double alone = OtherProcess.OwnProcessorTime();
                double seconds = Alone(calls, steps);
                alone = OtherProcess.OwnProcessorTime() - alone; // less than the seconds where other programs run
                double parent = OtherProcess.OwnProcessorTime(), worker = OfWorkers(pool);
                double together = Together(pool, calls, steps);
                parent = (OtherProcess.OwnProcessorTime() - parent) * 1e6 / calls;
                worker = (OfWorkers(pool) - worker - alone) * 1e6 / calls;
                figures.Add(new SpeedUpFigure(work, workers, calls, seconds / together, 0, parent, worker));
            }

            pool.Terminate();
            pool.Join();
        }

        return [.. figures.Select(figure => figure with { Predicted = Model.SpeedUp(figures, figure) })];
    }

    private static double Calibrate()
    {
        const long Steps = 20_000_000;
        Loop.Countdown(Steps);
        return Enumerable.Range(0, 5).Max(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            Loop.Countdown(Steps);
            return Steps / Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        });
    }

    private static double Alone(int calls, long steps)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) Loop.Countdown(steps);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Together(ProcessPool pool, int calls, long steps)
    {
        long start = Stopwatch.GetTimestamp();
        Task[] all = new Task[calls];
        for (int i = 0; i < calls; i++) all[i] = pool.ApplyAsync(Loop.Countdown, steps);
        Task.WaitAll(all);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double OfWorkers(ProcessPool pool) => pool.Workers.Sum(worker => OtherProcess.ProcessorTime(worker.ProcessId));
}
