using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class ScopeTests
{
    [TestMethod]
    public void Scope_DisposedTwice_ActsOnce()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        var scope = gil.EnterScope();
        scope.Dispose();
        scope.Dispose();
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
    }

    [TestMethod]
    public void Scope_OuterBeforeInner_ThrowsAndNothingChanges()
    {
        using var gil = new GlobalInterpreterLock();
        var outer = gil.EnterScope();
        var inner = gil.EnterScope();
        Throws(ref outer);
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        inner.Dispose();
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        outer.Dispose();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void Scope_CopyDisposedAgain_IsDetectedAndGivesNothingUp()
    {
        using var gil = new GlobalInterpreterLock();
        var scope = gil.EnterScope();
        var copy = scope;
        scope.Dispose();
        Throws(ref copy);

        using var release = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        Task other = OnThread(() =>
        {
            using (gil.EnterScope())
            {
                entered.Set();
                release.Wait();
                Assert.IsTrue(gil.IsHeldByCurrentThread);
            }
        });
        Assert.IsTrue(entered.Wait(Never));
        Throws(ref copy);
        release.Set();
        Join(other);

        var again = gil.EnterScope();
        Throws(ref copy);
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        again.Dispose();
    }

    [TestMethod]
    public void Default_Scopes_EndSilently()
    {
        default(GlobalInterpreterLock.Scope).Dispose();
        default(GlobalInterpreterLock.ReleasedScope).Dispose();
    }

    [TestMethod]
    public void ReleaseScope_GivesUpWholeDepth_AndRestoresIt_AlsoWhenTheBodyThrows()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        gil.Enter();
        gil.Enter();
        Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            using (gil.ReleaseScope())
            {
                Assert.IsFalse(gil.IsHeldByCurrentThread);
                Join(OnThread(() => gil.Run(() => { })));
                throw new InvalidOperationException();
            }
        });
        gil.Exit();
        gil.Exit();
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        Assert.AreEqual(1, gil.GetStatistics().VoluntaryReleases);
    }

    [TestMethod]
    public void ReleaseScope_NestedEnterAndNestedRelease_KeepExactCounts()
    {
        using var gil = new GlobalInterpreterLock();
        using (gil.EnterScope())
        using (gil.EnterScope())
        {
            using (gil.ReleaseScope())
            {
                using (gil.EnterScope())
                {
                    Assert.IsTrue(gil.IsHeldByCurrentThread);
                    using (gil.ReleaseScope())
                        Assert.IsFalse(gil.IsHeldByCurrentThread);
                    Assert.IsTrue(gil.IsHeldByCurrentThread);
                }

                Assert.IsFalse(gil.IsHeldByCurrentThread);
            }

            Assert.IsTrue(gil.IsHeldByCurrentThread);
        }

        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void ReleaseScope_OuterScopeEndedInside_ThrowsAndNothingChanges()
    {
        using var gil = new GlobalInterpreterLock();
        var outer = gil.EnterScope();
        using (gil.ReleaseScope())
        {
            gil.Enter();
            Throws(ref outer);
            Assert.IsTrue(gil.IsHeldByCurrentThread);
            gil.Exit();
        }

        Assert.IsTrue(gil.IsHeldByCurrentThread);
        outer.Dispose();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void ReleaseScope_EndedAgainAfterTheLockWasDisposed_DoesNothing()
    {
        var gil = new GlobalInterpreterLock();
        gil.Enter();
        var released = gil.ReleaseScope();
        gil.Dispose();
        bool threw = false;
        try
        {
            released.Dispose();
        }
        catch (ObjectDisposedException)
        {
            threw = true;
        }

        Assert.IsTrue(threw);
        released.Dispose();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void ReleaseScope_WithoutTheLock_Throws()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.ThrowsExactly<SynchronizationLockException>(() => { using (gil.ReleaseScope()) { } });
        gil.Enter();
        Join(OnThread(() => Assert.ThrowsExactly<SynchronizationLockException>(() => { using (gil.ReleaseScope()) { } })));
        gil.Exit();
    }

    [TestMethod]
    public void ReleaseScope_CopyEndedAgain_IsDetected()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        var released = gil.ReleaseScope();
        var copy = released;
        released.Dispose();
        released.Dispose();
        gil.Exit();
        try
        {
            copy.Dispose();
            Assert.Fail("a copy of an ended release must be detected");
        }
        catch (SynchronizationLockException)
        {
        }

        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void ReleaseScopes_OfTwoLocks_MayEndInAnyOrder()
    {
        using var a = new GlobalInterpreterLock();
        using var b = new GlobalInterpreterLock();
        a.Enter();
        b.Enter();
        var releaseA = a.ReleaseScope();
        var releaseB = b.ReleaseScope();
        releaseA.Dispose();
        releaseB.Dispose();
        a.Exit();
        b.Exit();
    }

    [TestMethod]
    public void ReleaseScope_InterruptedWhileComingBack_ComesBackFirst()
    {
        using var gil = new GlobalInterpreterLock();
        using var inside = new ManualResetEventSlim();
        Thread? thread = null;
        Task worker = OnThread(() =>
        {
            thread = Thread.CurrentThread;
            using (gil.EnterScope())
            {
                using (gil.ReleaseScope())
                {
                    inside.Set();
                    Until(() => gil.ToString().Contains("held by", StringComparison.Ordinal), "the other thread holds");
                }

                Assert.IsTrue(gil.IsHeldByCurrentThread);
                Assert.ThrowsExactly<ThreadInterruptedException>(() => Thread.Sleep(Timeout.Infinite));
            }
        });
        Assert.IsTrue(inside.Wait(Never));
        gil.Enter();
        UntilWaiting(gil, 1);
        thread!.Interrupt();
        gil.Exit();
        Join(worker);
    }

    private static void Throws(ref GlobalInterpreterLock.Scope scope)
    {
        try
        {
            scope.Dispose();
        }
        catch (SynchronizationLockException)
        {
            return;
        }

        Assert.Fail("SynchronizationLockException expected");
    }
}
