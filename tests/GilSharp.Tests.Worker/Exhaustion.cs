using System.Runtime.InteropServices;
using GilSharp;
using Microsoft.Win32.SafeHandles;

/// <summary>The system has nothing more to give, for a while.</summary>
internal static class Exhaustion
{
    private const int MostDescriptors = 200;
    private const int LeftToTheRuntime = 6;
    private const int PoolThreads = 8;
    private const int RLIMIT_NOFILE = 7;

    /// <summary>No descriptor is free: when the first worker starts, when one of two is to be added, when the only one is to be replaced.</summary>
    internal static async Task<int> Descriptors(string[] args)
    {
        Scenarios.Say("limit", MostDescriptors); // and the console is open
        if (setrlimit(RLIMIT_NOFILE, [MostDescriptors, MostDescriptors]) != 0) return 2;
        StartPoolThreads();
        await WarmUp();
        Free(TakeAll());
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
            Scenarios.Say("alone", $"{alone.Sum()} by {pool.Workers.Count(static worker => worker.State != WorkerState.Starting)}"); // another start may just be tried
            Free(all);
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => pool.ApplyAsync(IncrementSlowly, i)));
            Scenarios.Await(() => pool.Workers.Count == 2 || pool.ApplyAsync(IncrementSlowly, 1).IsFaulted);
            Scenarios.Say("both", pool.Workers.Count);
        }

        await using (ProcessPool pool = new(1))
        {
            // Each array that a worker gets takes a descriptor on its way. The first call has loaded what is needed.
            SharedArray<int>[] arrays = [.. Enumerable.Range(0, 40).Select(static i => new SharedArray<int>([i]))];
            await pool.ApplyAsync(Last, arrays[..1]);
            await Scenarios.Throws<CallSerializationException>(pool.ApplyAsync(Refused));
            Stack<SafeFileHandle> all = TakeAll();
            CallSerializationException error = await Scenarios.Throws<CallSerializationException>(pool.ApplyAsync(Last, arrays));
            Scenarios.Say("shared", error.Message);
            Scenarios.Say("beside", await pool.ApplyAsync(Pressure.Increment, 1));
            Free(all);
            Scenarios.Say("again", await pool.ApplyAsync(Last, arrays));
            foreach (SharedArray<int> array in arrays) array.Dispose();
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

    /// <summary>No thread or process may be had: whoever runs us sets that limit when told our number, and lifts it again.</summary>
    internal static async Task<int> Threads(string[] args)
    {
        string folder = args[0];
        await WarmUp();
        await using ProcessPool pool = new(1);
        Console.WriteLine(Environment.ProcessId);
        Scenarios.Await(() => File.Exists(Path.Combine(folder, "limited")));
        WorkerStartException error = await Scenarios.Throws<WorkerStartException>(pool.ApplyAsync(Pressure.Increment, 1));
        Scenarios.Say("none", error.Message);
        Scenarios.Await(() => File.Exists(Path.Combine(folder, "lifted")));
        Scenarios.Say("free", await pool.ApplyAsync(Pressure.Increment, 1));
        return 0;
    }

    // The runtime itself can't load an assembly without a descriptor, and ends the program: what is needed below is loaded before.
    private static async Task WarmUp()
    {
        await using (ProcessPool pool = new(1))
        {
            _ = (await pool.MapAsync(Pressure.Increment, Enumerable.Range(0, 100))).Sum();
            await Scenarios.Throws<WorkerCrashedException>(pool.ApplyAsync(Environment.Exit, 3));
        }

        await using ProcessPool broken = new(new ProcessPoolOptions { Workers = 1, Initializer = static () => throw new InvalidOperationException() });
        await Scenarios.Throws<WorkerStartException>(broken.StartAsync());
        await Scenarios.Throws<WorkerStartException>(broken.MapAsync(Pressure.Increment, Enumerable.Range(0, 100)));
    }

    // As many as there will ever be: none is started when there is no descriptor for it.
    private static void StartPoolThreads()
    {
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        ThreadPool.SetMaxThreads(PoolThreads, PoolThreads);
        Barrier all = new(PoolThreads + 1); // not disposed: the last of them may still be leaving it
        for (int i = 0; i < PoolThreads; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => all.SignalAndWait(), null);
        all.SignalAndWait();
    }

    private static int Refused() => throw new CallSerializationException("as the other one");

    private static int Last(SharedArray<int>[] arrays) => arrays[^1][0];

    private static int IncrementSlowly(int value)
    {
        Thread.Sleep(5);
        return value + 1;
    }

    // All but a few: the runtime needs two for each thread that it starts, and ends the program where it gets none. A worker needs ten to start.
    private static Stack<SafeFileHandle> TakeAll()
    {
        Stack<SafeFileHandle> taken = new(MostDescriptors);
        for (int pass = 0; pass < 5; pass++) // what a dead worker had may come free a moment later
        {
            try
            {
                while (true) taken.Push(File.OpenHandle("/dev/null"));
            }
            catch (IOException)
            {
                Thread.Sleep(10);
            }
        }

        for (int i = 0; i < LeftToTheRuntime; i++) taken.Pop().Dispose();
        return taken;
    }

    private static void Free(Stack<SafeFileHandle> taken)
    {
        while (taken.TryPop(out SafeFileHandle? handle)) handle.Dispose();
    }

    [DllImport("libc")]
    private static extern int setrlimit(int resource, long[] limits);
}
