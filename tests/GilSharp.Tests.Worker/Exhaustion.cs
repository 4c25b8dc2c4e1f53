using System.Runtime.InteropServices;
using GilSharp;
using Microsoft.Win32.SafeHandles;

/// <summary>The system has nothing more to give, for a while.</summary>
internal static class Exhaustion
{
    private const int MostDescriptors = 200;
    private const int RLIMIT_NOFILE = 7;

    /// <summary>No descriptor is free: when the first worker starts, when one of two is to be added, when the only one is to be replaced.</summary>
    internal static async Task<int> Descriptors(string[] args)
    {
        setrlimit(RLIMIT_NOFILE, [MostDescriptors, MostDescriptors]);
        await using (ProcessPool pool = new(1)) await pool.ApplyAsync(Pressure.Increment, 1); // what is opened once
        await using (ProcessPool pool = new(2))
        {
            Stack<SafeFileHandle> all = TakeAll();
            WorkerStartException error = await Scenarios.Throws<WorkerStartException>(pool.ApplyAsync(Pressure.Increment, 1));
            Scenarios.Say("none", error.Message);
            await Scenarios.Throws<WorkerStartException>(pool.MapAsync(Pressure.Increment, Enumerable.Range(0, 100)));
            await Scenarios.Throws<WorkerStartException>(pool.StartAsync());
            Free(all);
            Scenarios.Say("free", await pool.ApplyAsync(Pressure.Increment, 1));

            all = TakeAll();
            int[] alone = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => pool.ApplyAsync(IncrementSlowly, i)));
            Scenarios.Say("alone", $"{alone.Sum()} by {pool.Workers.Count}");
            Free(all);
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => pool.ApplyAsync(IncrementSlowly, i)));
            Scenarios.Await(() => pool.Workers.Count == 2 || pool.ApplyAsync(IncrementSlowly, 1).IsFaulted);
            Scenarios.Say("both", pool.Workers.Count);
        }

        await using (ProcessPool pool = new(1))
        {
            await pool.StartAsync();
            Stack<SafeFileHandle> all = TakeAll();
            await Scenarios.Throws<WorkerCrashedException>(pool.ApplyAsync(Environment.Exit, 3));
            // The dead worker's own descriptors are free now, and may be just enough: those too are taken.
            foreach (SafeFileHandle more in TakeAll()) all.Push(more);
            await Scenarios.Throws<WorkerStartException>(pool.ApplyAsync(Pressure.Increment, 1));
            Free(all);
            Scenarios.Say("replaced", await pool.ApplyAsync(Pressure.Increment, 1));
        }

        return 0;
    }

    /// <summary>No thread or process may be had: whoever runs us has set that limit on the user.</summary>
    internal static async Task<int> Threads(string[] args)
    {
        using HttpClient warm = new(); // the thread pool and what it needs exist
        await using ProcessPool pool = new(1);
        WorkerStartException error = await Scenarios.Throws<WorkerStartException>(pool.ApplyAsync(Pressure.Increment, 1));
        Scenarios.Say("none", error.Message);
        await File.WriteAllTextAsync(args[0], "");
        Scenarios.Await(() => !File.Exists(args[0])); // the limit has been lifted
        Scenarios.Say("free", await pool.ApplyAsync(Pressure.Increment, 1));
        return 0;
    }

    private static int IncrementSlowly(int value)
    {
        Thread.Sleep(5);
        return value + 1;
    }

    private static Stack<SafeFileHandle> TakeAll()
    {
        Stack<SafeFileHandle> taken = new(MostDescriptors);
        try
        {
            while (true) taken.Push(File.OpenHandle("/dev/null"));
        }
        catch (IOException)
        {
            return taken;
        }
    }

    private static void Free(Stack<SafeFileHandle> taken)
    {
        while (taken.TryPop(out SafeFileHandle? handle)) handle.Dispose();
    }

    [DllImport("libc")]
    private static extern int setrlimit(int resource, long[] limits);
}
