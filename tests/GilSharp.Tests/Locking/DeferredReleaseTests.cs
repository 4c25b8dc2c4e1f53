using GilSharp.Locking;
using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class DeferredReleaseTests
{
    [TestMethod]
    [Timeout(60_000)]
    public void Defer_WhileHeldByAnother_RunsAtItsCheckpoint_InOrder_UnderTheLock()
    {
        using var gil = new GlobalInterpreterLock();
        List<int> order = [];
        gil.Enter();
        Join(OnThread(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                int number = i;
                gil.Defer(new Release(() =>
                {
                    Assert.IsTrue(gil.IsHeldByCurrentThread);
                    order.Add(number);
                }));
            }
        }));
        Assert.IsEmpty(order);
        Assert.IsFalse(gil.Checkpoint(), "nobody was let in");
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), order);
        gil.Exit();
        Assert.HasCount(100, order);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_WhileHeld_RunsAtTheOutermostExitAtTheLatest()
    {
        using var gil = new GlobalInterpreterLock();
        bool ran = false;
        gil.Enter();
        gil.Enter();
        gil.Defer(new Release(() => ran = gil.IsHeldByCurrentThread));
        gil.Exit();
        Assert.IsFalse(ran);
        gil.Exit();
        Assert.IsTrue(ran);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_WhileFree_RunsBeforeTheNextHoldersCode_OrWithoutOne()
    {
        using var gil = new GlobalInterpreterLock();
        int ran = 0;
        for (int i = 1; i <= 500; i++)
        {
            gil.Defer(new Release(() => ran++));
            gil.Enter();
            Assert.AreEqual(i, ran);
            gil.Exit();
        }

        using var done = new ManualResetEventSlim();
        gil.Defer(new Release(done.Set));
        Assert.IsTrue(done.Wait(Never), "nobody came, and still it must run");
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_FromManyThreads_RunsEachOnce()
    {
        using var gil = new GlobalInterpreterLock();
        int plain = 0;
        int posted = 4 * 5000;
        Task[] posters = [.. Enumerable.Range(0, 4).Select(_ => OnThread(() =>
        {
            for (int i = 0; i < 5000; i++)
                gil.Defer(new Release(() => plain++));
        }))];
        Task user = OnThread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                gil.Enter();
                gil.Checkpoint();
                gil.Exit();
            }
        });
        Join([.. posters, user]);
        Until(() => gil.Run(() => plain) == posted, "all have run");
        Assert.AreEqual(posted, gil.Run(() => plain));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_OneThatThrows_HarmsNeitherHolderNorOthers()
    {
        using var gil = new GlobalInterpreterLock();
        bool ran = false;
        gil.Enter();
        gil.Defer(new Release(() => throw new InvalidOperationException()));
        gil.Defer(new Release(gil.Enter));
        gil.Defer(new Release(() => ran = true));
        gil.Exit();
        Assert.IsTrue(ran);
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_OneThatReleasesLocksAndPosts_DoesNotDeadlock()
    {
        using var gil = new GlobalInterpreterLock();
        List<string> order = [];
        gil.Enter();
        gil.Defer(new Release(() =>
        {
            order.Add("first");
            gil.Defer(new Release(() => order.Add("posted by first")));
            using (gil.ReleaseScope())
                Join(OnThread(() => gil.Run(() => order.Add("another thread"))));
            using (gil.EnterScope())
                gil.Checkpoint();
            order.Add("end of first");
        }));
        gil.Exit();
        Until(() => gil.Run(() => order.Count) == 4, "all have run");
        CollectionAssert.AreEquivalent(new[] { "first", "posted by first", "another thread", "end of first" }, order);
        Assert.AreEqual("first", order[0]);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_AtDispose_IsRunByTheDisposerOrTheHolder()
    {
        var gil = new GlobalInterpreterLock();
        int ran = 0;
        gil.Enter();
        gil.Defer(new Release(() => ran++));
        gil.Dispose();
        Assert.AreEqual(0, ran);
        gil.Exit();
        Assert.AreEqual(1, ran);
        using var done = new ManualResetEventSlim();
        gil.Defer(new Release(done.Set));
        Assert.IsTrue(done.Wait(Never), "also after the disposal");
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_OneThatLosesTheLock_OthersRunUnderItAllTheSame()
    {
        foreach (Action<GlobalInterpreterLock> lose in new Action<GlobalInterpreterLock>[]
        {
            static gil => gil.Exit(),
            static gil =>
            {
                gil.Dispose();
                gil.Checkpoint();
            },
            static gil =>
            {
                using (gil.ReleaseScope())
                    gil.Dispose();
            },
        })
        {
            using var gil = new GlobalInterpreterLock();
            List<bool> held = [];
            gil.Enter();
            gil.Defer(new Release(() => lose(gil)));
            for (int i = 0; i < 3; i++)
                gil.Defer(new Release(() => held.Add(gil.IsHeldByCurrentThread)));
            gil.Exit();
            CollectionAssert.AreEqual(new[] { true, true, true }, held);
            Assert.IsFalse(gil.IsHeldByCurrentThread);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_WhileAnotherLocksReleasesRun_RunsBeforeTheHoldersCode()
    {
        using var outer = new GlobalInterpreterLock();
        using var inner = new GlobalInterpreterLock();
        bool ran = false;
        bool ranAtExit = false;
        outer.Enter();
        outer.Defer(new Release(() =>
        {
            inner.Enter();
            inner.Defer(new Release(() => ran = true));
            inner.Exit();
            ranAtExit = ran;
        }));
        outer.Exit();
        Assert.IsTrue(ranAtExit);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Defer_OneThatIsInterrupted_LeavesTheInterruptionToTheThread()
    {
        using var gil = new GlobalInterpreterLock();
        Join(OnThread(() =>
        {
            gil.Enter();
            gil.Defer(new Release(() =>
            {
                Thread.CurrentThread.Interrupt();
                Thread.Sleep(Timeout.Infinite);
            }));
            gil.Exit();
            Assert.ThrowsExactly<ThreadInterruptedException>(() => Thread.Sleep(Timeout.Infinite));
        }));
    }

    private sealed class Release(Action action) : DeferredRelease
    {
        internal override void Run() => action();
    }
}
