using System.Collections.Concurrent;
using GilSharp.Processes.Faults;
using Microsoft.Extensions.Logging;

namespace GilSharp.Tests.Processes;

/// <summary>What costs workers again and again, and what keeps them from leaving, has an end.</summary>
[TestClass]
public sealed class LastCallsTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallThatCostsWorkersBeforeItStarts_IsRefusedAfterFive_WithItsHistory()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            StandardError = WorkerOutput.Discard,
            Faults = new FaultPlan { InWorkers = [new FaultRule(FaultPoint.Claiming, FaultAction.Kill)] },
        });

        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.Increment, 1));

        Assert.AreEqual(CallCertainty.NeverStarted, error.Certainty);
        StringAssert.Contains(error.Message, "5 workers");
        AggregateException history = (AggregateException)error.InnerException!;
        Assert.HasCount(4, history.InnerExceptions);
        Assert.IsTrue(history.InnerExceptions.All(earlier => earlier is WorkerCrashedException { Certainty: CallCertainty.NeverStarted }));
        Assert.AreEqual(CallCertainty.NeverStarted, (await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.Increment, 1))).Certainty, "The next call has its own five.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FunctionThatKillsItsWorkerEachTime_IsNotHeldAgainstItsOtherCalls()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        for (int i = 0; i < 7; i++)
        {
            Assert.AreEqual(CallCertainty.MayHaveRun, (await Throws<WorkerCrashedException>(pool.ApplyAsync(DieIfNegative, -1))).Certainty);
        }

        Assert.AreEqual(1, await InTime(pool.ApplyAsync(DieIfNegative, 1)));
        Assert.AreEqual(0, pool.GetStatistics().FailedStarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ExitHookThatDoesNotEnd_IsStopped_AndItsPlaceIsFree()
    {
        using KeptErrors log = new();
        ConcurrentQueue<WorkerExitedEventArgs> exits = [];
        ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            MaxCallsPerWorker = 1,
            WorkerExiting = static () => Thread.Sleep(Timeout.Infinite),
            WorkerExitingTimeout = TimeSpan.FromMilliseconds(200),
            LoggerFactory = log,
        });
        pool.WorkerExited += (_, args) => exits.Enqueue(args);

        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
        await InTime(pool.DisposeAsync().AsTask());

        Eventually(() => exits.Count == 2, "told of both"); // a handler is called a moment after the end
        Assert.IsTrue(exits.All(args => args.Reason == WorkerExitReason.ExitTimeout));
        Assert.HasCount(2, log.Lines);
        StringAssert.Contains(log.Lines.First(), nameof(ProcessPoolOptions.WorkerExitingTimeout));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ExitHookThatThrows_IsReported_AndTheEndGoesOn()
    {
        using KeptErrors log = new();
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerExiting = static () => throw new FormatException("no farewell"), LoggerFactory = log });
        int worker = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        await InTime(pool.DisposeAsync().AsTask());
        Assert.IsFalse(IsAlive(worker));
        Assert.Contains("no farewell", string.Join('\n', log.Lines));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProcessExitHandlerThatDoesNotEnd_IsStoppedToo()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerExitingTimeout = TimeSpan.FromMilliseconds(200) });
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(static () =>
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Thread.Sleep(Timeout.Infinite);
            Environment.Exit(4);
        }));
        Assert.IsTrue(error.Reason is WorkerExitReason.ExitTimeout or WorkerExitReason.Exited, error.ToString());
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatExitsFromATimer_AfterItHasAnswered_FailsTheCallThatRunsThen_AndIsReplaced()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(1);
        int first = await InTime(pool.ApplyAsync(static folder =>
        {
            new Thread(() =>
            {
                while (!File.Exists(Path.Combine(folder, "go"))) Thread.Sleep(1);
                Environment.Exit(5);
            }).Start();
            return Environment.ProcessId;
        }, place.Folder));
        using MeetingPlace other = new();
        Task<int> next = pool.ApplyAsync(Misfortune.MeetAt, other.Folder);
        Eventually(() => other.Arrived == 1, "running");
        Task<int>[] behind = [.. Enumerable.Range(0, 10).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];

        place.LetGo();

        WorkerCrashedException error = await Throws<WorkerCrashedException>(next);
        Assert.AreEqual(WorkerExitReason.Exited, error.Reason);
        Assert.AreEqual(5, error.ExitCode);
        Assert.AreEqual(first, error.ProcessId);
        Assert.AreEqual(55, (await InTime(Task.WhenAll(behind))).Sum());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ExceptionInTheBackground_AfterTheResult_IsReportedAsTheWorkersEnd()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        TaskCompletionSource<WorkerExitedEventArgs> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) => exited.TrySetResult(args);
        int worker = await InTime(pool.ApplyAsync(static folder =>
        {
            new Thread(() =>
            {
                while (!File.Exists(Path.Combine(folder, "go"))) Thread.Sleep(1);
                throw new FormatException("nobody sees this");
            }).Start();
            return Environment.ProcessId;
        }, place.Folder));

        place.LetGo();

        WorkerExitedEventArgs args = await InTime(exited.Task);
        Assert.AreEqual(worker, args.ProcessId);
        Assert.AreEqual(WorkerExitReason.Crashed, args.Reason);
        Assert.AreEqual("SIGABRT", args.Signal);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(13)]
    public async Task WorkersThatKillOneAnother_EveryCallEnds(int workers)
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = workers, StandardError = WorkerOutput.Discard });
        Task<int>[] calls = [.. Enumerable.Range(0, 2 * workers).Select(i => pool.ApplyAsync(KillAnother, place.Folder, i))];
        int ended = 0;
        foreach (Task<int> call in calls)
        {
            try
            {
                await InTime(call);
            }
            catch (WorkerCrashedException error)
            {
                Assert.AreEqual("SIGKILL", error.Signal);
            }

            ended++;
        }

        Assert.AreEqual(2 * workers, ended);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(2 * Deadline)]
    public async Task TenOfHundredAndTenCalls_ThatUseTooMuchMemory_FailAlone()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, WorkerMemoryLimit = 400L << 20, StandardError = WorkerOutput.Discard });
        Task<int>[] calls = [.. Enumerable.Range(0, 110).Select(i => pool.ApplyAsync(TakeMemoryAtEleven, i))];
        int failed = 0;
        for (int i = 0; i < calls.Length; i++)
        {
            try
            {
                Assert.AreEqual(i, await InTime(calls[i]));
            }
            catch (WorkerCrashedException error)
            {
                Assert.AreEqual(WorkerExitReason.MemoryLimit, error.Reason);
                Assert.AreEqual(10, i % 11, "A call that took nothing was lost.");
                failed++;
            }
        }

        Assert.AreEqual(10, failed);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsThatCrash_OrCanNotBeSerialised_WhileThePoolEnds_DoNotHoldItUp()
    {
        for (int round = 0; round < 3; round++)
        {
            ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StandardError = WorkerOutput.Discard });
            await InTime(pool.StartAsync());
            Task[] calls =
            [
                pool.ApplyAsync(Misfortune.KillItself), pool.ApplyAsync(static () => new MemoryStream()), pool.ApplyAsync(Misfortune.Exit),
                pool.ApplyAsync(Misfortune.Increment, 1), pool.ApplyAsync(static (Stream stream) => stream.Length, (Stream)new MemoryStream()),
            ];
            pool.Close();
            await InTime(pool.JoinAsync());
            Assert.IsTrue(calls.All(call => call.IsCompleted));
            Assert.IsInstanceOfType<CallSerializationException>(calls[1].Exception!.InnerException);
            Assert.AreEqual(2, ((Task<int>)calls[3]).Result);
            pool.Dispose();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task KillOfACallThatDoesNotListen_NeverTouchesTheNext()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.Zero });
        await InTime(Task.WhenAll(Enumerable.Range(0, 500).Select(i => pool.ApplyAsync(Misfortune.Increment, i)))); // short calls teach the pool to send ahead
        for (int round = 0; round < 5; round++)
        {
            Task<int> stubborn = pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(1) }).ApplyAsync(Misfortune.ProcessIdAfter, 60_000);
            Task<int>[] behind = [.. Enumerable.Range(0, 50).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
            await Throws<CallTimeoutException>(stubborn);
            for (int i = 0; i < behind.Length; i++) Assert.AreEqual(i + 1, await InTime(behind[i]));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TimeoutOfACallThatIsAboutToBeClaimed_LeavesItsWorkerInUse()
    {
        // Found by chaos: the time passed after the worker had said which call it takes, and before it had taken it.
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            CancellationGracePeriod = TimeSpan.FromSeconds(20),
            Faults = new FaultPlan { InWorkers = [new FaultRule(FaultPoint.Claiming, FaultAction.Delay) { Milliseconds = 200, Skip = 1 }] },
        });
        await InTime(pool.ApplyAsync(Misfortune.Increment, 1));
        for (int round = 0; round < 3; round++)
        {
            await Throws<CallTimeoutException>(pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(10) }).ApplyAsync(Misfortune.EndWhenAsked, 60_000));
            Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        }

        Assert.AreEqual(0, pool.GetStatistics().Restarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatDiesJustBeforeItReads_LosesNothing()
    {
        int killed = 0;
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 2,
            StandardError = WorkerOutput.Discard,
            Faults = new FaultPlan
            {
                InPool = (point, worker) =>
                {
                    if (point == PoolFaultPoint.Sending && worker.IsReady && worker.InFlight > 0 && Interlocked.Increment(ref killed) is 3 or 30) worker.Kill();
                },
            },
        });
        // One after the other: whatever is on its way to the worker that is killed has not started there.
        for (int i = 0; i < 100; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.IsGreaterThanOrEqualTo(1L, pool.GetStatistics().Restarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CloseThatDoesNotWait_MeetsWorkersThatLeaveAfterTheirLastCall_AndTheRestStillRuns()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, MaxCallsPerWorker = 2 });
        Task<int>[] calls = [.. Enumerable.Range(0, 12).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        pool.Close();
        for (int i = 0; i < calls.Length; i++) Assert.AreEqual(i + 1, await InTime(calls[i]));
        await InTime(pool.JoinAsync());
        pool.Dispose();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Dumps_AreTheUsersToSwitch_AndTheEnvironmentIsOtherwiseUntouched()
    {
        await using ProcessPool pool = new(1);
        string[] dumping = await InTime(pool.ApplyAsync(DumpVariables));
        CollectionAssert.AreEquivalent(DumpVariables(), dumping);

        using MeetingPlace place = new();
        string dump = Path.Combine(place.Folder, "dump.%p");
        ProcessPoolOptions options = new() { Workers = 1, StandardError = WorkerOutput.Discard };
        options.Environment["DOTNET_DbgEnableMiniDump"] = "1";
        options.Environment["DOTNET_DbgMiniDumpType"] = "1";
        options.Environment["DOTNET_DbgMiniDumpName"] = dump;
        await using ProcessPool dumper = new(options);
        WorkerCrashedException error = await Throws<WorkerCrashedException>(dumper.ApplyAsync(Misfortune.FailFast));
        Assert.IsTrue(File.Exists(dump.Replace("%p", error.ProcessId.ToString(), StringComparison.Ordinal)), error.StandardError);
    }

    private static string[] DumpVariables() =>
        [.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.Contains("_Dbg", StringComparison.OrdinalIgnoreCase) || name.StartsWith("GILSHARP", StringComparison.Ordinal))];

    private static int DieIfNegative(int value)
    {
        if (value < 0) Misfortune.KillItself();
        return value;
    }

    private static int KillAnother(string folder, int call)
    {
        File.WriteAllText(Path.Combine(folder, $"pid-{Environment.ProcessId}"), "");
        int[] all = [.. Directory.GetFiles(folder, "pid-*").Select(file => int.Parse(Path.GetFileName(file)[4..]))];
        int victim = all[new Random(call).Next(all.Length)];
        if (call % 2 == 0 && IsAlive(victim)) Signal(victim, 9);
        return call;
    }

    private static int TakeMemoryAtEleven(int call)
    {
        if (call % 11 != 10) return call;
        List<byte[]> kept = [];
        while (true)
        {
            byte[] more = new byte[16 << 20];
            Array.Fill(more, (byte)1);
            kept.Add(more);
            if (kept.Count > 200) Thread.Sleep(1000); // never more than 3 GB, should the limit fail
        }
    }

    private sealed class KeptErrors : ILoggerFactory, ILogger
    {
        internal ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
