namespace GilSharp.Tests.Processes;

/// <summary>Workers that nobody needs leave; workers that hold too much are replaced, or stopped in mid-call.</summary>
[TestClass]
public sealed class ThriftTests : PoolTest
{
    private const int Large = 256 << 20;

    private static byte[]? s_kept;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task IdleWorkers_LeaveDownToTheMinimum_AndComeBackOnDemand()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 3, MinWorkers = 1, IdleTimeout = TimeSpan.FromMilliseconds(50) });
        await InTime(pool.StartAsync());
        Eventually(() => pool.Workers.Count == 1, "down to one worker");
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));

        using MeetingPlace place = new();
        Task<int>[] calls = [.. Enumerable.Range(0, 3).Select(_ => pool.ApplyAsync(Misfortune.MeetAt, place.Folder))];
        Eventually(() => place.Arrived == 3, "three at work");
        place.LetGo();
        Assert.HasCount(3, (await InTime(Task.WhenAll(calls))).Distinct());
        Eventually(() => pool.Workers.Count == 1, "down to one worker again");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task IdlePool_MayShrinkToNothing()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) });
        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        Eventually(() => pool.Workers.Count == 0, "without a worker");
        Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));

        // Calls that meet a worker on its way out go to another one.
        for (int i = 0; i < 20; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.AreEqual(0, pool.GetStatistics().Restarts, "None came in the place of one that was lost.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersThatAreReady_DoNotLeave_WhileStartAsyncWaitsForTheOthers()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 3,
            MinWorkers = 0,
            IdleTimeout = TimeSpan.FromMilliseconds(20),
            Initializer = () => WaitUnlessFirst(folder),
        });
        Task start = pool.StartAsync();
        Eventually(() => place.Arrived == 2 && pool.Workers.Any(worker => worker.State == WorkerState.Idle), "one ready, the others at their start");
        await Task.Delay(200); // much longer than it may be idle: the only way to see that something does not happen
        place.LetGo();
        await InTime(start);
        Eventually(() => pool.Workers.Count == 0, "without a worker");
        Assert.AreEqual(2, place.Arrived, "Another was started.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task PoolThatWasMadeLarger_DoesNotShrinkByDefault()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, IdleTimeout = TimeSpan.FromMilliseconds(20) });
        pool.Resize(2);
        await InTime(pool.StartAsync());
        await Task.Delay(200); // as above
        Assert.HasCount(2, pool.Workers);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatKeepsTooMuchMemory_IsReplacedBetweenCalls_AndNothingIsLost()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, MaxWorkerMemory = Large });
        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        Assert.AreEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));

        Assert.AreEqual(first, await InTime(pool.ApplyAsync(Keep, Large)));
        int second = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        Assert.AreNotEqual(first, second);
        Assert.AreEqual(second, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));

        Task<int>[] calls = [.. Enumerable.Range(0, 40).Select(i => i == 20 ? pool.ApplyAsync(Keep, Large) : pool.ApplyAsync(Misfortune.ProcessId))];
        Assert.HasCount(40, await InTime(Task.WhenAll(calls)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatPassesTheLimitInACall_IsKilled_AndOnlyThatCallFails()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerMemoryLimit = Large });
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.With(new CallOptions { Retries = 3 }).ApplyAsync(KeepForEver, Large));
        Assert.AreEqual(WorkerExitReason.MemoryLimit, error.Reason);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatACallLeftAboveTheLimit_IsReplacedBeforeTheNextCall()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerMemoryLimit = Large, MemoryWatchPeriod = TimeSpan.FromSeconds(1) });
        for (int tries = 0; tries < 10; tries++)
        {
            int first;
            try
            {
                first = await InTime(pool.ApplyAsync(LeaveBehind, Large));
            }
            catch (WorkerCrashedException error) when (error.Reason == WorkerExitReason.MemoryLimit)
            {
                continue; // the pool looked while it ran
            }

            // Longer than it takes until the pool looks again.
            Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessIdAfter, 1500)));
            return;
        }

        Assert.Inconclusive("The pool looked ten times while the call ran.");
    }

    /// <summary>It is over before the pool looks at resident memory, and none of it is resident: the heap's own limit is what stops it.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task OneAllocationBeyondTheLimit_FailsItsCall_AndNoOther()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerMemoryLimit = Large });
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(static bytes => new byte[bytes].Length, 4 * Large));
        Assert.AreEqual(WorkerExitReason.MemoryLimit, error.Reason);
        CallResult<int>[] results = await InTime(Collect(pool.MapResultsAsync(static item => item == 5 ? new byte[4 * Large].Length : item, Enumerable.Range(0, 10))));
        Assert.AreEqual(WorkerExitReason.MemoryLimit, ((WorkerCrashedException)results.Single(result => !result.Succeeded).Exception!).Reason);
        Assert.AreEqual(45 - 5, results.Where(result => result.Succeeded).Sum(result => result.Value));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Options_DefaultsAndRanges()
    {
        ProcessPoolOptions options = new() { Workers = 5 };
        Assert.AreEqual(5, options.MinWorkers);
        Assert.AreEqual(Timeout.InfiniteTimeSpan, options.IdleTimeout);
        Assert.IsNull(options.MaxWorkerMemory);
        Assert.IsNull(options.WorkerMemoryLimit);
        AssertRefused(new ProcessPoolOptions { Workers = 2, MinWorkers = 3 }, nameof(ProcessPoolOptions.MinWorkers));
        AssertRefused(new ProcessPoolOptions { MinWorkers = -1 }, nameof(ProcessPoolOptions.MinWorkers));
        AssertRefused(new ProcessPoolOptions { IdleTimeout = TimeSpan.Zero }, nameof(ProcessPoolOptions.IdleTimeout));
        AssertRefused(new ProcessPoolOptions { MaxWorkerMemory = 0 }, nameof(ProcessPoolOptions.MaxWorkerMemory));
        AssertRefused(new ProcessPoolOptions { WorkerMemoryLimit = -1 }, nameof(ProcessPoolOptions.WorkerMemoryLimit));
    }

    private static void AssertRefused(ProcessPoolOptions options, string property)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ProcessPool(options));
        StringAssert.Contains(error.Message, property);
    }

    private static int Keep(int bytes)
    {
        s_kept = new byte[bytes];
        s_kept.AsSpan().Fill(1); // resident, not only reserved
        return Environment.ProcessId;
    }

    // Where no collector looks.
    private static unsafe int LeaveBehind(int bytes)
    {
        void* memory = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes);
        new Span<byte>(memory, bytes).Fill(1);
        return Environment.ProcessId;
    }

    private static void WaitUnlessFirst(string folder)
    {
        try
        {
            using FileStream first = new(Path.Combine(folder, "first"), FileMode.CreateNew);
        }
        catch (IOException)
        {
            Misfortune.MeetAt(folder);
        }
    }

    private static void KeepForEver(int bytes)
    {
        Keep(bytes);
        while (s_kept is not null)
        {
        }
    }

    private static async Task<CallResult<int>[]> Collect(IAsyncEnumerable<CallResult<int>> results)
    {
        List<CallResult<int>> all = [];
        await foreach (CallResult<int> result in results) all.Add(result);
        return [.. all];
    }
}
