namespace GilSharp.Tests.Processes;

/// <summary>Who waits in Apply reads the answer itself, and the worker's reader stands aside meanwhile: every other call is still answered.</summary>
/// <remarks>The reader of these pools stays aside until it is called back: a call that nobody calls it back for would never end.</remarks>
[TestClass]
public sealed class LedCallTests : PoolTest
{
    private const int UntilAside = 10;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallThatNobodyLeads_AfterLedOnes_Ends()
    {
        using ProcessPool pool = NewPool(1);
        for (int i = 0; i < 100 * TestEffort.Factor; i++)
        {
            LeadSome(pool);
            Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LongCall_AfterLedOnes_IsLeftToTheReader()
    {
        using MeetingPlace place = new();
        using ProcessPool pool = NewPool(1);
        LeadSome(pool);
        string folder = place.Folder;
        Task<int> waiting = Task.Factory.StartNew(
            () => pool.Apply(Misfortune.MeetAt, folder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Eventually(() => place.Arrived == 1, "begun");
        place.LetGo();
        Assert.AreEqual(pool.Workers[0].ProcessId, await InTime(waiting));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void EachWayToDie_InALedCall_IsReported_AndTheNextCallWorks()
    {
        using ProcessPool pool = NewPool(1);
        foreach ((string name, Action die) in Misfortune.WaysToDie)
        {
            LeadSome(pool);
            Assert.ThrowsExactly<WorkerCrashedException>(() => pool.Apply(die), name);
        }

        Assert.AreEqual(2, pool.Apply(Misfortune.Increment, 1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LedAndOtherCalls_FromManyThreads_AllEndWithTheirOwnResults()
    {
        const int Threads = 6;
        using ProcessPool pool = NewPool(2);
        int rounds = 300 * TestEffort.Factor;
        Task[] callers = [.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < rounds; i++)
                {
                    int value = (thread * rounds) + i;
                    int result = (thread + (i / 50)) % 3 == 0
                        ? pool.ApplyAsync(Misfortune.Increment, value).WaitAsync(NeverThatLong).GetAwaiter().GetResult()
                        : pool.Apply(Misfortune.Increment, value);
                    Assert.AreEqual(value + 1, result);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await InTime(Task.WhenAll(callers));
        Assert.AreEqual(0, pool.GetStatistics().Running);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ClosedPool_AfterLedCalls_Ends()
    {
        using ProcessPool pool = NewPool(2);
        LeadSome(pool);
        pool.Close();
        await InTime(pool.JoinAsync());
    }

    private static ProcessPool NewPool(int workers) => new(new ProcessPoolOptions { Workers = workers, LongestAside = Timeout.InfiniteTimeSpan });

    private static void LeadSome(ProcessPool pool)
    {
        for (int i = 0; i < UntilAside; i++) Assert.AreEqual(i + 1, pool.Apply(Misfortune.Increment, i));
    }
}
