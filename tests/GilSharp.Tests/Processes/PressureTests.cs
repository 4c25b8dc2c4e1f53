using System.Globalization;

namespace GilSharp.Tests.Processes;

/// <summary>Much more than is reasonable, or much less than is needed: no hang, memory as documented, errors that say what to do.</summary>
[TestClass]
public sealed class PressureTests : PoolTest
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(120); // must not pass, for what takes seconds
    private static readonly Dictionary<string, string> Nothing = [];

    // The runtime ends a program that has no descriptor for a thread that it wants: it wants none in the background, and keeps those that it has.
    private static readonly Dictionary<string, string> ThreadsStay = new() { ["DOTNET_TieredCompilation"] = "0", ["DOTNET_ThreadPool_ThreadTimeoutMs"] = "600000" };

    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task MillionQueuedCalls_CostWhatIsDocumented_AndAllEnd()
    {
        using MeetingPlace place = new();
        int calls = 1_000_000;
        Dictionary<string, string> said = await OwnProgram.Run(Long, Nothing, "queue", calls, place.Folder);
        TestContext.WriteLine($"bytes a call: {said["bytes"]}; the second half took {said["slowdown"]} times as long as the first");
        Assert.AreEqual($"{calls}", said["results"]);
        Assert.AreEqual($"{calls}", said["queued"]);
        Assert.IsLessThanOrEqualTo(200, Number(said, "bytes"));
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task ThousandCallersAtOnce_AllGetTheirOwn()
    {
        await using ProcessPool pool = new(2);
        await pool.StartAsync();
        int callers = 1000, wrong = 0, each = 3 * TestEffort.Factor;
        using CountdownEvent done = new(callers);
        using ManualResetEventSlim all = new();
        for (int i = 0; i < callers; i++)
        {
            int caller = i;
            Action call = Told(() =>
            {
                all.Wait();
                for (int n = 0; n < each; n++)
                    if (pool.Apply(Misfortune.Increment, caller) != caller + 1) Interlocked.Increment(ref wrong);
                done.Signal();
            });
            new Thread(() => call(), maxStackSize: 256 * 1024) { IsBackground = true }.Start();
        }

        all.Set();
        Assert.IsTrue(done.Wait(Long));
        Assert.AreEqual(0, wrong);
    }

    /// <summary>With a heap of 320 MB: fifty arguments of 10 MB would not fit, those few that a queue with a limit holds do.</summary>
    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task FiftyCallersWithTenMegabytes_HoldNoMoreThanTheQueueTakes()
    {
        Dictionary<string, string> said = await OwnProgram.Run(Long, new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x14000000" }, "arguments", 50, 4);
        TestContext.WriteLine($"resident at most {said["megabytes"]} MB more");
        Assert.AreEqual("50", said["results"]);
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task FiftyCallersWithTenMegabytes_AllArriveWithoutALimit()
    {
        Dictionary<string, string> said = await OwnProgram.Run(Long, Nothing, "arguments", 50, 1000);
        TestContext.WriteLine($"resident at most {said["megabytes"]} MB more");
        Assert.AreEqual("50", said["results"]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ConsumerThatNeverReads_HoldsNoMoreThanTheBuffer()
    {
        await using ProcessPool pool = new(2);
        int read = 0;
        MapOptions options = new() { BufferSize = 8, ChunkSize = 1 };
        await using IAsyncEnumerator<byte[]> results = pool.MapStreamAsync(
            static _ => new byte[1_000_000], Enumerable.Range(0, 100_000).Select(i => { Interlocked.Increment(ref read); return i; }), options).GetAsyncEnumerator();
        Assert.IsTrue(await InTime(results.MoveNextAsync().AsTask()));
        // All that may be read has been read; the consumer takes nothing more, and other calls go on.
        Eventually(() => Volatile.Read(ref read) >= 8, "read ahead");
        for (int i = 0; i < 200; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.IsLessThanOrEqualTo(8 + 1, Volatile.Read(ref read));
        Assert.IsLessThanOrEqualTo(64_000_000, GC.GetTotalMemory(forceFullCollection: true));
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    [DataRow(WorkerOutput.Capture)]
    [DataRow(WorkerOutput.Inherit)]
    [DataRow(WorkerOutput.Discard)]
    public async Task WorkerThatPrintsHundredMegabytes_TakesLittleMemory_AndHoldsNobodyUp(WorkerOutput output)
    {
        using OwnProgram program = OwnProgram.Start([], "print", output, 100);
        long printed = await CountBytes(program.Process.StandardOutput.BaseStream).WaitAsync(Long);
        Dictionary<string, string> said = OwnProgram.Said(await program.Errors().WaitAsync(Long));
        await InTime(program.Process.WaitForExitAsync());
        Assert.AreEqual(0, program.Process.ExitCode);
        TestContext.WriteLine($"resident at most {said["megabytes"]} MB more, {said["descriptors"]} descriptors more");
        Assert.AreEqual(output == WorkerOutput.Inherit ? 100_000_000 : 0, printed);
        Assert.AreEqual(output == WorkerOutput.Capture ? 100_000_000 : 0, Number(said, "captured"));
        Assert.IsLessThanOrEqualTo(64, Number(said, "megabytes"));
        Assert.IsLessThanOrEqualTo(60, Number(said, "descriptors"));
    }

    /// <summary>Its output can't be delivered, since nobody reads our standard output; its call ends all the same, and so do those of others.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersThatDieWhileTheirOutputIsStuck_EndTheirCalls()
    {
        using ManualResetEventSlim stuck = new();
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 6, StandardOutput = WorkerOutput.Capture, StandardError = WorkerOutput.Capture });
        pool.WorkerOutputReceived += (_, _) => stuck.Wait(NeverThatLong);
        Task[] calls = [.. Enumerable.Range(0, 6).Select(_ => pool.ApplyAsync(PrintAndDie))];
        foreach (Task call in calls) await Throws<WorkerCrashedException>(call);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        stuck.Set();
        await InTime(pool.DisposeAsync().AsTask());
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task NoDescriptorIsFree_CallsFailWithTheReason_AndThePoolGoesOnWhenThereAreSome()
    {
        Dictionary<string, string> said = await OwnProgram.Run(Long, ThreadsStay, "descriptors");
        StringAssert.Contains(said["none"], "Too many open files");
        StringAssert.Contains(said["none"], "ulimit -n");
        Assert.AreEqual("2", said["free"]);
        Assert.AreEqual("820 by 1", said["alone"]); // the one that runs goes on
        Assert.AreEqual("2", said["both"]);
        StringAssert.Contains(said["shared"], "too many open files");
        Assert.AreEqual("2", said["beside"]);
        Assert.AreEqual("39", said["again"]);
        Assert.AreEqual("2", said["replaced"]);
    }

    // More than pump and pipes hold together, from six at once; a sibling thread ends the process while it is stuck in its own write.
    private static void PrintAndDie()
    {
        new Thread(static () =>
        {
            Thread.Sleep(300);
            Misfortune.KillItself();
        }).Start();
        string line = new('x', 1000);
        while (true)
        {
            Console.WriteLine(line);
            Console.Error.WriteLine(line);
        }
    }

    private static async Task<long> CountBytes(Stream stream)
    {
        byte[] buffer = new byte[1 << 16];
        long count = 0;
        while (await stream.ReadAsync(buffer) is > 0 and int read) count += read;
        return count;
    }

    private static long Number(Dictionary<string, string> said, string name) => long.Parse(said[name], CultureInfo.InvariantCulture);
}
