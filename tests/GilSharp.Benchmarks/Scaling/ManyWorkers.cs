using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Processes;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>What so many workers cost their parent and the machine.</summary>
/// <param name="Workers">How many.</param>
/// <param name="ColdMilliseconds">From the constructor until all have answered.</param>
/// <param name="ParentKiB">By how much each made the parent's resident memory grow.</param>
/// <param name="WorkerMiB">What one has resident.</param>
/// <param name="WorkerOwnMiB">What would be free without it: shared pages count in shares.</param>
/// <param name="IdlePercent">Of one processor, used by the parent while nothing is called.</param>
/// <param name="LatencyMicroseconds">Of one call at a time, median.</param>
/// <param name="CallsPerSecond">Of calls without work.</param>
/// <param name="ParentMicroseconds">Of the parent's processor time for each of them.</param>
internal sealed record ManyWorkersFigure(
    int Workers, double ColdMilliseconds, double ParentKiB, double WorkerMiB, double WorkerOwnMiB, double IdlePercent, double LatencyMicroseconds, double CallsPerSecond,
    double ParentMicroseconds);

/// <summary>Real workers, 1 to 64: start, memory, the parent idle and at work.</summary>
internal static class ManyWorkers
{
    internal const string Verb = "many-workers";
    private static readonly int[] Counts = [1, 2, 4, 8, 16, 32, 64];
    private const int Burst = 100_000;

    /// <summary>Each number of workers in a process of its own: what one leaves in the parent's heap is not to be blamed on the next.</summary>
    internal static List<ManyWorkersFigure> Measure() => [.. Counts.Select(count =>
    {
        string answer = OtherProcess.OutputOfSelf(Verb, count.ToString(CultureInfo.InvariantCulture));
        return JsonSerializer.Deserialize<ManyWorkersFigure>(answer) ?? throw new InvalidOperationException($"The parent of {count} workers said '{answer}'.");
    })];

    internal static int Run(string[] args)
    {
        OurPool.Cold(1); // the parent's own first time belongs to no worker
        Console.WriteLine(JsonSerializer.Serialize(Measure(int.Parse(args[0], CultureInfo.InvariantCulture))));
        return 0;
    }

    private static ManyWorkersFigure Measure(int workers)
    {
        long memory = Resident();
        long start = Stopwatch.GetTimestamp();
        using ProcessPool pool = new(workers);
        pool.StartAsync().Wait();
        Task.WaitAll(Enumerable.Range(0, workers).Select(i => pool.ApplyAsync(OurPool.Increment, i)).ToArray<Task>());
        double cold = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double parent = (Resident() - memory) / (double)workers;

        int[] ids = [.. pool.Workers.Select(worker => worker.ProcessId)];
        double resident = ids.Average(id => OtherProcess.Resident(id) / 1024.0), own = ids.Average(id => OtherProcess.Proportional(id) / 1024.0);

        Thread.Sleep(500); // the runtime compiles once more, in the background, what starting so many has made hot: 100 ms of a processor, once
        double used = OtherProcess.OwnProcessorTime();
        start = Stopwatch.GetTimestamp();
        Thread.Sleep(1000);
        double idle = 100 * (OtherProcess.OwnProcessorTime() - used) / Stopwatch.GetElapsedTime(start).TotalSeconds;

        double latency = Latency(pool);
        Calls(pool);
        used = OtherProcess.OwnProcessorTime();
        start = Stopwatch.GetTimestamp();
        Calls(pool);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double perCall = (OtherProcess.OwnProcessorTime() - used) * 1e6 / Burst;
        pool.Terminate();
        pool.Join();
        return new ManyWorkersFigure(workers, cold, parent, resident, own, idle, latency, Burst / seconds, perCall);
    }

    private static double Latency(ProcessPool pool)
    {
        _ = Times(pool, TimeSpan.FromSeconds(0.5)); // until both sides have been compiled as well as they will be
        return Times(pool, TimeSpan.FromSeconds(1)).Microseconds()[0];
    }

    private static Percentiles Times(ProcessPool pool, TimeSpan time)
    {
        Percentiles times = new();
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time;)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Apply(OurPool.Increment, 1);
            times.Record(start);
        }

        return times;
    }

    private static void Calls(ProcessPool pool)
    {
        Task[] calls = new Task[Burst];
        for (int i = 0; i < Burst; i++) calls[i] = pool.ApplyAsync(OurPool.Increment, i);
        Task.WaitAll(calls);
    }

    private static long Resident()
    {
        GC.Collect();
        return OtherProcess.Resident(Environment.ProcessId);
    }
}
