using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class DisposalTests
{
    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WakesAllWaiters_AndTheHolderMayLeave()
    {
        var gil = new GlobalInterpreterLock();
        gil.Enter();
        Task enter = OnThread(() => Assert.ThrowsExactly<ObjectDisposedException>(gil.Enter));
        Task timed = OnThread(() => Assert.ThrowsExactly<ObjectDisposedException>(() => gil.TryEnter(Never)));
        Task scope = OnThread(() => Assert.ThrowsExactly<ObjectDisposedException>(() => { using (gil.EnterScope()) { } }));
        Task item = gil.RunAsync(() => { });
        UntilWaiting(gil, 4);
        gil.Dispose();
        gil.Dispose();
        Join(enter, timed, scope);
        Assert.ThrowsExactly<ObjectDisposedException>(() => item.GetAwaiter().GetResult());
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        Assert.ThrowsExactly<ObjectDisposedException>(gil.Enter);
        Assert.ThrowsExactly<ObjectDisposedException>(() => gil.TryEnter());
        Assert.ThrowsExactly<ObjectDisposedException>(() => gil.RunAsync(() => { }).GetAwaiter().GetResult());
        Assert.ThrowsExactly<SynchronizationLockException>(gil.Exit);
    }

    [TestMethod]
    public void Checkpoint_OnADisposedLock_Throws_AndOuterScopesEndSilently()
    {
        var gil = new GlobalInterpreterLock();
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            using (gil.EnterScope())
            using (gil.EnterScope())
            {
                Join(OnThread(gil.Dispose));
                gil.Checkpoint();
            }
        });
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        Assert.IsFalse(gil.Checkpoint());
    }

    [TestMethod]
    public void ReleaseScope_EndingOnADisposedLock_Throws_AndOuterScopesEndSilently()
    {
        var gil = new GlobalInterpreterLock();
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            using (gil.EnterScope())
            using (gil.EnterScope())
            using (gil.ReleaseScope())
                gil.Dispose();
        });
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Checkpoint_WaitingToComeBackWhenDisposed_Throws()
    {
        var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromMilliseconds(1) });
        using var taken = new ManualResetEventSlim();
        using var disposed = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        Task computing = OnThread(() => Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            using (gil.EnterScope())
            {
                started.Set();
                while (true)
                    gil.Checkpoint();
            }
        }));
        Assert.IsTrue(started.Wait(Never));
        Task other = OnThread(() =>
        {
            using (gil.EnterScope())
            {
                taken.Set();
                Assert.IsTrue(disposed.Wait(Never));
            }
        });
        Assert.IsTrue(taken.Wait(Never));
        UntilWaiting(gil, 1);
        gil.Dispose();
        Join(computing);
        disposed.Set();
        Join(other);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WhileAnAsyncFunctionAwaits_TheFunctionEnds()
    {
        var gil = new GlobalInterpreterLock();
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> function = gil.RunAsync(async () =>
        {
            await signal.Task;
            return gil.IsHeldByCurrentThread;
        });
        Until(() => gil.GetStatistics() is { Waiting: 0, Acquisitions: > 0 } && gil.ToString().Contains("free", StringComparison.Ordinal), "the function awaits");
        gil.Dispose();
        signal.SetResult();
        Join(function);
        Assert.IsTrue(function.Result);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WithADedicatedThread_EndsTheThread()
    {
        var gil = new GlobalInterpreterLock(new() { DedicatedThread = true });
        Thread thread = gil.RunAsync(() => Thread.CurrentThread).GetAwaiter().GetResult();
        gil.Dispose();
        Assert.IsTrue(thread.Join(Never));
    }
}
