using System.Diagnostics;

namespace GilSharp.Benchmarks.Processes;

/// <summary>
/// The rows about the pool that the project promises, in about a minute, each beside a rival of the same run: an empty program, and Python's
/// multiprocessing.Pool where there is a python3.
/// </summary>
internal static class PoolRatios
{
    private const int Calls = 5_000;
    private const int Burst = 200_000;
    private const int Rounds = 5;

    internal static int Run(string[] args)
    {
        Dictionary<string, double> python = args.Contains("--no-peers") ? [] : PythonPool.Measure();
        double hello = Median(Rounds, () => Milliseconds(Hello));
        double cold = Median(Rounds, () => Milliseconds(ColdPool));
        Console.WriteLine($"cold pool of 2, until both have answered  {cold,10:F0} ms   empty program {hello:F0} ms, ratio {cold / hello:F2} (to reach: 0.8){Python(python, "cold")}");

        using ProcessPool pool = new(2);
        pool.StartAsync().Wait();
        (double p50, double p99) = Latency(i => pool.Apply(Increment, i));
        Console.WriteLine($"Apply, round trip p50 / p99               {p50,10:F1} / {p99:F1} µs (to reach: 8){Python(python, "apply")}");
        (p50, p99) = LatencyAwaited(pool).GetAwaiter().GetResult();
        Console.WriteLine($"await ApplyAsync, round trip p50 / p99    {p50,10:F1} / {p99:F1} µs (to reach: 12)");
        Rate("ApplyAsync, calls/s", "1,000,000", Burst, () => Task.WaitAll(Enumerable.Range(0, Burst).Select(i => pool.ApplyAsync(Increment, i)).ToArray<Task>()), Python(python, "apply_async"));
        Rate("MapStreamAsync, chunk 1, items/s", "400,000", Burst, () => Stream(pool).GetAwaiter().GetResult(), Python(python, "imap"));
        int[] items = [.. Enumerable.Range(0, 2_000_000)];
        Rate("MapAsync of tiny work over ints, items/s", "10,000,000", items.Length, () => pool.Map(Increment, items), Python(python, "map"));

        double[] large = new double[32 << 20];
        double seconds = Median(Rounds, () => Milliseconds(() => pool.Apply(static (double[] values) => values.Length, large)) / 1000);
        Console.WriteLine($"256 MiB array to a worker                 {large.Length * 8 / seconds / 1e9,10:F2} GB/s (to reach: 3){Python(python, "send")}");
        pool.Apply(static () => GC.Collect());
        Console.WriteLine($"worker, resident                          {Resident(pool.Workers[0].ProcessId) / 1024.0,10:F0} MiB after that array; a new one {ResidentOfANewWorker() / 1024.0:F0} MiB");
        return 0;
    }

    /// <summary>An empty program: this one, with the verb that does nothing.</summary>
    internal static int Nothing(string[] args) => 0;

    private static int Increment(int value) => value + 1;

    private static void Rate(string name, string toReach, int count, Action body, string rival)
    {
        body();
        double seconds = Median(Rounds, () => Milliseconds(body) / 1000);
        Console.WriteLine($"{name,-42}{count / seconds,10:N0}   (to reach: {toReach}){rival}");
    }

    private static async Task Stream(ProcessPool pool)
    {
        await foreach (int _ in pool.MapStreamAsync(Increment, Enumerable.Range(0, Burst), new MapOptions { ChunkSize = 1, BufferSize = 1024 }))
        {
        }
    }

    private static (double P50, double P99) Latency(Action<int> call)
    {
        double[] times = new double[Calls];
        for (int i = 0; i < Calls; i++) call(i);
        for (int i = 0; i < Calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            call(i);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return Percentiles(times);
    }

    private static async Task<(double P50, double P99)> LatencyAwaited(ProcessPool pool)
    {
        double[] times = new double[Calls];
        for (int i = -Calls; i < Calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await pool.ApplyAsync(Increment, i);
            if (i >= 0) times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return Percentiles(times);
    }

    private static (double P50, double P99) Percentiles(double[] times)
    {
        Array.Sort(times);
        return (times[times.Length / 2], times[times.Length * 99 / 100]);
    }

    private static void Hello()
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Environment.GetCommandLineArgs()[0], "nothing"]))!;
        process.WaitForExit();
    }

    private static void ColdPool()
    {
        ProcessPool pool = new(2);
        Task.WaitAll(pool.ApplyAsync(Increment, 1), pool.ApplyAsync(Increment, 2));
        pool.Terminate(); // what comes after the answers is not measured for the rivals either
    }

    private static long ResidentOfANewWorker()
    {
        using ProcessPool pool = new(1);
        pool.Apply(Increment, 1);
        return Resident(pool.Workers[0].ProcessId);
    }

    /// <summary>Resident memory in KiB.</summary>
    private static long Resident(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]);

    private static double Milliseconds(Action body)
    {
        long start = Stopwatch.GetTimestamp();
        body();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(int rounds, Func<double> measure)
    {
        double[] values = new double[rounds];
        for (int i = 0; i < rounds; i++) values[i] = measure();
        Array.Sort(values);
        return values[rounds / 2];
    }

    private static string Python(Dictionary<string, double> python, string row) => python.TryGetValue(row, out double value) ? $"; Python's Pool {value:N2}" : "";
}
