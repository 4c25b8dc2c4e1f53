using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class AbandonmentTests
{
    [TestMethod]
    [Timeout(60_000)]
    public void Enter_AfterTheOwnerEnded_ThrowsOnce_AndOwns()
    {
        using var gil = new GlobalInterpreterLock();
        Abandon(gil);
        Assert.ThrowsExactly<AbandonedMutexException>(gil.Enter);
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        gil.Enter();
        gil.Exit();
        Abandon(gil);
        Assert.ThrowsExactly<AbandonedMutexException>(() => gil.TryEnter());
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void ScopeAndRun_AfterTheOwnerEnded_ThrowOnce_AndDoNotOwn()
    {
        using var gil = new GlobalInterpreterLock();
        Abandon(gil);
        Assert.ThrowsExactly<AbandonedMutexException>(() => { using (gil.EnterScope()) { } });
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        gil.Run(() => { });
        Abandon(gil);
        bool ran = false;
        Assert.ThrowsExactly<AbandonedMutexException>(() => gil.Run(() => ran = true));
        Assert.IsFalse(ran);
        gil.Run(() => { });
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_AfterTheOwnerEnded_FaultsOnce()
    {
        using var gil = new GlobalInterpreterLock();
        Abandon(gil);
        bool ran = false;
        Assert.ThrowsExactly<AbandonedMutexException>(() => gil.RunAsync(() => { ran = true; }).GetAwaiter().GetResult());
        Assert.IsFalse(ran);
        Join(gil.RunAsync(() => { }));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Waiters_AlreadyQueuedWhenTheOwnerEnds_NoticeWithoutACollection()
    {
        // A collection may happen at any time; that it happens in each of five rounds would be no accident.
        bool withoutACollection = false;
        for (int round = 0; round < 5 && !withoutACollection; round++)
        {
            int before = GC.CollectionCount(0);
            AbandonWithThreeWaiters();
            withoutACollection = before == GC.CollectionCount(0);
        }

        Assert.IsTrue(withoutACollection);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Items_AlreadyQueuedWhenTheOwnerEnds_OneFaultsTheOthersRun()
    {
        using var gil = new GlobalInterpreterLock();
        using var end = new ManualResetEventSlim();
        using var holds = new ManualResetEventSlim();
        Task owner = OnThread(() =>
        {
            gil.Enter();
            holds.Set();
            end.Wait();
        });
        Assert.IsTrue(holds.Wait(Never));
        int ran = 0;
        Task first = gil.RunAsync(() => { ran++; });
        Task second = gil.RunAsync(() => { ran++; });
        end.Set();
        Assert.ThrowsExactly<AbandonedMutexException>(() => first.GetAwaiter().GetResult());
        Join(owner, second);
        Assert.AreEqual(1, ran);
    }

    private static void AbandonWithThreeWaiters()
    {
        using var gil = new GlobalInterpreterLock();
        using var end = new ManualResetEventSlim();
        using var holds = new ManualResetEventSlim();
        Task owner = OnThread(() =>
        {
            gil.Enter();
            // Whatever the depth was, the next owner begins with one.
            gil.Enter();
            holds.Set();
            end.Wait();
        });
        Assert.IsTrue(holds.Wait(Never));
        int abandoned = 0;
        int entered = 0;
        Task[] waiters = [.. Enumerable.Range(0, 3).Select(_ => OnThread(() =>
        {
            try
            {
                gil.Enter();
            }
            catch (AbandonedMutexException)
            {
                abandoned++;
            }

            Assert.IsTrue(gil.IsHeldByCurrentThread);
            entered++;
            gil.Exit();
            Assert.IsFalse(gil.IsHeldByCurrentThread);
        }))];
        UntilWaiting(gil, 3);
        end.Set();
        Join([owner, .. waiters]);
        Assert.AreEqual(1, abandoned);
        Assert.AreEqual(3, entered);
    }

    private static void Abandon(GlobalInterpreterLock gil)
    {
        var owner = new Thread(gil.Enter);
        owner.Start();
        Assert.IsTrue(owner.Join(Never));
    }
}
