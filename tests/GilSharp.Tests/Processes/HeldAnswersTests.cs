using GilSharp.Processes.Engine;
using GilSharp.Processes.Faults;

namespace GilSharp.Tests.Processes;

/// <summary>Answers of short calls are written together: none is lost, none waits for long, and no worker is taken for a liar meanwhile.</summary>
[TestClass]
public sealed class HeldAnswersTests : PoolTest
{
    private const int Many = 100; // as many as are sent ahead of short calls

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AnswersThatAWorkerHeldWhenItWasKilled_AreTaken()
    {
        using MeetingPlace place = new();
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool(new FaultRule(FaultPoint.Claiming, FaultAction.Kill) { Skip = Warm + (Many / 2), Once = place.Once });
        await using (pool)
        {
            Task<int>[] calls = await SendTogether(pool, worker());
            int[] results = await InTime(Task.WhenAll(calls));
            CollectionAssert.AreEqual(Enumerable.Range(1, Many).ToArray(), results);
            Assert.IsTrue(File.Exists(place.Once), "a worker was killed");
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task HeldAnswersThatNameSharedMemory_OfAWorkerThatDies_AreTaken()
    {
        using MeetingPlace place = new();
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool(new FaultRule(FaultPoint.Claiming, FaultAction.Kill) { Skip = Warm + (Many / 2), Once = place.Once });
        await using (pool)
        {
            using SharedArray<int> whole = new([.. Enumerable.Range(0, Many)]);
            for (int i = 0; i < Warm - 1; i++) (await InTime(pool.ApplyAsync(Part, whole, i % Many))).Dispose();
            Pause(worker().ProcessId);
            Task<SharedArray<int>>[] calls = [.. Enumerable.Range(0, Many).Select(i => pool.ApplyAsync(Part, whole, i))];
            Resume(worker().ProcessId);
            for (int i = 0; i < Many; i++)
            {
                using SharedArray<int> part = await InTime(calls[i]);
                Assert.AreEqual(i, part[0]);
            }

            Assert.AreEqual(1, whole.Count);
            Assert.IsTrue(File.Exists(place.Once), "a worker was killed");
        }
    }

    private static SharedArray<int> Part(SharedArray<int> whole, int at) => whole.Slice(at, 1);

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AnswersOfShortCalls_DoNotWaitForALongCallBehindThem()
    {
        using MeetingPlace place = new();
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool();
        await using (pool)
        {
            Task<int>? last = null;
            Task<int>[] calls = await SendTogether(pool, worker(), () => last = pool.ApplyAsync(Increment, 0, place.Folder));
            await InTime(Task.WhenAll(calls));
            Eventually(() => place.Arrived == 1, "at work");
            Assert.IsFalse(last!.IsCompleted);
            place.LetGo();
            await InTime(last);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatHoldsAnswersForLong_IsBelieved()
    {
        using MeetingPlace place = new();
        FaultRule pause = new(FaultPoint.Claiming, FaultAction.Delay) { Milliseconds = 2500, Skip = Warm + (Many / 2), Once = place.Once }; // the reader looks after one second
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool(pause);
        await using (pool)
        {
            int before = worker().ProcessId;
            int[] results = await InTime(Task.WhenAll(await SendTogether(pool, worker())));
            CollectionAssert.AreEqual(Enumerable.Range(1, Many).ToArray(), results);
            Assert.AreEqual(before, worker().ProcessId);
            Assert.IsTrue(File.Exists(place.Once), "it has paused");
        }
    }

    /// <summary>Who stops it would stop its worker, for a call that has ended, in the middle of the next.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task AnswerOfACallThatMayBeStopped_IsNotHeld()
    {
        using MeetingPlace place = new();
        using CancellationTokenSource cancel = new();
        FaultRule pause = new(FaultPoint.Claiming, FaultAction.Delay) { Milliseconds = 2 * Deadline, Skip = Warm + Few + 1, Once = place.Once };
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool(pause);
        await using (pool)
        {
            Task<int>? watched = null;
            await SendTogether(pool, worker(), before: () =>
            {
                for (int i = 0; i < Few; i++) _ = pool.ApplyAsync(Increment, i, ""); // the first of all takes longer
                watched = pool.ApplyAsync(Increment, 1, "", cancel.Token);
            });
            Assert.AreEqual(2, await InTime(watched!));
            Assert.AreEqual(1, pool.GetStatistics().Running);
            pool.Terminate();
        }
    }

    private const int Warm = 200, Few = 10;

    /// <summary>Gives a worker many short calls at once: it has the next when it has carried one out.</summary>
    private static async Task<Task<int>[]> SendTogether(ProcessPool pool, WorkerConnection worker, Action? behind = null, Action? before = null)
    {
        for (int i = 0; i < Warm - 1; i++) await InTime(pool.ApplyAsync(Increment, i, ""));
        Pause(worker.ProcessId);
        before?.Invoke();
        Task<int>[] calls = [.. Enumerable.Range(0, Many).Select(i => pool.ApplyAsync(Increment, i, ""))];
        behind?.Invoke();
        Resume(worker.ProcessId);
        return calls;
    }

    // One function for long calls and short ones: another's definition would come between.
    private static int Increment(int value, string folder)
    {
        if (folder.Length > 0) _ = Misfortune.MeetAt(folder);
        return value + 1;
    }

    private static (ProcessPool Pool, Func<WorkerConnection> Worker) Pool(params FaultRule[] rules)
    {
        WorkerConnection? only = null;
        FaultPlan plan = new() { InPool = (_, worker) => only = worker, InWorkers = rules };
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Faults = plan });
        Assert.AreEqual(1, pool.Apply(Increment, 0, ""));
        return (pool, () => only!);
    }
}
