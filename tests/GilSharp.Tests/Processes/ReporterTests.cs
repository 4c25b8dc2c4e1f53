namespace GilSharp.Tests.Processes;

/// <summary>Reporters of calls and maps that take long, or that use the pool themselves.</summary>
[TestClass]
public sealed class ReporterTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_ThatMakesACallWithAReporterOfItsOwn_AndWaits_DoesNotHang()
    {
        await using ProcessPool pool = new(1);
        List<int> told = [];
        Teller inner = new(value => told.Add(10 * value));
        Teller outer = new(value => told.Add(pool.Apply(ReportAndReturn, (IProgress<int>)inner, value)));

        Assert.AreEqual(7, await InTime(pool.ApplyAsync(ReportAndReturn, (IProgress<int>)outer, 7)));
        CollectionAssert.AreEqual(new[] { 70, 7 }, told);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_ThatIsSlow_HoldsUpItsOwnCallOnly_AndTheCallEndsBehindItsLastReport()
    {
        await using ProcessPool pool = new(1);
        using ManualResetEventSlim go = new();
        List<int> told = [];
        Teller slow = new(value =>
        {
            go.Wait();
            told.Add(value);
        });

        Task<int> reporting = pool.ApplyAsync(ReportManyTimes, (IProgress<int>)slow, 100);
        // The one worker runs one call after the other: this answer came behind the other one.
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Assert.IsFalse(reporting.IsCompleted);

        go.Set();
        await InTime(reporting);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), told);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_OfACallThatFailsOrIsKilled_HasHeardAllBeforeTheCallEnds()
    {
        await using ProcessPool pool = new(1);
        using ManualResetEventSlim go = new();
        List<int> told = [];
        Teller slow = new(value =>
        {
            go.Wait();
            lock (told) told.Add(value);
        });

        Task<int> failing = pool.ApplyAsync(ReportAndThrow, (IProgress<int>)slow, 1);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Task<int> dying = pool.ApplyAsync(ReportAndDie, (IProgress<int>)slow, 2);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Assert.IsFalse(failing.IsCompleted);
        Assert.IsFalse(dying.IsCompleted);

        go.Set();
        await Throws<FormatException>(failing);
        await Throws<WorkerCrashedException>(dying);
        CollectionAssert.AreEquivalent(new[] { 1, 2 }, told);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Join_WaitsForCallsThatEndBehindTheirReporters()
    {
        ProcessPool pool = new(1);
        using Held reporter = new();
        Task<int> call = pool.ApplyAsync(ReportAndReturn, (IProgress<int>)reporter, 1);
        Assert.IsTrue(reporter.Entered.Wait(NeverThatLong));
        pool.Close();
        Task join = pool.JoinAsync();
        Eventually(() => pool.Workers.Count == 0, "all workers gone");
        Assert.IsFalse(join.Wait(100));
        reporter.Go.Set();
        await InTime(join);
        Assert.IsTrue(call.IsCompletedSuccessfully);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Terminate_DoesNotWaitForAReporterThatNeverReturns()
    {
        ProcessPool pool = new(1);
        using Held reporter = new();
        Task<int> call = pool.ApplyAsync(ReportAndReturn, (IProgress<int>)reporter, 1);
        Assert.IsTrue(reporter.Entered.Wait(NeverThatLong));
        pool.Terminate();
        await InTime(pool.JoinAsync());
        reporter.Go.Set();
        await ((Task)InTime(call)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // whichever was first
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(true)]
    [DataRow(false)]
    public async Task ReporterThatDisposesThePool_LetsItsCallsEnd(bool map)
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, ShutdownTimeout = Timeout.InfiniteTimeSpan });
        IProgress<int> stop = new Teller(_ => pool.Dispose());
        if (map)
        {
            int[] results = await InTime(pool.MapAsync(
                item =>
                {
                    stop.Report(item);
                    return item;
                },
                Enumerable.Range(0, 20)));
            Assert.HasCount(20, results);
        }
        else
        {
            Assert.AreEqual(1, await InTime(pool.ApplyAsync(ReportAndReturn, stop, 1)));
        }

        await InTime(pool.JoinAsync());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ReporterThatAMapCaptures_MayUseThePool()
    {
        await using ProcessPool pool = new(2);
        int sum = 0;
        IProgress<int> progress = new Teller(value => Interlocked.Add(ref sum, pool.Apply(Misfortune.Increment, value)));

        int[] results = await InTime(pool.MapAsync(
            item =>
            {
                progress.Report(item);
                return item;
            },
            Enumerable.Range(0, 50)));

        Assert.HasCount(50, results);
        Assert.AreEqual(Enumerable.Range(1, 50).Sum(), sum);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(true)]
    [DataRow(false)]
    public async Task ReporterOfAMap_ThatClosesThePoolAndJoins_DoesNotWaitForItsOwnMap(bool captured)
    {
        ProcessPool pool = new(2);
        IProgress<int> end = new Teller(_ =>
        {
            pool.Close();
            pool.Join();
        });
        MapOptions options = new() { Progress = captured ? null : new Watcher(() => end.Report(0)) };
        Func<int, int> function = captured ? item =>
        {
            end.Report(item);
            return item;
        }
        : static item => item;

        Assert.HasCount(20, await InTime(pool.MapAsync(function, Enumerable.Range(0, 20), options)));
        await InTime(pool.JoinAsync());
    }

    private static int ReportAndReturn(IProgress<int> progress, int value)
    {
        progress.Report(value);
        return value;
    }

    private static int ReportManyTimes(IProgress<int> progress, int times)
    {
        for (int i = 0; i < times; i++) progress.Report(i);
        return times;
    }

    private static int ReportAndThrow(IProgress<int> progress, int value)
    {
        progress.Report(value);
        throw new FormatException("bad");
    }

    private static int ReportAndDie(IProgress<int> progress, int value)
    {
        progress.Report(value);
        Misfortune.KillItself();
        return value;
    }

    private sealed class Teller(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }

    /// <summary>Says when it has been told something, and does not return before it may.</summary>
    private sealed class Held : IProgress<int>, IDisposable
    {
        internal ManualResetEventSlim Entered { get; } = new();

        internal ManualResetEventSlim Go { get; } = new();

        public void Report(int value)
        {
            Entered.Set();
            Go.Wait();
        }

        public void Dispose()
        {
            Entered.Dispose();
            Go.Dispose();
        }
    }

    private sealed class Watcher(Action look) : IProgress<MapProgress>
    {
        public void Report(MapProgress value) => look();
    }
}
