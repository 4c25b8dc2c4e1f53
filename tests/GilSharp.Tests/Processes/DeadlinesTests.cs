using GilSharp.Processes.Engine;

namespace GilSharp.Tests.Processes;

/// <summary>What the thread that looks after all deadlines keeps.</summary>
[TestClass]
public sealed class DeadlinesTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(true)]
    [DataRow(false)]
    public async Task CallsThatEndLongBeforeTheirTimeout_DoNotStayUntilItHasPassed(bool inline)
    {
        using WorkerPool pool = inline ? new InlinePool() : new ProcessPool(2);
        WorkerPool timed = pool.With(new CallOptions { Timeout = TimeSpan.FromHours(1) });
        for (int round = 0; round < 100; round++)
        {
            await InTime(Task.WhenAll(Enumerable.Range(0, 100).Select(i => timed.ApplyAsync(Misfortune.Increment, i))));
        }

        Assert.IsLessThan(5000, Deadlines.Count, "Of 10,000 calls.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Sweep_KeepsWhatIsNotOver()
    {
        List<int> looked = [];
        using ManualResetEventSlim all = new();
        for (int i = 0; i < 5000; i++)
        {
            Deadlines.Add(TimeSpan.FromHours(1), new Look(static () => { }) { IsOver = true });
            if (i % 500 != 0) continue;
            int at = i / 500;
            Deadlines.Add(TimeSpan.FromMilliseconds(300 - at), new Look(() =>
            {
                looked.Add(at);
                if (looked.Count == 10) all.Set();
            }));
        }

        Assert.IsTrue(all.Wait(NeverThatLong));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 10).ToArray(), looked);
    }

    private sealed class Look(Action look) : IDeadline
    {
        public bool IsOver { get; init; }

        public void Due() => look();
    }
}
