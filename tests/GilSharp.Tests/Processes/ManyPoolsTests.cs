namespace GilSharp.Tests.Processes;

/// <summary>Pools inside pools, pools side by side, pools of many workers and of changing size.</summary>
[TestClass]
public sealed class ManyPoolsTests : PoolTest
{
    private const int LongDeadline = 300_000; // so many processes take their time on a machine that others use too

    private static readonly TimeSpan ManyTakeLonger = TimeSpan.FromMinutes(4);

    private static int s_pool = -1; // in a worker: which pool it belongs to

    [TestMethod]
    [Timeout(LongDeadline)]
    public async Task PoolsTenDeep_Work_AndOneDeeperIsRefusedWithTheWayOut()
    {
        await using ProcessPool pool = new(Options(1));

        int[] processes = await pool.ApplyAsync(Descend, 9).WaitAsync(ManyTakeLonger);
        Assert.HasCount(11, processes.Append(Environment.ProcessId).Distinct());
        Assert.HasCount(10, processes);

        WorkerStartException error = await Assert.ThrowsExactlyAsync<WorkerStartException>(() => pool.ApplyAsync(Descend, 10).WaitAsync(ManyTakeLonger));
        StringAssert.Contains(error.Message, "10 pools deep");
        StringAssert.Contains(error.Message, nameof(InlinePool));
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(LongDeadline)]
    public async Task SixtyFourWorkers_AllWorkAtOnce_AndTakeTheirCalls()
    {
        using MeetingPlace place = new();
        ProcessPool pool = new(Options(64));
        await pool.StartAsync().WaitAsync(ManyTakeLonger);
        Task<int>[] meeting = [.. Enumerable.Range(0, 64).Select(_ => pool.ApplyAsync(MeetSlowly, place.Folder))];
        Eventually(() => place.Arrived == 64, "64 at work");
        Assert.AreEqual(64, pool.GetStatistics().Running);
        place.LetGo();
        Assert.HasCount(64, (await Task.WhenAll(meeting).WaitAsync(ManyTakeLonger)).Distinct());

        int calls = 64 * 20 * TestEffort.Factor;
        int[] results = await Task.WhenAll(Enumerable.Range(0, calls).Select(i => pool.ApplyAsync(Misfortune.Increment, i))).WaitAsync(ManyTakeLonger);
        CollectionAssert.AreEqual(Enumerable.Range(1, calls).ToArray(), results);

        int[] workers = [.. pool.Workers.Select(worker => worker.ProcessId)];
        pool.Close();
        await pool.JoinAsync().WaitAsync(ManyTakeLonger);
        Assert.IsFalse(workers.Any(IsAlive));
        pool.Dispose();
    }

    [TestMethod]
    [Timeout(LongDeadline)]
    public async Task TenPoolsSideBySide_KeepTheirCallsApart_AndOneThatIsTerminatedTakesNobodyAlong()
    {
        using MeetingPlace place = new();
        ProcessPool[] pools = [.. Enumerable.Range(0, 10).Select(i => new ProcessPool(new ProcessPoolOptions { Name = $"beside-{i}", Workers = 1, Initializer = () => s_pool = i, StartTimeout = ManyTakeLonger }))];
        try
        {
            List<Task<(int Pool, int Call, int Process)>> calls = [];
            for (int call = 0; call < 20; call++)
                foreach (ProcessPool pool in pools)
                    calls.Add(pool.ApplyAsync(static number => (s_pool, number, Environment.ProcessId), call));
            (int Pool, int Call, int Process)[] answers = await Task.WhenAll(calls).WaitAsync(ManyTakeLonger);

            for (int i = 0; i < answers.Length; i++) Assert.AreEqual((i % 10, i / 10), (answers[i].Pool, answers[i].Call));
            Assert.HasCount(10, answers.Select(answer => (answer.Pool, answer.Process)).Distinct());
            Assert.HasCount(10, answers.Select(answer => answer.Process).Distinct());

            Task<int>[] running = [.. pools.Select(pool => pool.ApplyAsync(Misfortune.MeetAt, place.Folder))];
            Eventually(() => place.Arrived == 10, "all at work");
            pools[3].Terminate();
            await Throws<ProcessPoolTerminatedException>(running[3]);
            place.LetGo();
            for (int i = 0; i < 10; i++)
                if (i != 3)
                    Assert.AreEqual(answers[i].Process, await InTime(running[i]));
        }
        finally
        {
            foreach (ProcessPool pool in pools) await pool.DisposeAsync();
        }
    }

