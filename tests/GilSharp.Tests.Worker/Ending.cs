using System.Globalization;
using System.Runtime.InteropServices;
using GilSharp;

/// <summary>Programs that are ended by a signal.</summary>
internal static class Ending
{
    /// <summary>Says which its processes are, and at SIGINT, SIGTERM or SIGHUP closes its pool and waits for what was accepted.</summary>
    internal static async Task<int> DrainOnSignal(string[] args)
    {
        int calls = int.Parse(args[0], CultureInfo.InvariantCulture);
        TaskCompletionSource<PosixSignal> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            asked.TrySetResult(context.Signal);
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);

        Task<int>[] results;
        bool stuck = args.Length > 1;
        ProcessPoolOptions options = new() { Workers = 2 };
        if (stuck) options.ShutdownTimeout = TimeSpan.FromSeconds(1);
        await using (ProcessPool pool = new(options))
        {
            await pool.StartAsync();
            if (stuck) _ = Task.WhenAll(pool.ApplyAsync(Work.Spin), pool.ApplyAsync(Work.Spin));
            results = [.. Enumerable.Range(0, calls).Select(i => pool.ApplyAsync(IncrementSlowly, i))];
            Console.WriteLine($"{Environment.ProcessId} {string.Join(' ', pool.Workers.Select(worker => worker.ProcessId))}");
            Scenarios.Say("signal", await asked.Task);
        }

        Scenarios.Say("results", results.Count(static result => result.IsCompletedSuccessfully));
        return 0;
    }

    /// <summary>Does nothing about signals, as most programs do.</summary>
    internal static async Task<int> WaitForEver(string[] args)
    {
        await using ProcessPool pool = new(2);
        await pool.StartAsync();
        _ = pool.ApplyAsync(Work.Spin);
        Console.WriteLine($"{Environment.ProcessId} {string.Join(' ', pool.Workers.Select(worker => worker.ProcessId))}");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    internal static int IncrementSlowly(int value)
    {
        Thread.Sleep(20);
        return value + 1;
    }
}
