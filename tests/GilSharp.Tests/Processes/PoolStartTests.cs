namespace GilSharp.Tests.Processes;

/// <summary>How workers start: their initializer, starts that fail, those that stand by.</summary>
[TestClass]
public sealed class PoolStartTests : PoolTest
{
    private static int s_state;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Initializer_RunsOnceInEveryWorker_OnTheThreadOfItsCalls()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 2,
            Initializer = () => s_state = 1000 + Environment.CurrentManagedThreadId,
            MaxCallsPerWorker = 2,
        });
        await InTime(pool.StartAsync());
        for (int i = 0; i < 8; i++)
        {
            bool same = await InTime(pool.ApplyAsync(() => s_state == 1000 + Environment.CurrentManagedThreadId));
            Assert.IsTrue(same);
        }

        Assert.AreEqual(0, s_state);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InitializerThatThrows_FailsEveryCall_WithItsCause_AndWithoutARestartLoop()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Initializer = () => throw new FormatException("bad licence") });
        WorkerStartException waiting = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(waiting.ToString(), "bad licence");
        WorkerStartException later = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(later.ToString(), "bad licence");
        Assert.IsLessThan(4L, pool.GetStatistics().Restarts);
        await InTime(pool.DisposeAsync().AsTask());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InitializerThatExits_FailsPromptly()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Initializer = () => Environment.Exit(9) });
        WorkerStartException error = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(error.Message, "exit code 9");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InitializerThatExits_FailsStartAsync_ThoughNoCallWaits()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Initializer = static () => Environment.Exit(9) });
        WorkerStartException error = await Throws<WorkerStartException>(pool.StartAsync());
        StringAssert.Contains(error.Message, "exit code 9");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatEndsBeforeItIsReady_IsReplacedForStartAsync()
    {
        using MeetingPlace place = new();
        string once = place.Once;
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 2,
            Initializer = () =>
            {
                if (!File.Exists(once))
                {
                    File.WriteAllText(once, "");
                    Environment.Exit(9);
                }
            },
        });
        await InTime(pool.StartAsync());
        Assert.HasCount(2, pool.Workers.Where(worker => worker.State == WorkerState.Idle));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatEndsBeforeItIsReady_InAPoolThatIsClosed_EndsStartAsync()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            Initializer = () =>
            {
                Misfortune.MeetAt(folder);
                Environment.Exit(9);
            },
        });
        Task start = pool.StartAsync();
        Eventually(() => place.Arrived == 1, "in the initializer");
        pool.Close();
        place.LetGo();
        InvalidOperationException error = await Throws<InvalidOperationException>(start);
        StringAssert.Contains(error.Message, "closed");
        await InTime(pool.JoinAsync());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StartThatTakesTooLong_Fails()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            Initializer = () => Thread.Sleep(Timeout.Infinite),
            StartTimeout = TimeSpan.FromMilliseconds(300),
        });
        WorkerStartException error = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(error.Message, nameof(ProcessPoolOptions.StartTimeout));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StandbyWorker_ReplacesALostOne_WithoutAStart()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandbyWorkers = 1, StandardError = WorkerOutput.Discard });
        await InTime(pool.StartAsync());
        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        int standby = pool.Workers.Single(worker => worker.ProcessId != first).ProcessId;
        for (int i = 0; i < 10; i++) Assert.AreEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)), "A worker that stands by got a call.");

        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));

        Assert.AreEqual(standby, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
        Assert.AreEqual((1, 1L), (pool.Workers.Single(worker => worker.ProcessId == standby).Restarts, pool.GetStatistics().Restarts));
        Eventually(() => pool.Workers.Count == 2 && pool.Workers.All(worker => worker.State == WorkerState.Idle), "complete again");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StartAsync_EndsWhenTheWorkerThatWasMissingIsNotWantedAnyMore()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Initializer = () => { if (WorkerContext.WorkerId == 1) _ = Misfortune.MeetAt(folder); } });
        Task ready = pool.StartAsync();
        Eventually(() => place.Arrived == 1 && pool.Workers.Any(worker => worker.State == WorkerState.Idle), "one ready, one in its initializer");
        int starting = pool.Workers.Single(worker => worker.State == WorkerState.Starting).ProcessId;
        pool.Resize(1);
        System.Diagnostics.Process.GetProcessById(starting).Kill();
        await InTime(ready);
    }
}
