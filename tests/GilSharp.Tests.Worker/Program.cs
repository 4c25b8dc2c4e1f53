using System.Diagnostics;
using System.Runtime;
using GilSharp;

// A program that has a pool and ends in the way that its first argument says. It prints the process ids of its workers, and of theirs, on one
// line, once they do what they are to do; then it waits for a line, and ends.
if (args[0] == "collector")
{
    // Two threads a worker: with one processor the runtime takes the workstation collector whatever it is told.
    using ProcessPool own = new(new ProcessPoolOptions { Workers = 1, ThreadsPerWorker = 2 });
    Console.WriteLine($"{GCSettings.IsServerGC} {own.Apply(() => GCSettings.IsServerGC)}");
    return 0;
}

ProcessPool pool = new(2);
string how = args[0];
int[] workers = await Task.WhenAll(pool.ApplyAsync(Work.Meet), pool.ApplyAsync(Work.Meet));
int[] others = [];
switch (args[1])
{
    case "idle": break;
    case "busy": _ = pool.ApplyAsync(Work.Spin); _ = pool.ApplyAsync(Work.Spin); break;
    case "native": _ = pool.ApplyAsync(Work.SleepInNativeCode); _ = pool.ApplyAsync(Work.SleepInNativeCode); break;
    case "nested": others = await Task.WhenAll(pool.ApplyAsync(Work.StartAPoolOfItsOwn), pool.ApplyAsync(Work.StartAPoolOfItsOwn)); break;
    default: throw new ArgumentException($"What '{args[1]}' is, is not known.");
}

Console.WriteLine(string.Join(' ', workers.Concat(others)));
Console.ReadLine();
switch (how)
{
    case "return": return 7;
    case "throw": throw new InvalidOperationException("unhandled, as asked");
    case "failfast": Environment.FailFast("as asked"); break;
    case "kill": Process.GetCurrentProcess().Kill(); break;
    case "exit": Environment.Exit(9); break;
}

return 1;

internal static class Work
{
    private static ProcessPool? s_nested;

    internal static int Meet()
    {
        Thread.Sleep(100); // long enough for the other call to need the other worker
        return Environment.ProcessId;
    }

    internal static void Spin()
    {
        while (true)
        {
        }
    }

    internal static void SleepInNativeCode() => _ = sleep(1000);

    internal static int StartAPoolOfItsOwn()
    {
        s_nested = new ProcessPool(1);
        int worker = s_nested.Apply(() => Environment.ProcessId);
        _ = s_nested.ApplyAsync(Spin);
        return worker;
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern uint sleep(uint seconds);
}
