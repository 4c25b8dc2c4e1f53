using System.Runtime.CompilerServices;

namespace GilSharp.Tests.Processes;

/// <summary>From the constructor to the last worker's end.</summary>
[TestClass]
public sealed class PoolLifeTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task TwoSlowCalls_OnTwoWorkers_RunInTwoProcesses()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(2);
        Task<int>[] calls = [pool.ApplyAsync(Misfortune.MeetAt, place.Folder), pool.ApplyAsync(Misfortune.MeetAt, place.Folder)];
        Eventually(() => place.Arrived == 2, "running in two processes");
        place.LetGo();
        int[] processes = await InTime(Task.WhenAll(calls));
        Assert.AreNotEqual(processes[0], processes[1]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsOneAfterTheOther_OnAnIdlePool_UseOneWorker()
    {
        await using ProcessPool pool = new(4);
        int first = await pool.ApplyAsync(Misfortune.ProcessId);
        for (int i = 0; i < 10; i++) Assert.AreEqual(first, await pool.ApplyAsync(Misfortune.ProcessId));
        Assert.HasCount(1, pool.Workers);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OneSlowCall_DoesNotHoldBackWhatWasSentAheadBehindIt()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(2);
        await pool.StartAsync();
        await InTime(Task.WhenAll(Enumerable.Range(0, 4000).Select(i => pool.ApplyAsync(Misfortune.Increment, i))));

        Task<int> slow = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Task<int>[] quick = [.. Enumerable.Range(0, 500).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];

        await InTime(Task.WhenAll(quick));
        Assert.IsFalse(slow.IsCompleted);
        place.LetGo();
        await InTime(slow);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Close_LetsAcceptedCallsEnd_AndJoinWaitsForTheWorkers()
    {
        ProcessPool pool = new(2);
        Task<int>[] calls = [.. Enumerable.Range(0, 200).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);

        pool.Close();
        await InTime(pool.JoinAsync());

        Assert.IsTrue(calls.All(call => call.IsCompletedSuccessfully));
        Assert.IsFalse(IsAlive(worker));
        Assert.IsEmpty(pool.Workers);
        pool.Join();
        pool.Dispose();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallAfterClose_GetsInvalidOperation_AfterDisposal_ObjectDisposed()
    {
        ProcessPool pool = new(1);
        pool.Close();
        InvalidOperationException closed = await Throws<InvalidOperationException>(pool.ApplyAsync(Misfortune.Increment, 1));
        Assert.IsNotInstanceOfType<ObjectDisposedException>(closed);
        pool.Dispose();
        pool.Dispose();
        await Throws<ObjectDisposedException>(pool.ApplyAsync(Misfortune.Increment, 1));
    }

    [TestMethod]
    public void JoinOfAnOpenPool_Throws()
    {
        using ProcessPool pool = new(1);
        Assert.ThrowsExactly<InvalidOperationException>(pool.Join);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Terminate_FailsWhatHasNotEnded_AndLeavesNoWorker()
    {
        using MeetingPlace place = new();
        ProcessPool pool = new(1);
        Task<int> running = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Task<int> waiting = pool.ApplyAsync(Misfortune.Increment, 1);
        Eventually(() => place.Arrived == 1, "running");
        int worker = pool.Workers[0].ProcessId;

        pool.Terminate();

        await Throws<ProcessPoolTerminatedException>(running);
        await Throws<ProcessPoolTerminatedException>(waiting);
        await InTime(pool.JoinAsync());
        Assert.IsFalse(IsAlive(worker));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Disposal_TerminatesWhatDoesNotEndInTime()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, ShutdownTimeout = TimeSpan.FromMilliseconds(100) });
        using MeetingPlace place = new();
        Task runaway = pool.ApplyAsync(Misfortune.NeverEnd, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        await InTime(pool.DisposeAsync().AsTask());
        await Throws<ProcessPoolTerminatedException>(runaway);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task View_SharesThePool_AndItsDisposalDoesNothing()
    {
        await using ProcessPool pool = new(1);
        WorkerPool view = pool.With(new CallOptions { Name = "view" });
        view.Dispose();
        Assert.AreEqual("view", await view.ApplyAsync(() => WorkerContext.CallName));
        Assert.AreEqual("view", await view.With(new CallOptions { Priority = 1 }).ApplyAsync(() => WorkerContext.CallName));
        view.Close();
        await Throws<InvalidOperationException>(pool.ApplyAsync(Misfortune.Increment, 1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerExiting_RunsInAWorkerThatLeaves()
    {
        using MeetingPlace place = new();
        string file = Path.Combine(place.Folder, "left");
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerExiting = () => File.WriteAllText(file, Environment.ProcessId.ToString()) });
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        await InTime(pool.DisposeAsync().AsTask());
        Assert.AreEqual(worker.ToString(), File.ReadAllText(file));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MaxCallsPerWorker_ReplacesWorkers_AndLosesNoCall()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, MaxCallsPerWorker = 5 });
        int[] processes = await InTime(Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pool.ApplyAsync(Misfortune.ProcessId))));
        Assert.IsGreaterThanOrEqualTo(8, processes.Distinct().Count());
        Assert.IsTrue(processes.CountBy(id => id).All(pair => pair.Value <= 5));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Resize_UpAndDownAmidWork_LosesNoCall()
    {
        await using ProcessPool pool = new(1);
        int[] sizes = [4, 1, 3, 2, 1, 4];
        List<Task<int>> calls = [];
        foreach (int size in sizes)
        {
            pool.Resize(size);
            for (int i = 0; i < 50; i++) calls.Add(pool.ApplyAsync(Misfortune.Increment, calls.Count));
        }

        int[] results = await InTime(Task.WhenAll(calls));
        for (int i = 0; i < results.Length; i++) Assert.AreEqual(i + 1, results[i]);
        pool.Resize(1);
        Eventually(() => pool.Workers.Count <= 1, "shrunk");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void DroppedPool_StillEndsItsCalls_AndItsWorkersLeave()
    {
        (Task<int> call, int worker) = DropAPool();
        Assert.IsTrue(call.Wait(NeverThatLong));
        Eventually(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !IsAlive(worker);
            },
            "gone");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Task<int> Call, int Worker) DropAPool()
    {
        ProcessPool pool = new(1);
        int worker = pool.Apply(Misfortune.ProcessId);
        return (pool.ApplyAsync(Misfortune.ProcessIdAfter, 100), worker);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Priority_LargerFirst()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(1);
        Task<int> running = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        string order = Path.Combine(place.Folder, "order");
        Task[] calls =
        [
            pool.ApplyAsync(File.AppendAllText, order, "a"),
            pool.With(new CallOptions { Priority = -1 }).ApplyAsync(File.AppendAllText, order, "z"),
            pool.With(new CallOptions { Priority = 5 }).ApplyAsync(File.AppendAllText, order, "1"),
            pool.ApplyAsync(File.AppendAllText, order, "b"),
            pool.With(new CallOptions { Priority = 9 }).ApplyAsync(File.AppendAllText, order, "0"),
        ];
        place.LetGo();
        await InTime(Task.WhenAll(calls));
        Assert.AreEqual("01abz", File.ReadAllText(order));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Environment_And_WorkingDirectory_AreTheWorkers()
    {
        using MeetingPlace place = new();
        ProcessPoolOptions options = new() { Workers = 1, WorkingDirectory = place.Folder };
        options.Environment["GILSHARP_TEST_VARIABLE"] = "set";
        await using ProcessPool pool = new(options);
        Assert.AreEqual("set", await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("GILSHARP_TEST_VARIABLE")));
        Assert.AreEqual(place.Folder, await pool.ApplyAsync(() => Environment.CurrentDirectory));
        Assert.IsNull(await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("GILSHARP_WORKER")));
        Assert.AreEqual(Environment.GetEnvironmentVariable("DOTNET_gcConcurrent"), await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("DOTNET_gcConcurrent")));
        Assert.IsFalse(await pool.ApplyAsync(() => System.Runtime.GCSettings.IsServerGC));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ThreadsPerWorker_IsHonouredByTheRuntime()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, ThreadsPerWorker = 10 });
        Assert.AreEqual(10, await pool.ApplyAsync(() => Environment.ProcessorCount));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task PoolInsideAWorker_Works()
    {
        await using ProcessPool pool = new(1);
        (int outer, int inner) = await InTime(pool.ApplyAsync(() =>
        {
            using ProcessPool nested = new(1);
            return (Environment.ProcessId, nested.Apply(Misfortune.ProcessId));
        }));
        Assert.AreNotEqual(outer, inner);
        Assert.AreNotEqual(Environment.ProcessId, inner);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    public void NoWorkers_IsRefused(int workers)
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ProcessPool(workers));
        StringAssert.Contains(error.Message, workers.ToString());
        Assert.AreEqual(nameof(ProcessPoolOptions.Workers), error.ParamName);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Log_OfAWorker_ReachesTheParentsFactory_WithCategoryLevelScopesAndException()
    {
        KeptLog log = new();
        await using (ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, LoggerFactory = log, Name = "logging" }))
        {
            await InTime(pool.ApplyAsync(static () =>
            {
                Microsoft.Extensions.Logging.ILogger logger = WorkerContext.LoggerFactory.CreateLogger("work");
                using (logger.BeginScope("outer"))
                    logger.Log(Microsoft.Extensions.Logging.LogLevel.Warning, new Microsoft.Extensions.Logging.EventId(7, "seven"), "text", new FormatException("why"), static (text, _) => text);
            }));
        }

        CollectionAssert.AreEqual(new[] { "Dictionary`2", "outer", "work Warning 7 text FormatException: why" }, log.Lines.ToArray());
    }

    private sealed class KeptLog : Microsoft.Extensions.Logging.ILoggerFactory
    {
        internal System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        private sealed class Logger(KeptLog log, string category) : Microsoft.Extensions.Logging.ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull
            {
                log.Lines.Enqueue(state is string text ? text : state.GetType().Name);
                return null;
            }

            public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

            public void Log<TState>(
                Microsoft.Extensions.Logging.LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                log.Lines.Enqueue($"{category} {logLevel} {eventId.Id} {formatter(state, exception)} {exception?.GetType().Name}: {exception?.Message}");
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Restarts_AreWorkersThatCameInThePlaceOfALostOne_AndCallsCompletedAreAWorkersOwn()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 4, StandardError = WorkerOutput.Discard });
        for (int i = 0; i < 3; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.AreEqual((3L, 0), (pool.Workers.Single().CallsCompleted, pool.Workers.Single().Restarts));

        for (int lost = 1; lost <= 2; lost++)
        {
            await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
            Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
            Assert.AreEqual((1L, lost), (pool.Workers.Single().CallsCompleted, pool.Workers.Single().Restarts));
            Assert.AreEqual(lost, pool.GetStatistics().Restarts);
        }

        // The others are new, and those that leave for good are replaced by none.
        await InTime(pool.StartAsync());
        CollectionAssert.AreEquivalent(new[] { 2, 0, 0, 0 }, pool.Workers.Select(worker => worker.Restarts).ToArray());
        pool.Resize(1);
        Eventually(() => pool.Workers.Count == 1, "one left");
        pool.Resize(2);
        await InTime(pool.StartAsync());
        Assert.AreEqual(2, pool.GetStatistics().Restarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Restarts_CountWorkersThatReplaceThoseThatHadServedTheirTime()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, MaxCallsPerWorker = 1 });
        for (int i = 0; i < 3; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.IsGreaterThanOrEqualTo(1L, pool.GetStatistics().Restarts);
        Assert.IsLessThanOrEqualTo(2L, pool.GetStatistics().Restarts, "The second has a place of its own if the first had not left yet.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Output_ThatIsCaptured_NamesItsWorkerAndCall()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture, StandardError = WorkerOutput.Capture });
        List<WorkerOutputEventArgs> received = [];
        pool.WorkerOutputReceived += (sender, args) =>
        {
            Assert.AreSame(pool, sender);
            lock (received) received.Add(args);
        };
        long call = await InTime(pool.ApplyAsync(() =>
        {
            Console.Out.Write("to output ä");
            Console.Error.Write("to error");
            return WorkerContext.CallId;
        }));
        await InTime(pool.DisposeAsync().AsTask());
        lock (received)
        {
            Assert.AreEqual("to output ä", string.Concat(received.Where(args => !args.IsError).Select(args => args.Text)));
            Assert.AreEqual("to error", string.Concat(received.Where(args => args.IsError).Select(args => args.Text)));
            Assert.IsTrue(received.All(args => args.WorkerId == 1 && (args.CallId == call || args.CallId == 0)));
        }
    }
}
