using System.Diagnostics;

namespace GilSharp.Tests.Processes;

/// <summary>What the tests of the pool share: one pool of two workers a class, a deadline for everything, and no worker left behind.</summary>
public abstract class PoolTest
{
    /// <summary>Must not pass: whatever takes so long hangs.</summary>
    protected const int Deadline = 120_000;

    protected static readonly TimeSpan NeverThatLong = TimeSpan.FromSeconds(60);

    public TestContext TestContext { get; set; } = null!;

    /// <summary>True while the process exists and is not a zombie.</summary>
    protected static bool IsAlive(int processId)
    {
        try
        {
            return StateOf(processId) != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Stops a process, and waits until it stands still: it may run on for a moment after the signal was sent.</summary>
    protected static void Pause(int processId)
    {
        Signal(processId, 19);
        Eventually(() => StateOf(processId) == 'T', "stopped");
    }

    protected static void Resume(int processId) => Signal(processId, 18);

    private static char StateOf(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }

    /// <summary>For threads that a test starts itself: what is thrown there would end all other tests, too. What they were to do is missing then.</summary>
    protected static Action Told(Action action) => () =>
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
        }
    };

    /// <summary>Waits for what another process does, which sends us no signal.</summary>
    protected static void Eventually(Func<bool> condition, string what)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > NeverThatLong) Assert.Fail($"After {NeverThatLong}: still not {what}.");
            Thread.Sleep(watch.ElapsedMilliseconds < 5 ? 0 : 1); // what it waits for needs a processor, too
        }
    }

    protected static void Signal(int processId, int signal) => _ = kill(processId, signal);

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern int kill(int processId, int signal);

    protected static async Task<T> InTime<T>(Task<T> task) => await task.WaitAsync(NeverThatLong);

    protected static async Task InTime(Task task) => await task.WaitAsync(NeverThatLong);

    protected static async Task<TException> Throws<TException>(Task task) where TException : Exception =>
        await Assert.ThrowsAsync<TException>(() => task.WaitAsync(NeverThatLong));
}
