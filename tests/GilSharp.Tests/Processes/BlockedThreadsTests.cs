namespace GilSharp.Tests.Processes;

/// <summary>Synchronous calls where the threads that others would need are all waiting.</summary>
[TestClass]
public sealed class BlockedThreadsTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public void ApplyAndMap_UnderASingleThreadedSynchronizationContext_DoNotDeadlock()
    {
        NeverRuns context = new();
        int applied = 0;
        int[] mapped = [];
        int[] awaited = [];
        Thread thread = new(Told(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, QueueCapacity = 1 });
            applied = pool.Apply(Misfortune.Increment, 1);
            mapped = pool.Map(Misfortune.Increment, Enumerable.Range(0, 100), new MapOptions { ChunkSize = 7 });
            awaited = pool.MapAsync(Misfortune.Increment, Enumerable.Range(0, 100)).Result;
            _ = Assert.ThrowsExactly<WorkerCrashedException>(() => pool.Apply(Misfortune.KillItself));
            pool.Close();
            pool.Join();
        }).Invoke);
        thread.Start();

        Assert.IsTrue(thread.Join(NeverThatLong), "it hangs");
        Assert.AreEqual(2, applied);
        CollectionAssert.AreEqual(Enumerable.Range(1, 100).ToArray(), mapped);
        CollectionAssert.AreEqual(mapped, awaited);
        Assert.AreEqual(0, context.Posted);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Apply_OnAThousandThreadsOfTheThreadPool_DoesNotDeadlock()
    {
        const int Callers = 1_000;
        using MeetingPlace place = new();
        using ProcessPool pool = new(2);
        Task<int>[] holding = [pool.ApplyAsync(Misfortune.MeetAt, place.Folder), pool.ApplyAsync(Misfortune.MeetAt, place.Folder)];
        Eventually(() => place.Arrived == 2, "holding both workers");
        using ThreadPoolLimits limits = new(least: Callers);
        using CountdownEvent inside = new(Callers), right = new(Callers);
        for (int i = 0; i < Callers; i++)
        {
            int caller = i;
            Action call = Told(() =>
            {
                inside.Signal();
                if (pool.Apply(Misfortune.Increment, caller) == caller + 1) right.Signal();
            });
            ThreadPool.UnsafeQueueUserWorkItem(_ => call(), null);
        }

        Assert.IsTrue(inside.Wait(NeverThatLong), "they did not all come in");
        place.LetGo();
        Assert.IsTrue(right.Wait(NeverThatLong), $"{right.CurrentCount} still wait");
        await InTime(Task.WhenAll(holding));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Map_OnEveryThreadOfTheThreadPool_WithAWorkerThatDies_DoesNotDeadlock()
    {
        const int Callers = 12;
        using MeetingPlace place = new();
        using ProcessPool pool = new(2);
        Task<int>[] holding = [pool.ApplyAsync(Misfortune.MeetAt, place.Folder), pool.ApplyAsync(Misfortune.MeetAt, place.Folder)];
        Eventually(() => place.Arrived == 2, "holding both workers");
        using ThreadPoolLimits limits = new(least: Callers, most: Callers);
        using CountdownEvent right = new(Callers);
        for (int i = 0; i < Callers; i++)
        {
            int caller = i;
            Action call = Told(() => MapOrDie(pool, caller, right));
            ThreadPool.UnsafeQueueUserWorkItem(_ => call(), null);
        }

        place.LetGo();
        Assert.IsTrue(right.Wait(NeverThatLong), $"{right.CurrentCount} still wait");
        await InTime(Task.WhenAll(holding));
    }

    private static void MapOrDie(ProcessPool pool, int caller, CountdownEvent right)
    {
        MapOptions inOneChunk = new() { ChunkSize = 40 };
        try
        {
            Func<int, int> function = caller == 0 ? DieAt20 : Misfortune.Increment;
            pool.Map(function, Enumerable.Range(0, 40), inOneChunk);
            if (caller != 0) right.Signal();
        }
        catch (WorkerCrashedException error) when (caller == 0 && error.Certainty == CallCertainty.MayHaveRun)
        {
            right.Signal(); // the chunk of the item that died was sent again in parts, by nobody's thread but the pool's
        }
    }

    private static int DieAt20(int item)
    {
        if (item == 20) Misfortune.KillItself();
        return item;
    }

    private sealed class NeverRuns : SynchronizationContext
    {
        private int _posted;

        internal int Posted => Volatile.Read(ref _posted);

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);

        public override void Send(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);
    }

    /// <summary>Other limits of this process's thread pool, for as long as a test runs.</summary>
    private sealed class ThreadPoolLimits : IDisposable
    {
        private readonly int _least, _leastIo, _most, _mostIo;

        internal ThreadPoolLimits(int least, int? most = null)
        {
            ThreadPool.GetMinThreads(out _least, out _leastIo);
            ThreadPool.GetMaxThreads(out _most, out _mostIo);
            Assert.IsTrue(ThreadPool.SetMinThreads(least, _leastIo));
            if (most is { } limit) Assert.IsTrue(ThreadPool.SetMaxThreads(limit, _mostIo));
        }

        public void Dispose()
        {
            ThreadPool.SetMaxThreads(_most, _mostIo);
            ThreadPool.SetMinThreads(_least, _leastIo);
        }
    }
}
