using GilSharp.Processes.Faults;

namespace GilSharp.Tests.Processes;

/// <summary>A worker dies in each of the five ways at each point of its life: one call is lost at most, and it is told the truth.</summary>
[TestClass]
public sealed class DeathMatrixTests : PoolTest
{
    private static readonly FaultAction[] Ways =
        [FaultAction.Exit, FaultAction.FailFast, FaultAction.SegmentationFault, FaultAction.StackOverflow, FaultAction.Kill];

    public static IEnumerable<object[]> EachWay => Ways.Select(way => new object[] { way.ToString() });

    public static IEnumerable<object[]> InACall => Cross(FaultPoint.ReadingArguments, FaultPoint.BeforeAnswer, FaultPoint.WithinAnswer);

    public static IEnumerable<object[]> OutsideOfCalls => Cross(FaultPoint.Starting, FaultPoint.Initializing, FaultPoint.Claiming, FaultPoint.AfterAnswer, FaultPoint.Idle);

    private static IEnumerable<object[]> Cross(params FaultPoint[] points) =>
        from point in points from way in Ways select new object[] { point.ToString(), way.ToString() };

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(InACall))]
    public async Task WorkerThatDiesInACall_LosesThatCall_AndNoOther(string point, string way)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = PoolWith(place, point, way, skip: 4);
        await InTime(pool.StartAsync());
        (int results, List<WorkerCrashedException> lost) = await MakeCalls(pool, 100);

        Assert.AreEqual(99, results);
        Assert.HasCount(1, lost);
        Assert.AreEqual(CallCertainty.MayHaveRun, lost[0].Certainty);
        AssertTold(way, lost[0].Reason, lost[0].ExitCode, lost[0].Signal);
        (results, lost) = await MakeCalls(pool, 20);
        Assert.AreEqual(20, results, "The pool is not what it was.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(OutsideOfCalls))]
    public async Task WorkerThatDiesOutsideOfACall_LosesNone(string point, string way)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = PoolWith(place, point, way, skip: 0);
        TaskCompletionSource<WorkerExitedEventArgs> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) => exited.TrySetResult(args);

        (int results, List<WorkerCrashedException> lost) = await MakeCalls(pool, 50);
        WorkerExitedEventArgs args = await InTime(exited.Task);

        // A call that an idle worker, doomed already, has just begun is lost with it; the others are not.
        Assert.IsLessThanOrEqualTo(point == nameof(FaultPoint.Idle) ? 1 : 0, lost.Count);
        Assert.AreEqual(50, results + lost.Count);
        AssertTold(way, args.Reason, args.ExitCode, args.Signal);
        bool neverReady = point is nameof(FaultPoint.Starting) or nameof(FaultPoint.Initializing);
        if (neverReady) Assert.AreEqual(1, pool.GetStatistics().FailedStarts);
        (results, _) = await MakeCalls(pool, 20);
        Assert.AreEqual(20, results, "The pool is not what it was.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(EachWay))]
    public async Task WorkerThatDiesWhileItLeaves_HoldsNobodyUp(string way)
    {
        using MeetingPlace place = new();
        ProcessPool pool = PoolWith(place, nameof(FaultPoint.Leaving), way, skip: 0, once: false);
        List<WorkerExitedEventArgs> exits = [];
        pool.WorkerExited += (_, args) =>
        {
            lock (exits) exits.Add(args);
        };
        await InTime(pool.StartAsync());
        (int results, _) = await MakeCalls(pool, 20);
        Assert.AreEqual(20, results);

        pool.Resize(1); // one leaves, and dies of it, while the other works on
        (results, _) = await MakeCalls(pool, 20);
        Assert.AreEqual(20, results);
        await InTime(pool.DisposeAsync().AsTask());

        Eventually(() => { lock (exits) return exits.Count == 2; }, "told of both"); // a handler is called a moment after the end
        foreach (WorkerExitedEventArgs args in exits) AssertTold(way, args.Reason, args.ExitCode, args.Signal);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(EachWay))]
    public async Task WorkerThatDiesWithinAResultOfHundredMegabytes_FailsThatCall_AndTheNextGetsItsOwn(string way)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = PoolWith(place, nameof(FaultPoint.WithinAnswer), way, skip: 0);
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(HundredMegabytes, (byte)1));
        Assert.AreEqual(CallCertainty.MayHaveRun, error.Certainty);
        AssertTold(way, error.Reason, error.ExitCode, error.Signal);

        AssertWhole(await InTime(pool.ApplyAsync(HundredMegabytes, (byte)2)), 2);
    }

    /// <summary>A text goes through the pipe, where an array goes through shared memory: half of it has come when the worker dies.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(EachWay))]
    public async Task WorkerThatDiesWithinATextOfHundredMegabytes_FailsThatCall_AndTheNextGetsItsOwn(string way)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = PoolWith(place, nameof(FaultPoint.WithinAnswer), way, skip: 0);
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(HundredMegabytesOfText, 'a'));
        Assert.AreEqual(CallCertainty.MayHaveRun, error.Certainty);
        AssertTold(way, error.Reason, error.ExitCode, error.Signal);
        Assert.IsGreaterThan(40_000_000, pool.GetStatistics().BytesReceived, "It did not die in the middle.");

        string whole = await InTime(pool.ApplyAsync(HundredMegabytesOfText, 'b'));
        Assert.AreEqual(100_000_000, whole.Length);
        Assert.IsFalse(whole.AsSpan().ContainsAnyExcept('b'), "Characters of another result.");
    }

    /// <summary>Whenever that is: while the array is made, is copied into shared memory, is announced, or has been read.</summary>
    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task WorkerThatIsKilledWhileItReturnsHundredMegabytes_LosesThatCallAtMost_AndTheNextGetsItsOwn()
    {
        await using ProcessPool pool = new(1);
        byte filling = 0;
        foreach (int milliseconds in new[] { 0, 2, 5, 10, 20, 40, 80 })
        {
            filling++;
            try
            {
                AssertWhole(await InTime(pool.ApplyAsync(HundredMegabytesAndDie, filling, milliseconds)), filling);
            }
            catch (WorkerCrashedException error)
            {
                Assert.AreEqual((CallCertainty.MayHaveRun, WorkerExitReason.Killed), (error.Certainty, error.Reason));
            }

            filling++;
            AssertWhole(await InTime(pool.With(new CallOptions { Retries = 1 }).ApplyAsync(HundredMegabytes, filling)), filling); // it may meet the old one's end
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(EachWay))]
    public async Task WorkerThatDiesWithRetriesLeft_RunsTheCallAgain(string way)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = PoolWith(place, nameof(FaultPoint.WithinAnswer), way, skip: 0);
        Assert.AreEqual(2, await InTime(pool.With(new CallOptions { Retries = 1 }).ApplyAsync(static () => WorkerContext.Attempt)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(EachWay))]
    public async Task InitializerThatDies_FailsThePool_WithTheReason_AndWithoutARestartLoop(string way)
    {
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 2,
            StandardError = WorkerOutput.Discard,
            Faults = new FaultPlan { InWorkers = [new FaultRule(FaultPoint.Initializing, Enum.Parse<FaultAction>(way))] },
        });
        WorkerStartException error = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(error.Message, Told(way).Signal ?? "exit code 3");
        await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        Assert.IsLessThanOrEqualTo(way == nameof(FaultAction.Kill) ? 10 : 5, pool.GetStatistics().FailedStarts);
    }

    [TestMethod]
    [Timeout(3 * Deadline)]
    public async Task AllWorkersKilledAgainAndAgain_UnderLoad_EveryCallEnds_WithItsOwnResult()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 3, StandardError = WorkerOutput.Discard, CallDefaults = new CallOptions { Retries = 50 } });
        await InTime(pool.StartAsync());
        Task<int>[] calls = [.. Enumerable.Range(0, 3000).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        for (int round = 0; round < 5 * TestEffort.Factor; round++)
        {
            Eventually(() => pool.Workers.Any(worker => worker.State is WorkerState.Idle or WorkerState.Busy), "one that is ready");
            foreach (WorkerInfo worker in pool.Workers.Where(worker => worker.State is WorkerState.Idle or WorkerState.Busy && worker.ProcessId > 0))
                Signal(worker.ProcessId, 9);
        }

        for (int i = 0; i < calls.Length; i++) Assert.AreEqual(i + 1, await InTime(calls[i]));
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    private static void AssertWhole(byte[] result, byte filling)
    {
        Assert.HasCount(100_000_000, result);
        Assert.IsFalse(result.AsSpan().ContainsAnyExcept(filling), "Bytes of another result.");
    }

    private static string HundredMegabytesOfText(char filling) => new(filling, 100_000_000);

    private static byte[] HundredMegabytesAndDie(byte filling, int milliseconds)
    {
        byte[] much = HundredMegabytes(filling);
        new Thread(() =>
        {
            Thread.Sleep(milliseconds);
            Misfortune.KillItself();
        }).Start();
        return much;
    }

    private static byte[] HundredMegabytes(byte filling)
    {
        byte[] much = new byte[100_000_000];
        Array.Fill(much, filling);
        return much;
    }

    private static async Task<(int Results, List<WorkerCrashedException> Lost)> MakeCalls(ProcessPool pool, int count)
    {
        Task<int>[] calls = [.. Enumerable.Range(0, count).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        List<WorkerCrashedException> lost = [];
        int results = 0;
        for (int i = 0; i < count; i++)
        {
            try
            {
                Assert.AreEqual(i + 1, await InTime(calls[i]));
                results++;
            }
            catch (WorkerCrashedException error)
            {
                lost.Add(error);
            }
        }

        return (results, lost);
    }

    private static ProcessPool PoolWith(MeetingPlace place, string point, string way, int skip, bool once = true) => new(new ProcessPoolOptions
    {
        Workers = 2,
        StandardError = WorkerOutput.Discard,
        WorkerExitingTimeout = Timeout.InfiniteTimeSpan, // who dies of a stack overflow writes down all of its frames first
        Faults = new FaultPlan
        {
            InWorkers = [new FaultRule(Enum.Parse<FaultPoint>(point), Enum.Parse<FaultAction>(way)) { Skip = skip, Once = once ? place.Once : null, Milliseconds = 20 }],
        },
    });

    private static void AssertTold(string way, WorkerExitReason reason, int code, string? signal)
    {
        (int Code, string? Signal, WorkerExitReason Reason) told = Told(way);
        Assert.AreEqual(told.Signal, signal);
        Assert.AreEqual(told.Code, code);
        if (reason != WorkerExitReason.StartFailed) Assert.AreEqual(told.Reason, reason);
    }

    private static (int Code, string? Signal, WorkerExitReason Reason) Told(string way) => way switch
    {
        nameof(FaultAction.Exit) => (3, null, WorkerExitReason.Exited),
        nameof(FaultAction.SegmentationFault) => (139, "SIGSEGV", WorkerExitReason.Crashed),
        nameof(FaultAction.Kill) => (137, "SIGKILL", WorkerExitReason.Killed),
        _ => (134, "SIGABRT", WorkerExitReason.Crashed),
    };
}
