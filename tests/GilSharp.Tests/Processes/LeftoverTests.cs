namespace GilSharp.Tests.Processes;

/// <summary>Nothing is left: no descriptor, thread, zombie or memory of a worker that is gone; and floods drown nobody.</summary>
[TestClass]
public sealed class LeftoverTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task PoolsThatCameAndWent_LeaveNoDescriptor_NoZombie()
    {
        await UseAPool(); // what is made once, like the spawner
        int before = Descriptors();
        for (int i = 0; i < 5; i++) await UseAPool();
        Eventually(() => Descriptors() <= before, $"down to {before} descriptors");
        Assert.IsEmpty(Zombies());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersThatAreKilled_LeaveNothingInTheTemporaryFolder()
    {
        using MeetingPlace temporary = new();
        ProcessPoolOptions options = new() { Workers = 2, StandardError = WorkerOutput.Discard };
        options.Environment["TMPDIR"] = temporary.Folder;
        await using (ProcessPool pool = new(options))
        {
            await pool.StartAsync();
            Assert.IsNotEmpty(Directory.GetFileSystemEntries(temporary.Folder)); // the runtime's own, for debuggers and tracing tools
            foreach ((_, Action die) in Misfortune.WaysToDie) await Throws<WorkerCrashedException>(pool.ApplyAsync(die));
            await InTime(pool.StartAsync());
            pool.Terminate();
            await InTime(pool.JoinAsync());
        }

        Assert.IsEmpty(Directory.GetFileSystemEntries(temporary.Folder));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyCalls_LeaveDescriptorsFlat()
    {
        await using ProcessPool pool = new(1);
        await pool.ApplyAsync(Misfortune.Increment, 1);
        int before = Descriptors();
        int beforeInWorker = await pool.ApplyAsync(Descriptors);
        for (int i = 0; i < 50; i++) await pool.ApplyAsync(Misfortune.Increment, i);
        Assert.IsLessThanOrEqualTo(before, Descriptors());
        Assert.AreEqual(beforeInWorker, await pool.ApplyAsync(Descriptors));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProgramStartedByUserCode_InheritsNothingOfTheChannel()
    {
        await using ProcessPool pool = new(1);
        string open = await InTime(pool.ApplyAsync(() =>
        {
            using System.Diagnostics.Process list = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("sh", ["-c", "for d in /proc/self/fd/[3-9]; do readlink $d; done"]) { RedirectStandardOutput = true })!;
            string output = list.StandardOutput.ReadToEnd();
            list.WaitForExit();
            return output;
        }));
        Assert.DoesNotContain("pipe", open);
        Assert.DoesNotContain("gilsharp", open);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatPrintsMuch_IsNotHeldUp_AndItsCallsAreNot()
    {
        long received = 0;
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StandardOutput = WorkerOutput.Capture });
        pool.WorkerOutputReceived += (_, args) => Interlocked.Add(ref received, args.Text.Length);
        Task flood = pool.ApplyAsync(static () =>
        {
            string line = new('x', 999);
            for (int i = 0; i < 10_000; i++) Console.WriteLine(line);
        });
        for (int i = 0; i < 100; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        await InTime(flood);
        await InTime(pool.DisposeAsync().AsTask());
        Assert.AreEqual(10_000_000, received);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyCallersAtOnce_WithLargeArguments_AllGetTheirOwn()
    {
        await using ProcessPool pool = new(2);
        int[][] arguments = [.. Enumerable.Range(0, 20).Select(caller => Enumerable.Repeat(caller, 250_000).ToArray())];
        int[] sums = await InTime(Task.WhenAll(arguments.Select(argument => Task.Run(() => pool.ApplyAsync(static (int[] values) => values.Sum(), argument)))));
        for (int i = 0; i < sums.Length; i++) Assert.AreEqual(250_000 * i, sums[i]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void SyncApply_WithTheThreadPoolFull_DoesNotDeadlock()
    {
        using ProcessPool pool = new(2);
        pool.Apply(Misfortune.Increment, 0);
        int callers = 4 * Environment.ProcessorCount;
        using CountdownEvent done = new(callers);
        for (int i = 0; i < callers; i++)
        {
            int caller = i;
            Action call = Told(() =>
            {
                if (pool.Apply(Misfortune.Increment, caller) == caller + 1) done.Signal();
            });
            ThreadPool.UnsafeQueueUserWorkItem(_ => call(), null);
        }

        Assert.IsTrue(done.Wait(NeverThatLong));
    }

    private static async Task UseAPool()
    {
        await using ProcessPool pool = new(2);
        await pool.StartAsync();
        await pool.ApplyAsync(Misfortune.Increment, 1);
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static int[] Zombies() =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!)).Where(IsOurZombie)];

    private static bool IsOurZombie(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return fields[0] == "Z" && int.Parse(fields[1]) == Environment.ProcessId;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
