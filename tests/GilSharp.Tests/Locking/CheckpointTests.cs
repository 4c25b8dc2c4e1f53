using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class CheckpointTests
{
    [TestMethod]
    public void Checkpoint_NobodyWaits_OrNotTheHolder_DoesNothing()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.IsFalse(gil.Checkpoint());
        gil.Enter();
        Assert.IsFalse(gil.Checkpoint());
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        Join(OnThread(() => Assert.IsFalse(gil.Checkpoint())));
        gil.Exit();
        Join(waiter);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Checkpoint_LetsAWaiterIn_WhateverTheDepth_AndRestoresTheDepth()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        gil.Enter();
        bool wasIn = false;
        Task waiter = OnThread(() => gil.Run(() => wasIn = true));
        UntilWaiting(gil, 1);
        while (!gil.Checkpoint())
            Assert.IsFalse(wasIn);
        Assert.IsTrue(wasIn, "the one who gave way does not get the lock back before another had it");
        Join(waiter);
        gil.Exit();
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Assert.AreEqual(1, gil.GetStatistics().ForcedSwitches);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Checkpoint_FourThreadsThatCompute_EveryTrueMeansThatAnotherRan()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromMilliseconds(1) });
        int last = -1;
        int switches = 0;
        Task[] threads = [.. Enumerable.Range(0, 4).Select(me => OnThread(() =>
        {
            using (gil.EnterScope())
            {
                while (switches < 60 * Effort)
                {
                    last = me;
                    if (!gil.Checkpoint())
                        continue;
                    switches++;
                    Assert.IsTrue(last != me || gil.GetStatistics().Waiting < 3, "nobody ran in between");
                }
            }
        }))];
        Join(threads);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Checkpoint_TheRequestOfAThreadThatLeft_IsWithdrawn()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromMilliseconds(1) });
        gil.Enter();
        using var source = new CancellationTokenSource();
        Task waiter = OnThread(() => Assert.ThrowsExactly<OperationCanceledException>(() => gil.Enter(source.Token)));
        UntilWaiting(gil, 1);
        Until(() => gil.IsAskedToGiveWay, "a switch was requested");
        source.Cancel();
        Join(waiter);
        // cpython#96387: the holder waited for a requester that had left.
        Assert.IsFalse(gil.IsAskedToGiveWay);
        Assert.IsFalse(gil.Checkpoint());
        Assert.AreEqual(0, gil.GetStatistics().ForcedSwitches);
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void SwitchInterval_ChangedWhileInUse_TakesEffect()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromHours(1) });
        gil.Enter();
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        Assert.IsFalse(gil.Checkpoint());
        gil.SwitchInterval = TimeSpan.FromMilliseconds(1);
        Until(gil.Checkpoint, "a forced switch after the interval became short");
        Join(waiter);
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Checkpoint_OtherThreadsAreServedDuringALongComputation()
    {
        using var gil = new GlobalInterpreterLock();
        using var stop = new ManualResetEventSlim();
        Task computation = OnThread(() =>
        {
            using (gil.EnterScope())
            {
                while (!stop.IsSet)
                    gil.Checkpoint();
            }
        });
        Until(() => gil.GetStatistics().Acquisitions > 0, "the computation runs");
        for (int i = 0; i < 20; i++)
            gil.Run(() => { });
        stop.Set();
        Join(computation);
    }
}
