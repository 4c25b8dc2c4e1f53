using System.Diagnostics;

namespace GilSharp.Tests.Locking;

/// <summary>What the statistics of a lock let an operator see; cases that other systems test.</summary>
[TestClass]
public sealed class StatisticsCaseTests
{
    [TestMethod]
    [Timeout(60_000)]
    public void ContendedAcquisitions_RiseByAtLeastTheNumberOfWaiters()
    {
        const int Waiters = 3;
        using GlobalInterpreterLock gil = new();
        gil.Enter();
        Task[] waiters = [.. Enumerable.Range(0, Waiters).Select(_ => LockTesting.OnThread(() => gil.Run(static () => { })))];
        SpinWait.SpinUntil(() => gil.GetStatistics().Waiting == Waiters, LockTesting.Never);
        long before = gil.GetStatistics().ContendedAcquisitions;

        gil.Exit();

        LockTesting.Join(waiters);
        Assert.IsGreaterThanOrEqualTo(Waiters, gil.GetStatistics().ContendedAcquisitions - before);
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void WaitTime_TellsABusyLockFromAnIdleOne()
    {
        TimeSpan held = TimeSpan.FromMilliseconds(30);
        using GlobalInterpreterLock idle = new(), busy = new();
        for (int i = 0; i < 1000; i++) idle.Run(static () => { });

        busy.Enter();
        Task waiter = LockTesting.OnThread(() => busy.Run(static () => { }));
        SpinWait.SpinUntil(() => busy.GetStatistics().Waiting == 1, LockTesting.Never);
        Stopwatch watch = Stopwatch.StartNew();
        SpinWait.SpinUntil(() => watch.Elapsed > held);
        busy.Exit();
        LockTesting.Join(waiter);

        Assert.AreEqual(TimeSpan.Zero, idle.GetStatistics().WaitTime);
        Assert.IsGreaterThanOrEqualTo(held, busy.GetStatistics().WaitTime);
    }
}
