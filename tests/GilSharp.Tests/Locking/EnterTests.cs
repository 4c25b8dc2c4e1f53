using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class EnterTests
{
    [TestMethod]
    public void Enter_Nested_IsLeftByAsManyExits()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        gil.Enter();
        Assert.IsTrue(gil.TryEnter());
        gil.Exit();
        gil.Exit();
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        Join(OnThread(() => Assert.IsFalse(gil.TryEnter())));
        gil.Exit();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        Join(OnThread(() => Assert.IsTrue(gil.TryEnter(Never))));
    }

    [TestMethod]
    public void Exit_ByAThreadThatDoesNotHold_ThrowsAndTheHolderKeeps()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.ThrowsExactly<SynchronizationLockException>(gil.Exit);
        gil.Enter();
        Join(OnThread(() => Assert.ThrowsExactly<SynchronizationLockException>(gil.Exit)));
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Assert.ThrowsExactly<SynchronizationLockException>(gil.Exit);
    }

    [TestMethod]
    public void TryEnter_TimesOut_AndLeavesNoTrace()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        Join(OnThread(() =>
        {
            Assert.IsFalse(gil.TryEnter());
            Assert.IsFalse(gil.TryEnter(TimeSpan.Zero));
            Assert.IsFalse(gil.TryEnter(TimeSpan.FromMilliseconds(20)));
            Assert.IsFalse(gil.IsHeldByCurrentThread);
        }));
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
        Assert.IsFalse(gil.Checkpoint(), "the request of one who has left must have left with him");
        gil.Exit();
    }

    [TestMethod]
    [DataRow(-2.0)]
    [DataRow(-0.5)]
    [DataRow(int.MaxValue + 1.0)]
    public void TryEnter_ImpossibleTimeout_ThrowsWithTheValue(double milliseconds)
    {
        using var gil = new GlobalInterpreterLock();
        TimeSpan timeout = TimeSpan.FromMilliseconds(milliseconds);

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gil.TryEnter(timeout));

        Assert.AreEqual(timeout, thrown.ActualValue);
        StringAssert.Contains(thrown.Message, timeout.ToString());
    }

    [TestMethod]
    public void SwitchInterval_NotPositive_ThrowsWithTheValue()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.AreEqual(TimeSpan.FromMilliseconds(5), gil.SwitchInterval);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gil.SwitchInterval = TimeSpan.Zero);
        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gil.SwitchInterval = TimeSpan.FromSeconds(-3));
        Assert.AreEqual(TimeSpan.FromSeconds(-3), thrown.ActualValue);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.Zero }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GlobalInterpreterLock(new() { MaxStackSize = -1 }));
        Assert.ThrowsExactly<ArgumentNullException>(() => new GlobalInterpreterLock(null!));
        gil.SwitchInterval = TimeSpan.FromMilliseconds(1);
        Assert.AreEqual(TimeSpan.FromMilliseconds(1), gil.SwitchInterval);
        using var slow = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromSeconds(2) });
        Assert.AreEqual(TimeSpan.FromSeconds(2), slow.SwitchInterval);
    }

    [TestMethod]
    public void EveryKindOfWaiter_EntersWhenReleased_OrGivesUp()
    {
        using var gil = new GlobalInterpreterLock();
        using var source = new CancellationTokenSource();
        gil.Enter();
        int entered = 0;
        Task[] waiters =
        [
            OnThread(() => { gil.Enter(); entered++; gil.Exit(); }),
            OnThread(() => { gil.Enter(source.Token); entered++; gil.Exit(); }),
            OnThread(() => { using (gil.EnterScope()) entered++; }),
            OnThread(() => { using (gil.EnterScope(source.Token)) entered++; }),
            OnThread(() => { Assert.IsTrue(gil.TryEnter(Never)); entered++; gil.Exit(); }),
            OnThread(() => gil.Run(() => entered++)),
            gil.RunAsync(() => { entered++; }),
        ];
        UntilWaiting(gil, waiters.Length);
        Assert.AreEqual(0, entered);
        gil.Exit();
        Join(waiters);
        Assert.AreEqual(waiters.Length, entered);
        Assert.IsGreaterThanOrEqualTo(waiters.Length, gil.GetStatistics().ContendedAcquisitions);
    }

    [TestMethod]
    public void Enter_CanceledToken_WinsOverAFreeLock()
    {
        using var gil = new GlobalInterpreterLock();
        var token = new CancellationToken(canceled: true);
        Assert.ThrowsExactly<OperationCanceledException>(() => gil.Enter(token));
        Assert.ThrowsExactly<OperationCanceledException>(() => { using (gil.EnterScope(token)) { } });
        Assert.IsTrue(gil.RunAsync(() => { }, token).IsCanceled);
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    public void Enter_CanceledWhileWaiting_ThrowsWithTheToken_AndTheRequestIsGone()
    {
        using var gil = new GlobalInterpreterLock();
        using var source = new CancellationTokenSource();
        gil.Enter();
        Task waiter = OnThread(() =>
        {
            var thrown = Assert.ThrowsExactly<OperationCanceledException>(() => gil.Enter(source.Token));
            Assert.AreEqual(source.Token, thrown.CancellationToken);
            Assert.IsFalse(gil.IsHeldByCurrentThread);
        });
        UntilWaiting(gil, 1);
        source.Cancel();
        Join(waiter);
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
        gil.Exit();
        gil.Enter();
        gil.Exit();
    }

    [TestMethod]
    public void Enter_InterruptedWhileWaiting_LeavesTheLockSound()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        Thread? thread = null;
        Task waiter = OnThread(() =>
        {
            thread = Thread.CurrentThread;
            Assert.ThrowsExactly<ThreadInterruptedException>(gil.Enter);
            Assert.IsFalse(gil.IsHeldByCurrentThread);
        });
        UntilWaiting(gil, 1);
        thread!.Interrupt();
        Join(waiter);
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Join(OnThread(() => { gil.Enter(); gil.Exit(); }));
    }

    [TestMethod]
    public void For_SameName_IsTheSameLock_ThatNobodyCanDispose()
    {
        GlobalInterpreterLock hdf5 = GlobalInterpreterLock.For("hdf5");
        Assert.AreSame(hdf5, GlobalInterpreterLock.For("hdf5"));
        Assert.AreNotSame(hdf5, GlobalInterpreterLock.For("HDF5"));
        Assert.AreEqual("hdf5", hdf5.Name);
        hdf5.Dispose();
        GlobalInterpreterLock.Shared.Dispose();
        hdf5.Run(() => { });
        GlobalInterpreterLock.Shared.Run(() => { });
        Assert.ThrowsExactly<ArgumentException>(() => GlobalInterpreterLock.For(""));
        Assert.ThrowsExactly<ArgumentNullException>(() => GlobalInterpreterLock.For(null!));
    }

    [TestMethod]
    public void UncontendedUse_AllocatesNothing()
    {
        using var gil = new GlobalInterpreterLock();
        UseOnce(gil);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            UseOnce(gil);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [TestMethod]
    public void DebuggerDisplay_NamesOwnerDepthAndWaiters()
    {
        using var gil = new GlobalInterpreterLock(new() { Name = "lua" });
        Assert.AreEqual("lua: free, 0 waiting", gil.ToString());
        gil.Enter();
        gil.Enter();
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        StringAssert.Contains(gil.ToString(), $"held by thread {Environment.CurrentManagedThreadId} ");
        StringAssert.Contains(gil.ToString(), "depth 2, 1 waiting");
        gil.Exit();
        gil.Exit();
        Join(waiter);
    }

    private static void UseOnce(GlobalInterpreterLock gil)
    {
        gil.Enter();
        gil.Checkpoint();
        gil.Exit();
        using (gil.EnterScope())
        using (gil.ReleaseScope())
        {
        }
    }
}
