using System.Diagnostics;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Faults;

namespace GilSharp.Tests.Processes;

/// <summary>How many calls a worker gets before it has answered those that it has: as many as it carries out in a moment.</summary>
[TestClass]
public sealed class SendingAheadTests : PoolTest
{
    private const int Many = 50;
    private const int Rounds = 20;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ShortCalls_AreSentAhead_HoweverLongTheWorkerWaitedForAProcessor()
    {
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool();
        await using (pool)
        {
            // On a busy machine a call may lose its processor while it runs, and then it was long: not in every round.
            int most = 0;
            for (int round = 0; round < Rounds && most <= 1; round++) most = await MostAfterWaits(pool, worker);
            Assert.IsGreaterThan(1, most);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LongCalls_AreNotSentAhead()
    {
        (ProcessPool pool, Func<WorkerConnection> worker) = Pool();
        await using (pool)
        {
            for (int i = 0; i < 5; i++) await InTime(pool.ApplyAsync(Misfortune.ProcessIdAfter, 2));
            Assert.AreEqual(1, await MostAtOnce(pool, worker));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallSentAhead_IsNotTheVictim_WhenTheOneBeforeItHasEnded_AndIsStopped()
    {
        using MeetingPlace place = new();
        using ManualResetEventSlim mayRead = new(true);
        using CancellationTokenSource source = new();
        TimeSpan grace = TimeSpan.FromMilliseconds(10);
        WorkerConnection? worker = null;
        FaultPlan plan = new()
        {
            InPool = (point, connection) =>
            {
                worker = connection;
                if (point == PoolFaultPoint.Received) mayRead.Wait();
            },
        };
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = grace, Faults = plan });
        Task<int> behind;
        do
        {
            for (int i = 0; i < 200; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
            Pause(worker!.ProcessId);
            Task<int> first = pool.ApplyAsync(Misfortune.Increment, 1, source.Token);
            behind = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
            if (worker.InFlight == 2) break;
            Resume(worker.ProcessId); // a busy machine made the calls long: nothing is sent ahead
            await InTime(first);
            place.LetGo();
            await InTime(behind);
            place.Forget();
        }
        while (true);

        mayRead.Reset(); // the first call's answer is in the channel, and not read
        Resume(worker.ProcessId);
        try
        {
            Eventually(() => place.Arrived == 1, "the second call runs");
            await source.CancelAsync();
            using ManualResetEvent never = new(false);
            never.WaitOne(30 * grace);
            Assert.IsTrue(IsAlive(worker.ProcessId), "The worker was killed for a call that had ended, while another ran.");
        }
        finally
        {
            mayRead.Set();
            place.LetGo();
        }

        Assert.AreEqual(worker.ProcessId, await InTime(behind));
    }

    private static async Task<int> MostAfterWaits(ProcessPool pool, Func<WorkerConnection> worker)
    {
        // Many enough that the first one's, with what is compiled for it, counts no more.
        for (int i = 0; i < 200; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        for (int i = 0; i < 3; i++)
        {
            Pause(worker().ProcessId);
            Task<int> call = pool.ApplyAsync(Misfortune.Increment, i);
            long start = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start).TotalMilliseconds > 5);
            Resume(worker().ProcessId);
            await InTime(call);
        }

        return await MostAtOnce(pool, worker);
    }

    /// <summary>How many calls a worker that is stopped is given, of many.</summary>
    private static async Task<int> MostAtOnce(ProcessPool pool, Func<WorkerConnection> worker)
    {
        Pause(worker().ProcessId);
        Task<int>[] calls = [.. Enumerable.Range(0, Many).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        int sent = worker().InFlight;
        Resume(worker().ProcessId);
        await InTime(Task.WhenAll(calls));
        return sent;
    }

    private static (ProcessPool Pool, Func<WorkerConnection> Worker) Pool()
    {
        WorkerConnection? only = null;
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Faults = new FaultPlan { InPool = (_, worker) => only = worker } });
        return (pool, () => only!);
    }
}
