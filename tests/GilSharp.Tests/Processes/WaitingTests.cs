using System.Diagnostics;

namespace GilSharp.Tests.Processes;

/// <summary>Calls are tasks: what waits for tasks waits for calls, and sees of them what is so.</summary>
[TestClass]
public sealed class WaitingTests : PoolTest
{
    private const int Items = 2000;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WaitForASlowCall_LastsAtLeastAsLongAsTheCall()
    {
        await using ProcessPool pool = new(1);
        await InTime(pool.StartAsync());

        // The caller's time contains the function's, both by the same clock: no span of time is assumed.
        Stopwatch apply = Stopwatch.StartNew();
        TimeSpan inside = pool.Apply(Slow, 100);
        Assert.IsGreaterThanOrEqualTo(inside, apply.Elapsed);

        Stopwatch wait = Stopwatch.StartNew();
        Task<TimeSpan> call = pool.ApplyAsync(Slow, 100);
        Assert.IsTrue(call.Wait(NeverThatLong));
        Assert.IsGreaterThanOrEqualTo(call.Result, wait.Elapsed);

        using MeetingPlace place = new();
        Task<int> met = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        Assert.IsFalse(met.Wait(0));
        place.LetGo();
        Assert.IsTrue(met.Wait(NeverThatLong));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WaitsForTheFirst_TheFirstFailedAndAll_SeeExactlyWhatHasEndedAndHow()
    {
        using MeetingPlace first = new(), failing = new(), last = new(), cancelled = new();
        using CancellationTokenSource source = new();
        await using ProcessPool pool = new(4);
        Task<int> succeeds = pool.ApplyAsync(Misfortune.MeetAt, first.Folder);
        Task<int> fails = pool.ApplyAsync(MeetAndThrow, failing.Folder);
        Task<int> isCancelled = pool.ApplyAsync(MeetUntilCancelled, cancelled.Folder, source.Token);
        Task<int> runs = pool.ApplyAsync(Misfortune.MeetAt, last.Folder);
        Task<int>[] all = [succeeds, fails, isCancelled, runs];
        Eventually(() => first.Arrived + failing.Arrived + cancelled.Arrived + last.Arrived == 4, "all at work");
        AssertEnded(all);

        first.LetGo();
        Assert.AreSame(succeeds, await InTime(Task.WhenAny(all)));
        AssertEnded(all, succeeds);
        Assert.IsTrue(succeeds.IsCompletedSuccessfully);

        failing.LetGo();
        Assert.AreSame(fails, await InTime(FirstFailed(all)));
        AssertEnded(all, succeeds, fails);
        Assert.IsInstanceOfType<FormatException>(fails.Exception!.InnerException);

        source.Cancel();
        await Throws<OperationCanceledException>(isCancelled);
        AssertEnded(all, succeeds, fails, isCancelled);
        Assert.IsTrue(isCancelled.IsCanceled);
        Eventually(() => pool.GetStatistics() is { Running: 1, Completed: 1, Failed: 1, Cancelled: 1, Queued: 0 }, "seen in the statistics");

        last.LetGo();
        Task<int[]> whole = Task.WhenAll(all);
        await Throws<FormatException>(whole);
        AssertEnded(all, all);
        Assert.IsTrue(runs.IsCompletedSuccessfully);
        Assert.HasCount(1, whole.Exception!.InnerExceptions);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ErrorWithAMessageOfAMegabyte_ArrivesWhole_AndHoldsUpNeitherCloseNorJoin()
    {
        ProcessPool pool = new(2);
        Task<int>[] calls = [.. Enumerable.Range(0, 10).Select(i => pool.ApplyAsync(FailAtLength, i))];

        pool.Close();
        await InTime(pool.JoinAsync());

        for (int i = 0; i < calls.Length; i++)
        {
            Assert.IsTrue(calls[i].IsCompleted, "The pool has ended, and a call of it has not.");
            FormatException error = await Throws<FormatException>(calls[i]);
            Assert.AreEqual(new string((char)('a' + i), 1 << 20), error.Message);
        }

        pool.Dispose();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ForEach_ThatFailsAtAnItem_ThrowsThatError_AndThePoolGoesOn()
    {
        await using ProcessPool pool = new(2);
        await Throws<FormatException>(pool.ForEachAsync(static item => { if (item == 7) throw new FormatException("seven"); }, Enumerable.Range(0, 20)));
        await Throws<FormatException>(pool.ForEachAsync(
            static async item =>
            {
                await Task.Yield();
                if (item == 7) throw new FormatException("seven");
            },
            Enumerable.Range(0, 20)));
        await InTime(pool.ForEachAsync(static item => { _ = item; }, Enumerable.Range(0, 20)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task SlowItem_InChunksThatAdapt_DoesNotHoldTheOthersBack()
    {
        // One item in the midst waits until all others have run. By then chunks have grown: were those that travel with it stuck, nobody would ever end.
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(2);
        await InTime(pool.StartAsync());
        (int Item, long Call)[] results = await InTime(pool.MapAsync(item => WaitForTheOthers(folder, item), Enumerable.Range(0, Items)));
        CollectionAssert.AreEqual(Enumerable.Range(0, Items).ToArray(), results.Select(result => result.Item).ToArray());
        Assert.IsTrue(results.CountBy(result => result.Call).Any(chunk => chunk.Value > 1), "Every item travelled by itself: nothing was shown.");
    }

    private static (int Item, long Call) WaitForTheOthers(string folder, int item)
    {
        if (item != Items / 2) File.WriteAllText(Path.Combine(folder, $"arrived-{item}"), "");
        while (item == Items / 2 && Directory.GetFiles(folder, "arrived-*").Length < Items - 1) Thread.Sleep(10);
        return (item, WorkerContext.CallId);
    }

    private static void AssertEnded(Task[] all, params Task[] ended) =>
        CollectionAssert.AreEquivalent(ended, all.Where(call => call.IsCompleted).ToArray());

    private static async Task<Task> FirstFailed(IEnumerable<Task> calls)
    {
        await foreach (Task call in Task.WhenEach(calls))
            if (call.IsFaulted)
                return call;
        throw new InvalidOperationException("None failed.");
    }

    private static TimeSpan Slow(int milliseconds)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Thread.Sleep(milliseconds);
        return watch.Elapsed;
    }

    private static int MeetAndThrow(string folder) => throw new FormatException($"met at {Misfortune.MeetAt(folder)}");

    private static int MeetUntilCancelled(string folder, CancellationToken token)
    {
        File.WriteAllText(Path.Combine(folder, "arrived-cancelled"), "");
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
        return 0;
    }

    private static int FailAtLength(int letter) => throw new FormatException(new string((char)('a' + letter), 1 << 20));
}
