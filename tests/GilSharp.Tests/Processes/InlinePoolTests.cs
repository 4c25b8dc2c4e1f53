using System.Globalization;
using Microsoft.Extensions.Logging;

namespace GilSharp.Tests.Processes;

/// <summary>The pool without processes: the same promises, as far as nothing must be killed for them.</summary>
[TestClass]
public sealed class InlinePoolTests : PoolTest
{
    private static int s_initialized, s_exited;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Calls_RunInThisProcess_OnTheCallersThread()
    {
        await using InlinePool pool = new();
        Assert.AreEqual(Environment.ProcessId, pool.Apply(Misfortune.ProcessId));
        Assert.AreEqual(Environment.CurrentManagedThreadId, pool.Apply(static () => Environment.CurrentManagedThreadId));
        Assert.AreEqual("1 b", await pool.ApplyAsync(static (a, b) => $"{a} {b}", 1, "b"));
        Assert.AreEqual(9, await InTime(pool.ApplyAsync(MapTests.SquareAsync, 3)));
        Assert.IsFalse(pool.Apply(static () => WorkerContext.IsWorker));
        Assert.AreNotEqual(0, pool.Apply(static () => WorkerContext.CallId));
        Assert.AreEqual(0, WorkerContext.CallId);
        Assert.AreEqual("named", pool.With(new CallOptions { Name = "named" }).Apply(static () => WorkerContext.CallName));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Call_LeavesTheCallersCultureAlone()
    {
        await using InlinePool pool = new();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.AreEqual("1,5", pool.Apply(static () => 1.5.ToString(CultureInfo.CurrentCulture)));
            Assert.AreEqual("de-DE", CultureInfo.CurrentCulture.Name);
            pool.Apply(static () => { CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("fr-FR"); });
            Assert.AreEqual("de-DE", CultureInfo.CurrentCulture.Name);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AsynchronousFunction_DoesNotNeedTheCallersSynchronizationContext()
    {
        Task<int> caller = Task.Run(() =>
        {
            Waits context = new();
            SynchronizationContext.SetSynchronizationContext(context);
            using InlinePool pool = new();
            int result = pool.ApplyAsync(static async value =>
            {
                await Task.Delay(1);
                return value + 1;
            }, 1).GetAwaiter().GetResult();
            Assert.AreSame(context, SynchronizationContext.Current);
            SynchronizationContext.SetSynchronizationContext(null);
            return result;
        });
        Assert.AreEqual(2, await InTime(caller));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ReporterThatThrows_DoesNotFailItsCall()
    {
        await using InlinePool pool = new();
        int result = pool.Apply(static (IProgress<int> progress) =>
        {
            progress.Report(1);
            return 2;
        }, (IProgress<int>)new Thrower());
        Assert.AreEqual(2, result);
    }

    private sealed class Thrower : IProgress<int>
    {
        public void Report(int value) => throw new FormatException("a reporter's own");
    }

    /// <summary>As a window's thread that is busy: what is posted waits.</summary>
    private sealed class Waits : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Values_GoThroughTheSerializer()
    {
        await using InlinePool pool = new();
        int[] captured = [1];
        Assert.AreEqual(2, pool.Apply(() => ++captured[0]));
        Assert.AreEqual(1, captured[0]);
        object argument = new List<int> { 1 };
        Assert.AreNotSame(argument, pool.Apply(static value => value, argument));
        CallSerializationException error = await Throws<CallSerializationException>(pool.ApplyAsync(static (object value) => value.GetHashCode(), (object)Stream.Null));
        Assert.IsNotEmpty(error.Message);
        await Throws<CallSerializationException>(pool.ApplyAsync(static () => (object)new MemoryStream()));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Exceptions_ArriveAsFromAWorker()
    {
        await using InlinePool pool = new();
        FormatException error = await Throws<FormatException>(pool.ApplyAsync(Fail, "here"));
        Assert.AreEqual("here", error.Message);
        StringAssert.Contains(error.StackTrace, nameof(Fail));
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = pool.ApplyAsync((Func<int>)null!); });
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Maps_Work()
    {
        await using InlinePool pool = new();
        int[] expected = [.. Enumerable.Range(0, 1000).Select(MapTests.Square)];
        CollectionAssert.AreEqual(expected, await InTime(pool.MapAsync(MapTests.Square, Enumerable.Range(0, 1000))));
        CollectionAssert.AreEqual(expected, pool.Map(MapTests.Square, Enumerable.Range(0, 1000)));
        CollectionAssert.AreEqual(expected, await MapTests.Collect(pool.MapStreamAsync(MapTests.Square, MapTests.Slowly(Enumerable.Range(0, 1000)))));
        string suffix = "x";
        string[] texts = await InTime(pool.MapAsync(item => item + suffix, ["a", "b"]));
        CollectionAssert.AreEqual((string[])["ax", "bx"], texts);
        CallResult<int>[] results = await MapTests.Collect(pool.MapResultsAsync(static item => item == 2 ? throw new FormatException() : item, Enumerable.Range(0, 5)));
        Assert.IsInstanceOfType<FormatException>(results[2].Exception);
        Assert.AreEqual(4, results[4].Value);
        string large = new('x', 100_000);
        Assert.AreEqual(100_000, (await InTime(pool.MapAsync(item => large, [1, 2])))[1].Length);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallInsideACall_Works()
    {
        await using InlinePool pool = new();
        s_nested = pool;
        Assert.AreEqual(5, pool.Apply(static value => s_nested!.Apply(Misfortune.Increment, value) + 1, 3));
        Assert.AreEqual(4 + 9, pool.Apply(static () => s_nested!.Map(MapTests.Square, [2, 3]).Sum()));
    }

    private static InlinePool? s_nested;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CancellationAndTimeouts_SignalTheCall()
    {
        await using InlinePool pool = new();
        using CancellationTokenSource source = new();
        using MeetingPlace place = new();
        Task<int> call = Task.Run(() => pool.ApplyAsync(WaitForToken, place.Folder, source.Token));
        Eventually(() => place.Arrived == 1, "running");
        await source.CancelAsync();
        OperationCanceledException error = await Throws<OperationCanceledException>(call);
        Assert.AreEqual(source.Token, error.CancellationToken);

        WorkerPool impatient = pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(50) });
        await Throws<CallTimeoutException>(impatient.ApplyAsync(Misfortune.EndWhenAsked, 60_000));
        Assert.AreEqual(2, pool.Apply(Misfortune.Increment, 1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LifeOfThePool()
    {
        s_initialized = s_exited = 0;
        InlinePool pool = new(new ProcessPoolOptions { Initializer = static () => s_initialized++, WorkerExiting = static () => s_exited++ });
        Assert.ThrowsExactly<InvalidOperationException>(pool.Join);
        Assert.AreEqual(2, pool.Apply(Misfortune.Increment, 1) + (pool.Apply(Misfortune.Increment, 1) * 0));
        pool.Close();
        pool.Join();
        Assert.AreEqual(1, s_initialized);
        Assert.AreEqual(1, s_exited);
        await Throws<InvalidOperationException>(pool.ApplyAsync(Misfortune.Increment, 1));
        pool.Dispose();
        await Throws<ObjectDisposedException>(pool.ApplyAsync(Misfortune.Increment, 1));

        await using InlinePool broken = new(new ProcessPoolOptions { Initializer = static () => throw new FormatException("initializer") });
        WorkerStartException error = await Throws<WorkerStartException>(broken.ApplyAsync(Misfortune.Increment, 1));
        Assert.IsInstanceOfType<FormatException>(error.InnerException);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Hooks_TravelAsToAWorker()
    {
        int[] captured = [0];
        using SharedArray<int> shared = new(2);
        InlinePool pool = new(new ProcessPoolOptions
        {
            Initializer = () =>
            {
                captured[0]++;
                shared[0] = 1;
            },
            WorkerExiting = () => shared[1] = 2,
        });
        pool.Apply(static () => { });
        pool.Dispose();
        Assert.AreEqual(0, captured[0], "the caller's own");
        Assert.AreEqual(1, shared[0]);
        Assert.AreEqual(2, shared[1]);

        using MemoryStream stream = new();
        foreach (ProcessPoolOptions options in (ProcessPoolOptions[])[new() { Initializer = () => stream.Flush() }, new() { WorkerExiting = () => stream.Flush() }])
        {
            await using InlinePool broken = new(options);
            WorkerStartException error = await Throws<WorkerStartException>(broken.ApplyAsync(Misfortune.Increment, 1));
            Assert.IsInstanceOfType<CallSerializationException>(error.InnerException);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporters_AreTold()
    {
        await using InlinePool pool = new();
        List<string> told = [];
        IProgress<string> progress = new Listener(told);
        pool.Apply(static reporter => reporter.Report("argument"), progress);
        await pool.ForEachAsync(item => progress.Report($"item {item}"), [1, 2]);
        CollectionAssert.AreEqual((string[])["argument", "item 1", "item 2"], told);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TwoPoolsAtOnce_EachCallSeesItsOwnContext()
    {
        await using InlinePool first = new(new ProcessPoolOptions { Name = "first" }), second = new(new ProcessPoolOptions { Name = "second" });
        using ManualResetEventSlim firstRuns = new(), secondRan = new();
        (s_signal, s_other) = (firstRuns, secondRan);
        List<int> told = [];
        IProgress<int> progress = new Counter(told);
        Task<string> outer = Task.Run(() => first.With(new CallOptions { Name = "a" }).Apply(static async (IProgress<int> reporter) =>
        {
            long id = WorkerContext.CallId;
            s_signal!.Set();
            Assert.IsTrue(s_other!.Wait(NeverThatLong));
            reporter.Report(1);
            await Task.Yield();
            reporter.Report(2);
            return $"{WorkerContext.CallName} {WorkerContext.Attempt} {WorkerContext.CallId == id} {WorkerContext.CancellationToken.IsCancellationRequested}";
        }, progress));
        Assert.IsTrue(await Task.Run(() => firstRuns.Wait(NeverThatLong)));
        using CancellationTokenSource source = new();
        second.Apply(static () => { }); // another number than the call beside it
        Task<string?> cancelled = Task.Run(() => second.With(new CallOptions { Name = "b" }).ApplyAsync(static () =>
        {
            s_other!.Set();
            WorkerContext.CancellationToken.WaitHandle.WaitOne();
            return WorkerContext.CallName;
        }, source.Token));
        Assert.AreEqual("a 1 True False", await InTime(outer));
        CollectionAssert.AreEqual((int[])[1, 2], told);
        await source.CancelAsync();
        await Throws<OperationCanceledException>(cancelled);
        Assert.AreEqual(0, WorkerContext.CallId);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ContextOfACall_FlowsWithItsCode_AndEndsWithIt()
    {
        await using InlinePool pool = new();
        s_nested = pool;
        Assert.AreEqual("outer inner outer", await InTime(pool.With(new CallOptions { Name = "outer" }).ApplyAsync(static async () =>
        {
            await Task.Yield();
            string? before = WorkerContext.CallName;
            string? inside = s_nested!.With(new CallOptions { Name = "inner" }).Apply(static () => WorkerContext.CallName);
            return $"{before} {inside} {await Task.Run(static () => WorkerContext.CallName)}";
        })));

        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        s_ended = ended.Task;
        pool.Apply(static () => { s_later = Task.Run(static async () => { await s_ended!; return (WorkerContext.CallId, WorkerContext.Attempt, s_nested!.Apply(Misfortune.Increment, 1)); }); });
        ended.SetResult();
        Assert.AreEqual((0L, 0, 2), await InTime(s_later!));
    }

    private static ManualResetEventSlim? s_signal, s_other;
    private static Task? s_ended;
    private static Task<(long, int, int)>? s_later;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallInsideACall_Works_FromWhereverItIsMade()
    {
        await using InlinePool pool = new();
        s_nested = pool;
        Task<int> calls = Task.Run(() => pool.Apply(static async () =>
        {
            await Task.Yield();
            int sum = await s_nested!.ApplyAsync(Misfortune.Increment, 1);
            sum += (await s_nested!.MapAsync(item => item + sum, [1, 2, 3])).Sum();
            sum += (await MapTests.Collect(s_nested!.MapStreamAsync(MapTests.SquareAsync, [2, 3]))).Sum();
            Parallel.For(0, 4, _ => Interlocked.Add(ref sum, s_nested!.Apply(Misfortune.Increment, 9)));
            return sum;
        }));
        Assert.AreEqual(2 + 12 + 13 + 40, await InTime(calls));

        Task<string> map = Task.Run(() => pool.Apply(static () => string.Join(' ', MapTests.Collect(
            s_nested!.MapResultsAsync(static (object item) => $"{item}", [1, Stream.Null, 3], new MapOptions { ChunkSize = 3 }))
            .GetAwaiter().GetResult().Select(static result => result.Succeeded ? result.Value : result.Exception!.GetType().Name))));
        Assert.AreEqual($"1 {nameof(CallSerializationException)} 3", await InTime(map));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_MayUseThePool_OnWhateverThread()
    {
        await using InlinePool pool = new();
        List<int> told = [];
        IProgress<int> progress = new Acting(value => told.Add(pool.Apply(Misfortune.Increment, value)));
        Task call = Task.Run(() => pool.Apply(static async (IProgress<int> reporter) =>
        {
            reporter.Report(1);
            await Task.Yield();
            reporter.Report(2);
            using ManualResetEventSlim reported = new();
            ThreadPool.UnsafeQueueUserWorkItem(_ => { reporter.Report(3); reported.Set(); }, null); // a thread that knows nothing of the call
            reported.Wait();
            await s_nested!.ForEachAsync(item => reporter.Report(item), [4]);
        }, progress));
        s_nested = pool;
        await InTime(call);
        CollectionAssert.AreEqual((int[])[2, 3, 4, 5], told);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_MayDisposeOfThePool()
    {
        InlinePool pool = new(new ProcessPoolOptions { ShutdownTimeout = Timeout.InfiniteTimeSpan });
        IProgress<int> progress = new Acting(_ =>
        {
            pool.Dispose();
            pool.Join();
        });
        Task<int> call = Task.Run(() => pool.Apply(static (IProgress<int> reporter) =>
        {
            reporter.Report(1);
            return 2;
        }, progress));
        Assert.AreEqual(2, await InTime(call));
        await InTime(pool.JoinAsync());
        await Throws<ObjectDisposedException>(pool.ApplyAsync(Misfortune.Increment, 1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Loggers_AreThoseOfTheOptions()
    {
        using ListLoggers loggers = new();
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.AddProvider(loggers));
        InlinePool pool = new(new ProcessPoolOptions { LoggerFactory = factory, Initializer = static () => Log("initializer"), WorkerExiting = static () => Log("exit") });
        await InTime(pool.ApplyAsync(static async () =>
        {
            await Task.Yield();
            Log("call");
        }));
        pool.Apply(static () => WorkerContext.LoggerFactory.Dispose());
        pool.Dispose();
        CollectionAssert.AreEqual((string[])["initializer", "call", "exit"], loggers.Messages);
        Log("outside");
        Assert.HasCount(3, loggers.Messages);
    }

    private static void Log(string message) => WorkerContext.LoggerFactory.CreateLogger("inline").Log(LogLevel.Warning, default, message, null, static (text, _) => text);

    private sealed class ListLoggers : ILoggerProvider, ILogger
    {
        internal List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private sealed class Counter(List<int> told) : IProgress<int>
    {
        public void Report(int value) => told.Add(value);
    }

    private sealed class Acting(Action<int> act) : IProgress<int>
    {
        public void Report(int value) => act(value);
    }

    private static int Fail(string message) => throw new FormatException(message);

    private static int WaitForToken(string folder, CancellationToken token)
    {
        File.WriteAllText(Path.Combine(folder, "arrived-1"), "");
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
        return 0;
    }

    private sealed class Listener(List<string> told) : IProgress<string>
    {
        public void Report(string value) => told.Add(value);
    }
}
