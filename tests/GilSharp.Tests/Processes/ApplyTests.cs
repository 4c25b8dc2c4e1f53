namespace GilSharp.Tests.Processes;

/// <summary>A call feels like a call: what goes in, what comes out, in every shape a function has.</summary>
[TestClass]
public sealed class ApplyTests : PoolTest
{
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(2);

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MethodGroup_RunsInAnotherProcess()
    {
        Assert.AreEqual(42, await s_pool.ApplyAsync(Misfortune.Increment, 41));
        Assert.AreNotEqual(Environment.ProcessId, await s_pool.ApplyAsync(Misfortune.ProcessId));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Functions_OfNoneToFourArguments_GetThemInOrder()
    {
        Assert.AreEqual("", await s_pool.ApplyAsync(() => ""));
        Assert.AreEqual("1", await s_pool.ApplyAsync(a => $"{a}", 1));
        Assert.AreEqual("1 b", await s_pool.ApplyAsync((a, b) => $"{a} {b}", 1, "b"));
        Assert.AreEqual("1 b 3", await s_pool.ApplyAsync((a, b, c) => $"{a} {b} {c}", 1, "b", 3L));
        Assert.AreEqual("1 b 3 True", await s_pool.ApplyAsync((a, b, c, d) => $"{a} {b} {c} {d}", 1, "b", 3L, true));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AsyncFunctions_AreAwaitedInTheWorker()
    {
        static async Task<int> Twice(int value)
        {
            await Task.Yield();
            return 2 * value;
        }

        Assert.AreEqual(42, await s_pool.ApplyAsync(Twice, 21));
        await s_pool.ApplyAsync(async () => await Task.Yield());
        Assert.AreEqual(42, s_pool.Apply(Twice, 21));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Actions_EndWithoutAResult()
    {
        await s_pool.ApplyAsync(static () => Console.Out.Flush());
        await s_pool.ApplyAsync(static (int value) => GC.KeepAlive(value), 1);
        s_pool.Apply(static (int value, string text) => GC.KeepAlive(text + value), 1, "text");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedVariables_Travel()
    {
        int offset = 40;
        string[] words = ["one", "two"];
        Assert.AreEqual(43, await s_pool.ApplyAsync(value => value + offset + words.Length, 1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TrailingToken_IsTheCallsOwn()
    {
        using CancellationTokenSource source = new();
        Assert.AreEqual(7, await s_pool.ApplyAsync(Misfortune.EndWhenAsked, 7, source.Token));
        Assert.IsTrue(await s_pool.ApplyAsync(token => token.CanBeCanceled));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Apply_ReturnsTheResult_AndThrowsWhatTheFunctionThrew()
    {
        Assert.AreEqual(42, s_pool.Apply(Misfortune.Increment, 41));
        FormatException error = Assert.ThrowsExactly<FormatException>(() => s_pool.Apply(int.Parse, "no number"));
        StringAssert.Contains(error.Message, "no number");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Exceptions_ArriveAsTheyWere_WithTheWorkersStack()
    {
        static int Fail(int value) => throw new ArgumentOutOfRangeException(nameof(value), "too large") { Data = { ["detail"] = value } };

        ArgumentOutOfRangeException error = await Throws<ArgumentOutOfRangeException>(s_pool.ApplyAsync(Fail, 5));
        Assert.AreEqual(5, error.Data["detail"]);
        StringAssert.Contains(error.StackTrace, nameof(Exceptions_ArriveAsTheyWere_WithTheWorkersStack));
        Assert.AreEqual(42, await s_pool.ApplyAsync(Misfortune.Increment, 41));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArgumentThatCantTravel_FailsItsCallInTheCaller()
    {
        using MemoryStream stream = new();
        CallSerializationException error = await Throws<CallSerializationException>(s_pool.ApplyAsync(() => stream.Length));
        StringAssert.Contains(error.Message, "stream");
        StringAssert.Contains(error.Message, nameof(MemoryStream));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ResultThatCantTravel_FailsItsCallOnly()
    {
        await Throws<CallSerializationException>(s_pool.ApplyAsync(() => new MemoryStream()));
        Assert.AreEqual(42, await s_pool.ApplyAsync(Misfortune.Increment, 41));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ValueTask_IsRefusedWithTheWayOut()
    {
        static ValueTask<int> Nearly() => new(1);
        CallSerializationException error = await Throws<CallSerializationException>(s_pool.ApplyAsync(Nearly));
        StringAssert.Contains(error.Message, "Let it return Task");
    }

    [TestMethod]
    public void NullFunction_ThrowsAtOnce() => Assert.ThrowsExactly<ArgumentNullException>(() => { _ = s_pool.ApplyAsync((Func<int>)null!); });

    [TestMethod]
    [Timeout(Deadline)]
    public async Task NullArgument_IsAValue() => Assert.IsTrue(await s_pool.ApplyAsync(text => text is null, (string?)null));

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LargeArrays_ThereAndBack_ArriveWhole()
    {
        int[] numbers = [.. Enumerable.Range(0, 3_000_000)];
        Task<int[]>[] calls = [.. Enumerable.Range(0, 4).Select(_ => s_pool.ApplyAsync(static (int[] values) => { Array.Reverse(values); return values; }, numbers))];
        foreach (Task<int[]> call in calls)
        {
            int[] back = await InTime(call);
            Array.Reverse(back);
            CollectionAssert.AreEqual(numbers, back);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyCalls_EachGetItsOwnResult()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, 20_000).Select(i => s_pool.ApplyAsync(Misfortune.Increment, i))];
        int[] results = await InTime(Task.WhenAll(calls));
        for (int i = 0; i < results.Length; i++) Assert.AreEqual(i + 1, results[i]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Culture_OfTheCaller_TravelsWithTheCall()
    {
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        System.Globalization.CultureInfo other = System.Globalization.CultureInfo.GetCultureInfo("de-CH");
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = other;
            Assert.AreEqual("de-CH", await s_pool.ApplyAsync(() => System.Globalization.CultureInfo.CurrentCulture.Name));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }

        Assert.AreEqual(before.Name, await s_pool.ApplyAsync(() => System.Globalization.CultureInfo.CurrentCulture.Name));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Progress_ReachesTheCaller_InOrder_BeforeTheResult()
    {
        IProgress<string> progress = new Reports<string>();
        Reports<string> reports = (Reports<string>)progress;
        int result = await s_pool.ApplyAsync(ReportAndReturn, 100, (IProgress<string>)reports);
        Assert.AreEqual(100, result);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(i => $"step {i}").ToArray(), reports.Received.ToArray());
        Assert.AreEqual(5, await s_pool.ApplyAsync(() => ReportAndReturn(5, progress)));
        Assert.HasCount(105, reports.Received);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProgressThatThrows_HarmsNothing()
    {
        Reports<string> reports = new() { Error = new FormatException() };
        Assert.AreEqual(3, await s_pool.ApplyAsync(ReportAndReturn, 3, (IProgress<string>)reports));
    }

    private static int ReportAndReturn(int steps, IProgress<string> progress)
    {
        for (int i = 0; i < steps; i++) progress.Report($"step {i}");
        return steps;
    }

    private sealed class Reports<T> : IProgress<T>
    {
        internal System.Collections.Concurrent.ConcurrentQueue<T> Received { get; } = new();

        internal Exception? Error { get; init; }

        public void Report(T value)
        {
            Received.Enqueue(value);
            if (Error is not null) throw Error;
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerContext_TellsTheCallWhatItIs()
    {
        Assert.IsFalse(WorkerContext.IsWorker);
        Assert.IsTrue(await s_pool.ApplyAsync(() => WorkerContext.IsWorker && WorkerContext.WorkerId > 0 && WorkerContext.CallId > 0 && WorkerContext.Attempt == 1));
        Assert.AreEqual("a name", await s_pool.With(new CallOptions { Name = "a name" }).ApplyAsync(() => WorkerContext.CallName));
        Assert.IsNull(await s_pool.ApplyAsync(() => WorkerContext.CallName));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task GlobalInterpreterLock_OfAWorker_IsItsOwn()
    {
        await using ProcessPool pool = new(1); // both calls in one worker
        using (GlobalInterpreterLock.Shared.EnterScope())
        {
            Task<bool> entered = pool.ApplyAsync(() => GlobalInterpreterLock.Shared.TryEnter());
            Assert.IsTrue(entered.Wait(NeverThatLong) && entered.Result);
        }

        await pool.ApplyAsync(() => GlobalInterpreterLock.Shared.Exit());
    }
}
