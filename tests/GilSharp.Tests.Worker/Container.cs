using System.Diagnostics;
using System.Globalization;
using GilSharp;

/// <summary>What a pool does where little is granted.</summary>
internal static class Container
{
    /// <summary>Calls, a crash, a kill with children, captured output, arrays; then what is left of it.</summary>
    internal static async Task<int> Probe(string[] args)
    {
        int output = 0;
        if (Environment.OSVersion.Version >= new Version(6, 15))
        {
            // From here on .NET collects each child of a container's first process itself, workers too; the kernel keeps how they ended.
            using Process own = Process.Start("/bin/true");
            await own.WaitForExitAsync();
        }

        ProcessPoolOptions options = new() { StandardOutput = WorkerOutput.Capture, CancellationGracePeriod = TimeSpan.FromMilliseconds(50) };
        Scenarios.Say("processors", Environment.ProcessorCount);
        Scenarios.Say("workers", options.Workers);
        options.Workers = 2;
        Scenarios.Say("id", Environment.ProcessId);
        ProcessPool pool = new(options);
        pool.WorkerOutputReceived += (_, piece) => Interlocked.Add(ref output, piece.Text.Length);
        await pool.StartAsync();
        Scenarios.Say("parent-heap", HeapLimit());
        Scenarios.Say("worker-heap", await pool.ApplyAsync(HeapLimit));
        Scenarios.Say("worker-processors", await pool.ApplyAsync(static () => Environment.ProcessorCount));
        Scenarios.Say("calls", (await pool.MapAsync(Pressure.Increment, Enumerable.Range(0, 1000))).Sum());
        byte[] large = new byte[8_000_000];
        large[^1] = 9;
        Scenarios.Say("large", (await pool.ApplyAsync(static (byte[] bytes) => bytes, large))[^1]);
        await pool.ApplyAsync(static () => Console.Write("printed"));

        WorkerCrashedException exited = await Scenarios.Throws<WorkerCrashedException>(pool.ApplyAsync(Environment.Exit, 137));
        Scenarios.Say("exit", $"{exited.Reason} {exited.Signal ?? "none"}");
        WorkerCrashedException killed = await Scenarios.Throws<WorkerCrashedException>(pool.ApplyAsync(static () => Process.GetCurrentProcess().Kill()));
        Scenarios.Say("kill", $"{killed.Reason} {killed.Signal}");
        for (int i = 0; i < 3; i++)
            await Scenarios.Throws<CallTimeoutException>(pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) }).ApplyAsync(RunAFamily));
        Scenarios.Say("after", await pool.ApplyAsync(Pressure.Increment, 1));
        await pool.DisposeAsync();
        Scenarios.Say("printed", output);
        Scenarios.Say("zombies", Count(static state => state == 'Z'));
        Scenarios.Say("others", Count(static state => state != 'Z'));
        return 0;
    }

    /// <summary>Deadlines while something else is done to the clock: what they took by the monotonic one.</summary>
    internal static async Task<int> TimeCalls(string[] args)
    {
        DateTime wall = DateTime.UtcNow;
        double steps = 0;
        ProcessPoolOptions options = new()
        {
            Workers = 2,
            CancellationGracePeriod = TimeSpan.FromMilliseconds(200),
            IdleTimeout = TimeSpan.FromMilliseconds(500),
            MinWorkers = 1,
            StartTimeout = TimeSpan.FromSeconds(25),
            ShutdownTimeout = TimeSpan.FromSeconds(25),
        };
        await using ProcessPool pool = new(options);
        await pool.StartAsync();
        await pool.ApplyAsync(Thread.Sleep, 50); // a worker's first call takes longer, and may
        WorkerPool timed = pool.With(new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < int.Parse(args[0], CultureInfo.InvariantCulture); i++)
        {
            // A call that takes a small part of its time must not be cut short by a clock that leaps, nor may one that runs away be spared.
            long start = Stopwatch.GetTimestamp();
            try
            {
                await timed.ApplyAsync(Thread.Sleep, 50);
            }
            catch (CallTimeoutException) when (Stopwatch.GetElapsedTime(start).TotalSeconds >= 1)
            {
                // The machine stood still.
            }

            start = Stopwatch.GetTimestamp();
            await Scenarios.Throws<CallTimeoutException>(timed.ApplyAsync(Work.Spin));
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (took < 1.19) return Fail($"after {took} s already");
            await Task.Delay(100); // half a period of a clock that leaps to and fro
            DateTime now = DateTime.UtcNow;
            steps = Math.Max(steps, Math.Abs((now - wall).TotalHours));
            wall = now;
        }

        Scenarios.Say("largest-step-hours", steps.ToString("F1", CultureInfo.InvariantCulture));
        await pool.StartAsync(); // two again
        Scenarios.Await(() => pool.Workers.Count == 1);
        Scenarios.Say("workers", pool.Workers.Count);
        return 0;
    }

    /// <summary>Every worker takes memory until it may take no more.</summary>
    internal static async Task<int> FillMemory(string[] args)
    {
        ProcessPoolOptions options = new() { Workers = 3, StandardError = WorkerOutput.Discard };
        if (args.Length > 0) options.WorkerMemoryLimit = long.Parse(args[0], CultureInfo.InvariantCulture);
        await using ProcessPool pool = new(options);
        await pool.StartAsync();
        int outOfMemory = 0, limited = 0;
        Task[] calls = [.. Enumerable.Range(0, 3).Select(_ => pool.ApplyAsync(Hoard))];
        foreach (Task call in calls)
        {
            try
            {
                await call;
            }
            catch (OutOfMemoryException)
            {
                outOfMemory++;
            }
            catch (WorkerCrashedException crashed) when (crashed.Reason == WorkerExitReason.MemoryLimit)
            {
                limited++;
            }
        }

        Scenarios.Say("out-of-memory", outOfMemory);
        Scenarios.Say("limited", limited);
        Scenarios.Say("after", await pool.ApplyAsync(Pressure.Increment, 1));
        return 0;
    }

    private static int Fail(string reason)
    {
        Scenarios.Say("failed", reason);
        return 1;
    }

    private static long HeapLimit() => Convert.ToInt64(GC.GetConfigurationVariables()["GCHeapHardLimit"], CultureInfo.InvariantCulture);

    private static void Hoard()
    {
        List<byte[]> hoard = [];
        while (true)
        {
            byte[] block = new byte[1 << 20];
            block.AsSpan().Fill(1); // resident, not only reserved
            hoard.Add(block);
            GC.KeepAlive(hoard);
        }
    }

    // A child, and a grandchild that leaves the worker's process group.
    private static void RunAFamily()
    {
        using Process child = Process.Start(new ProcessStartInfo("sh", ["-c", "setsid sleep 1000 & sleep 1000"]))!;
        while (true) Thread.Sleep(1000);
    }

    // Of all processes that we see, save ourselves: in a namespace of our own these are our children and what they left.
    private static int Count(Func<char, bool> wanted)
    {
        int count = 0;
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id) || id == Environment.ProcessId) continue;
            try
            {
                string stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (wanted(stat[stat.LastIndexOf(')') + 2])) count++;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return count;
    }
}
