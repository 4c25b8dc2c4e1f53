using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class RunAsyncTests
{
    [TestMethod]
    public void Run_ReturnsTheResult_AndCarriesExceptionsToTheCaller()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.AreEqual(42, gil.Run(() => gil.IsHeldByCurrentThread ? 42 : 0));
        Assert.ThrowsExactly<FormatException>(() => gil.Run((Action)(() => throw new FormatException())));
        Assert.IsFalse(gil.IsHeldByCurrentThread);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task RunAsync_RunsUnderTheLock_AndCarriesResultsAndExceptions()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.IsTrue(await gil.RunAsync(() => gil.IsHeldByCurrentThread));
        Assert.IsTrue(await gil.RunAsync(async () =>
        {
            await Task.Yield();
            return gil.IsHeldByCurrentThread;
        }));
        await Assert.ThrowsExactlyAsync<FormatException>(() => gil.RunAsync((Action)(() => throw new FormatException())));
        await Assert.ThrowsExactlyAsync<FormatException>(() => gil.RunAsync(async () =>
        {
            await Task.Yield();
            throw new FormatException();
        }));
        Assert.IsTrue(gil.TryEnter(), "the lock is free once the task has ended");
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_ByTheHolder_QueuesAndNeverRunsOnItsStack()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        Thread? ran = null;
        Task task = gil.RunAsync(() => { ran = Thread.CurrentThread; });
        Assert.IsFalse(task.IsCompleted);
        Assert.AreEqual(1, gil.GetStatistics().Waiting);
        gil.Exit();
        Join(task);
        Assert.AreNotSame(Thread.CurrentThread, ran);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_TenThousandItems_RunInOrder_AndCostNoThreadEach()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        int threads = ThreadPool.ThreadCount;
        List<int> order = [];
        Task[] tasks = [.. Enumerable.Range(0, 10_000).Select(i => gil.RunAsync(() => order.Add(i)))];
        Assert.AreEqual(10_000, gil.GetStatistics().Waiting);
        Assert.IsLessThan(threads + 50, ThreadPool.ThreadCount);
        gil.Exit();
        Join(tasks);
        CollectionAssert.AreEqual(Enumerable.Range(0, 10_000).ToArray(), order);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_CanceledWhileQueued_NeverRuns()
    {
        using var gil = new GlobalInterpreterLock();
        using var source = new CancellationTokenSource();
        gil.Enter();
        bool ran = false;
        Task canceled = gil.RunAsync(() => { ran = true; }, source.Token);
        Task kept = gil.RunAsync(() => { });
        source.Cancel();
        var thrown = Assert.ThrowsExactly<TaskCanceledException>(() => canceled.GetAwaiter().GetResult());
        Assert.AreEqual(source.Token, thrown.CancellationToken);
        gil.Exit();
        Join(kept);
        Assert.IsFalse(ran);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_CanceledWhileReserved_HandsTheLockOn()
    {
        using var gil = new GlobalInterpreterLock();
        for (int i = 0; i < 200 * Effort; i++)
        {
            using var source = new CancellationTokenSource();
            Task task = gil.RunAsync(() => { }, source.Token);
            source.Cancel();
            Join(task.ContinueWith(_ => { }, TaskScheduler.Default));
            Assert.IsTrue(gil.TryEnter(Never));
            gil.Exit();
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_HundredThousandCanceled_LeaveNoMemory()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        QueueAndCancel(gil, 1000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        QueueAndCancel(gil, 100_000);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
        Assert.IsLessThan(before + 4_000_000, after, "40 bytes each would be a leak");
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_AsyncFunctions_InterleaveOnlyAtAwaits()
    {
        using var gil = new GlobalInterpreterLock();
        int inside = 0;
        int plain = 0;
        Task[] tasks = [.. Enumerable.Range(0, 8).Select(_ => gil.RunAsync(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                Assert.IsTrue(gil.IsHeldByCurrentThread);
                Assert.AreEqual(1, ++inside);
                plain++;
                Assert.AreEqual(0, --inside);
                await Task.Yield();
            }
        }))];
        Join(tasks);
        Assert.AreEqual(8 * 200, plain);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_NoAwaitHoldsTheLock_AndNoOtherFunctionRunsInTheMidstOfAStretch()
    {
        using var gil = new GlobalInterpreterLock();
        var signal = new TaskCompletionSource();
        bool inStretch = false;
        bool interrupted = false;
        Task waiter = gil.RunAsync(async () =>
        {
            await signal.Task;
            interrupted = inStretch;
        });
        Until(() => gil.TryEnter(), "the lock is free while the function awaits");
        gil.Exit();
        Task setter = gil.RunAsync(async () =>
        {
            inStretch = true;
            // Its continuations run synchronously where they can.
            signal.SetResult();
            inStretch = false;
            await Task.Yield();
        });
        Join(waiter, setter);
        Assert.IsFalse(interrupted);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task RunAsync_ConfigureAwaitFalse_LeavesTheLock()
    {
        using var gil = new GlobalInterpreterLock();
        TaskCompletionSource awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> held = gil.RunAsync(async () =>
        {
            await awaited.Task.ConfigureAwait(false);
            return gil.IsHeldByCurrentThread;
        });
        Until(() => gil.TryEnter(), "the lock is free: the function awaits");
        gil.Exit();
        awaited.SetResult();
        Assert.IsFalse(await held);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_BodyThatLeavesTooOftenOrNotOftenEnough_IsBlamed()
    {
        using var gil = new GlobalInterpreterLock();
        Assert.ThrowsExactly<SynchronizationLockException>(() => gil.RunAsync(gil.Exit).GetAwaiter().GetResult());
        Assert.ThrowsExactly<SynchronizationLockException>(() => gil.RunAsync(gil.Enter).GetAwaiter().GetResult());
        Assert.IsTrue(gil.TryEnter(Never));
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_StretchThatLeavesTooOftenOrNotOftenEnough_IsBlamed()
    {
        using var gil = new GlobalInterpreterLock();
        Task enters = gil.RunAsync(async () =>
        {
            gil.Enter();
            await Task.Yield();
            gil.Exit();
        });
        Task entersLater = gil.RunAsync(async () =>
        {
            await Task.Yield();
            gil.Enter();
        });
        Task<int> exits = gil.RunAsync(async () =>
        {
            await Task.Yield();
            gil.Exit();
            return 1;
        });
        foreach (Task each in new[] { enters, entersLater, exits })
            Assert.ThrowsExactly<SynchronizationLockException>(() => Join(each));
        Assert.IsTrue(gil.TryEnter(Never));
        gil.Exit();
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task RunAsync_FlowsAsyncLocals_ButNotOwnership()
    {
        using var gil = new GlobalInterpreterLock();
        var local = new AsyncLocal<int> { Value = 7 };
        Assert.AreEqual(7, await gil.RunAsync(() => local.Value));
        await gil.RunAsync(async () =>
        {
            // A child inherits the flow, but must wait for the lock like anybody.
            Join(OnThread(() => Assert.IsFalse(gil.TryEnter())));
            await Task.Yield();
        });
    }

    [TestMethod]
    [Timeout(60_000)]
    public void RunAsync_PoolBusyWithWaitingThreads_DoesNotStopTheLock()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        int entered = 0;
        // Every pool thread waits for the lock, and an item that needs a pool thread is first in the queue.
        Task first = gil.RunAsync(() => { entered++; });
        Task[] waiters = [.. Enumerable.Range(0, Environment.ProcessorCount * 4).Select(_ => Task.Run(() => gil.Run(() => entered++)))];
        gil.Exit();
        Join([first, .. waiters]);
        Assert.AreEqual(waiters.Length + 1, entered);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task DedicatedThread_RunsEveryBodyAndEveryStretchOnOneThread()
    {
        using var gil = new GlobalInterpreterLock(new() { Name = "bound", DedicatedThread = true, MaxStackSize = 512 * 1024 });
        int home = await gil.RunAsync(() => Environment.CurrentManagedThreadId);
        for (int i = 0; i < 20; i++)
        {
            Assert.AreEqual(home, await gil.RunAsync(() => Environment.CurrentManagedThreadId));
            Assert.AreEqual(home, await gil.RunAsync(async () =>
            {
                await Task.Yield();
                return gil.IsHeldByCurrentThread ? Environment.CurrentManagedThreadId : -1;
            }));
        }

        Assert.AreNotEqual(home, gil.Run(() => Environment.CurrentManagedThreadId));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task DedicatedThread_ContinuationPostedAfterItsEnd_RunsUnderTheLock()
    {
        using var gil = new GlobalInterpreterLock(new() { DedicatedThread = true });
        (Thread home, SynchronizationContext context) = await gil.RunAsync(async () =>
        {
            await Task.Yield();
            return (Thread.CurrentThread, SynchronizationContext.Current!);
        });
        gil.Dispose();
        Assert.IsTrue(home.Join(Never));
        for (int i = 0; i < 2; i++)
        {
            var ran = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            context.Post(_ => ran.SetResult(gil.IsHeldByCurrentThread), null);
            Join(ran.Task);
            Assert.IsTrue(await ran.Task);
        }
    }

    private static void QueueAndCancel(GlobalInterpreterLock gil, int count)
    {
        using var source = new CancellationTokenSource();
        for (int i = 0; i < count; i++)
            _ = gil.RunAsync(() => { }, source.Token);
        source.Cancel();
    }
}