    [TestMethod]
    [Timeout(LongDeadline)]
    public async Task Resize_FromTwelveToTwoToOneToTwelve_AmidWork_LosesNoCall()
    {
        await using ProcessPool pool = new(Options(12));
        List<Task<int>> calls = [];
        for (int round = 0; round < TestEffort.Factor; round++)
        {
            foreach (int size in new[] { 12, 2, 1, 12 })
            {
                pool.Resize(size);
                for (int i = 0; i < 200; i++) calls.Add(pool.ApplyAsync(Misfortune.Increment, calls.Count));
                await calls[^1].WaitAsync(ManyTakeLonger); // amid work: the calls before it may still run
            }
        }

        int[] results = await Task.WhenAll(calls).WaitAsync(ManyTakeLonger);
        CollectionAssert.AreEqual(Enumerable.Range(1, results.Length).ToArray(), results);

        using MeetingPlace place = new();
        Task<int>[] meeting = [.. Enumerable.Range(0, 12).Select(_ => pool.ApplyAsync(MeetSlowly, place.Folder))];
        Eventually(() => place.Arrived == 12, "twelve at work again");
        place.LetGo();
        await Task.WhenAll(meeting).WaitAsync(ManyTakeLonger);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallBehindALongOne_GetsTheWorkerThatMayBeStartedOnceAnotherHasLeft()
    {
        using MeetingPlace farewell = new();
        using MeetingPlace place = new();
        string folder = farewell.Folder;
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, WorkerExiting = () => Misfortune.MeetAt(folder), WorkerExitingTimeout = Timeout.InfiniteTimeSpan });
        try
        {
            await InTime(pool.StartAsync());
            pool.Resize(1);
            Eventually(() => farewell.Arrived == 1, "one on its way out");
            for (int i = 0; i < 1000; i++) await InTime(pool.ApplyAsync(Misfortune.Increment, i)); // short calls: more than one is sent to the worker that stays

            pool.Resize(2); // the one that leaves still counts
            Task<int>[] meeting = [pool.ApplyAsync(Misfortune.MeetAt, place.Folder), pool.ApplyAsync(Misfortune.MeetAt, place.Folder)];
            Eventually(() => place.Arrived == 1, "the first at work");
            Assert.AreEqual(1, pool.GetStatistics().Queued);
            farewell.LetGo();

            Eventually(() => place.Arrived == 2, "both at work");
            place.LetGo();
            Assert.HasCount(2, (await InTime(Task.WhenAll(meeting))).Distinct());
        }
        finally
        {
            farewell.LetGo();
            place.LetGo();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Resize_ToFewer_IdleWorkersLeaveAtOnce_BusyOnesAfterTheirCall_AndLargerAgainNewOnesCome()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(4);
        await InTime(pool.StartAsync());
        int[] before = [.. pool.Workers.Select(worker => worker.ProcessId)];
        Task<int>[] busy = [pool.ApplyAsync(Misfortune.MeetAt, place.Folder), pool.ApplyAsync(Misfortune.MeetAt, place.Folder)];
        Eventually(() => place.Arrived == 2, "two at work");

        pool.Resize(1);

        Eventually(() => before.Count(IsAlive) == 2, "without the idle workers");
        Eventually(() => pool.Workers.Count(worker => worker.State == WorkerState.Leaving) == 1, "down to the one that leaves after its call");
        Assert.IsFalse(busy.Any(call => call.IsCompleted));
        place.LetGo();
        int[] workers = await InTime(Task.WhenAll(busy));
        Eventually(() => workers.Count(IsAlive) == 1, "without the worker that was busy and surplus");

        pool.Resize(2);
        using MeetingPlace another = new();
        Task<int>[] next = [pool.ApplyAsync(Misfortune.MeetAt, another.Folder), pool.ApplyAsync(Misfortune.MeetAt, another.Folder)];
        Eventually(() => another.Arrived == 2, "two at work again");
        another.LetGo();
        Assert.HasCount(1, (await InTime(Task.WhenAll(next))).Except(before));
    }

    /// <summary>The processes from here down, each a worker of a pool in the one above.</summary>
    private static int[] Descend(int further)
    {
        if (further == 0) return [Environment.ProcessId];
        using ProcessPool pool = new(Options(1));
        return [Environment.ProcessId, .. pool.Apply(Descend, further - 1)];
    }

    private static int MeetSlowly(string folder)
    {
        File.WriteAllText(Path.Combine(folder, $"arrived-{Environment.ProcessId}"), "");
        while (!File.Exists(Path.Combine(folder, "go"))) Thread.Sleep(50); // 64 that look every millisecond keep the machine from anything else
        return Environment.ProcessId;
    }

    private static ProcessPoolOptions Options(int workers) => new() { Workers = workers, StartTimeout = TimeSpan.FromMinutes(4), ShutdownTimeout = TimeSpan.FromMinutes(4) };
}
