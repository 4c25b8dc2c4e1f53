using System.Diagnostics;
using System.Globalization;
using GilSharp;

/// <summary>More than is reasonable of everything.</summary>
internal static class Pressure
{
    /// <summary>Queues so many calls behind one that waits: what each costs, and whether the last are accepted more slowly than the first.</summary>
    internal static async Task<int> QueueAMillion(string[] args)
    {
        int count = int.Parse(args[0], CultureInfo.InvariantCulture);
        string folder = args[1];
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, ShutdownTimeout = Timeout.InfiniteTimeSpan });
        Func<int, int> increment = Increment;
        await pool.StartAsync(); // what is with a worker that starts counts as queued
        Task first = pool.ApplyAsync(WaitFor, Path.Combine(folder, "go"));
        Task<int>[] calls = new Task<int>[count];
        for (int i = 0; i < 1000; i++) calls[i] = pool.ApplyAsync(increment, i);

        int part = count / 10;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        double[] seconds = new double[10];
        for (int tenth = 0; tenth < 10; tenth++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = Math.Max(1000, tenth * part); i < (tenth + 1) * part; i++) calls[i] = pool.ApplyAsync(increment, i);
            seconds[tenth] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        long after = GC.GetTotalMemory(forceFullCollection: true);
        Scenarios.Say("queued", pool.GetStatistics().Queued);
        Scenarios.Say("bytes", (after - before) / (count - 1000));
        Scenarios.Say("slowdown", (seconds[5..].Sum() / seconds[..5].Sum()).ToString("F2", CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        await first;
        int[] results = await Task.WhenAll(calls);
        for (int i = 0; i < count; i++) if (results[i] != i + 1) return 1;
        Scenarios.Say("results", results.Length);
        return 0;
    }

    /// <summary>Callers that each send 10 MB at the same time, with a queue that holds few: what the parent holds at most.</summary>
    internal static async Task<int> SendLargeArguments(string[] args)
    {
        int callers = int.Parse(args[0], CultureInfo.InvariantCulture), capacity = int.Parse(args[1], CultureInfo.InvariantCulture);
        byte[] argument = new byte[10_000_000]; // of all callers: what they hold themselves is not the pool's
        argument[^1] = 7;
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, QueueCapacity = capacity });
        await pool.StartAsync();
        long before = Scenarios.PeakMemory();
        int[] ends = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => pool.ApplyAsync(static (byte[] bytes) => bytes[^1] + (bytes.Length / 10_000_000), argument))));
        Scenarios.Say("results", ends.Count(static end => end == 8));
        Scenarios.Say("megabytes", (Scenarios.PeakMemory() - before) / 1_000_000);
        return 0;
    }

    /// <summary>A worker that prints; the parent says afterwards, on its standard error, what it took.</summary>
    internal static async Task<int> Print(string[] args)
    {
        int megabytes = int.Parse(args[1], CultureInfo.InvariantCulture);
        long captured = 0;
        WorkerOutput output = Enum.Parse<WorkerOutput>(args[0]);
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StandardOutput = output });
        pool.WorkerOutputReceived += (_, piece) => Interlocked.Add(ref captured, piece.Text.Length);
        await pool.StartAsync();
        long memory = Scenarios.PeakMemory();
        int descriptors = Scenarios.Descriptors();
        Task flood = pool.ApplyAsync(PrintMegabytes, megabytes);
        for (int i = 0; i < 100; i++) if (await pool.ApplyAsync(Increment, i) != i + 1) return 1;
        await flood;
        int most = Scenarios.Descriptors();
        await pool.DisposeAsync();
        await Console.Error.WriteLineAsync($"captured={captured}");
        await Console.Error.WriteLineAsync($"megabytes={(Scenarios.PeakMemory() - memory) / 1_000_000}");
        await Console.Error.WriteLineAsync($"descriptors={most - descriptors}");
        return 0;
    }

    internal static int Increment(int value) => value + 1;

    internal static void WaitFor(string file)
    {
        while (!File.Exists(file)) Thread.Sleep(1);
    }

    private static void PrintMegabytes(int megabytes)
    {
        using Stream output = Console.OpenStandardOutput();
        byte[] lines = new byte[1_000_000];
        Array.Fill(lines, (byte)'x');
        for (int i = 99; i < lines.Length; i += 100) lines[i] = (byte)'\n';
        for (int i = 0; i < megabytes; i++) output.Write(lines);
        output.Flush();
    }
}
