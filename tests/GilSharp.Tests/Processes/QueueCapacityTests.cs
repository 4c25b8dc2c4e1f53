namespace GilSharp.Tests.Processes;

/// <summary>A queue with a limit: callers wait outside without a thread, or are told no.</summary>
[TestClass]
public sealed class QueueCapacityTests : PoolTest
{
    private static ProcessPool Pool(int capacity, QueueFullMode mode = QueueFullMode.Wait) =>
        new(new ProcessPoolOptions { Workers = 1, QueueCapacity = capacity, QueueFullMode = mode, CancellationGracePeriod = TimeSpan.FromMilliseconds(100) });

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Wait_ArgumentsAreNotSerialisedUntilThereIsRoom()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = Pool(capacity: 1);
        Task<int> running = await Running(pool, place);
        int[] first = [1], second = [1];
        Task<int> inside = pool.ApplyAsync(First, first);
        Task<int> outside = pool.ApplyAsync(First, second);
        first[0] = second[0] = 2;

        Assert.AreEqual(1, pool.GetStatistics().Queued);
        place.LetGo();

        Assert.AreEqual(1, await InTime(inside));
        Assert.AreEqual(2, await InTime(outside));
        await running;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Wait_ManyCallsPassInOrder_AndNeverMoreThanTheCapacityWait()
    {
        await using ProcessPool pool = Pool(capacity: 3);
        List<int> ended = [];
        Task[] calls = [.. Enumerable.Range(0, 300).Select(async i =>
        {
            int result = await pool.ApplyAsync(Misfortune.Increment, i);
            lock (ended) ended.Add(result);
            Assert.IsLessThanOrEqualTo(3, pool.GetStatistics().Queued);
        })];
        await InTime(Task.WhenAll(calls));
        CollectionAssert.AreEquivalent(Enumerable.Range(1, 300).ToArray(), ended);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Wait_SyncCallers_PassToo()
    {
        await using ProcessPool pool = Pool(capacity: 1);
        Thread[] callers = [.. Enumerable.Range(0, 16).Select(i => Told(() => pool.Apply(Misfortune.Increment, i))).Select(call => new Thread(() => call()))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) Assert.IsTrue(caller.Join(NeverThatLong));
        Assert.AreEqual(16, pool.GetStatistics().Completed);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Wait_CallThatIsCancelledOutside_LeavesTheLine()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = Pool(capacity: 1);
        Task<int> running = await Running(pool, place);
        Task<int> inside = pool.ApplyAsync(Misfortune.Increment, 1);
        using CancellationTokenSource source = new();
        Task<int> outside = pool.ApplyAsync(Misfortune.Increment, 2, source.Token);
        Task<int> behind = pool.ApplyAsync(Misfortune.Increment, 3);

        await source.CancelAsync();

        OperationCanceledException error = await Throws<OperationCanceledException>(outside);
        Assert.AreEqual(source.Token, error.CancellationToken);
        place.LetGo();
        Assert.AreEqual(2, await InTime(inside));
        Assert.AreEqual(4, await InTime(behind));
        await running;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Wait_ArgumentThatCannotTravel_GivesItsPlaceBack()
    {
        await using ProcessPool pool = Pool(capacity: 1);
        for (int i = 0; i < 5; i++) await Throws<CallSerializationException>(pool.ApplyAsync(static (object value) => value.GetHashCode(), (object)Stream.Null));
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Close_RefusesWhoWaitsOutside()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = Pool(capacity: 1);
        Task<int> running = await Running(pool, place);
        Task<int> inside = pool.ApplyAsync(Misfortune.Increment, 1);
        Task<int> outside = pool.ApplyAsync(Misfortune.Increment, 2);
        Task room = pool.WaitForRoomAsync().AsTask();

        pool.Close();

        await Throws<InvalidOperationException>(outside);
        await Throws<InvalidOperationException>(room);
        place.LetGo();
        Assert.AreEqual(2, await InTime(inside));
        await running;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersThatStandBy_AreNoRoom()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandbyWorkers = 2, QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        await pool.StartAsync();
        Task<int> running = await Running(pool, place);
        Eventually(() => pool.Workers.Count == 3 && pool.Workers.All(worker => worker.State != WorkerState.Starting), "standing by");
        Task<int> inside = pool.ApplyAsync(Misfortune.Increment, 1);
        await Throws<QueueFullException>(pool.ApplyAsync(Misfortune.Increment, 2));
        place.LetGo();
        await InTime(running);
        Assert.AreEqual(2, await InTime(inside));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reject_ThrowsQueueFull_AndTakesCallsAgainWhenThereIsRoom()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = Pool(capacity: 2, QueueFullMode.Reject);
        Task<int> running = await Running(pool, place);
        Task<int>[] inside = [pool.ApplyAsync(Misfortune.Increment, 1), pool.ApplyAsync(Misfortune.Increment, 2)];

        Task<int> rejected = pool.ApplyAsync(Misfortune.Increment, 3);
        Assert.IsTrue(rejected.IsFaulted);
        QueueFullException error = await Throws<QueueFullException>(rejected);
        StringAssert.Contains(error.Message, "2");

        Task room = pool.WaitForRoomAsync().AsTask();
        Assert.IsFalse(room.IsCompleted);
        place.LetGo();
        await InTime(room);
        await InTime(Task.WhenAll(inside));
        Assert.AreEqual(5, await InTime(pool.ApplyAsync(Misfortune.Increment, 4)));
        await running;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WaitForRoom_EndsAtOnceWhereThereIsRoom_OrWithItsToken()
    {
        await using (ProcessPool unlimited = new(1)) await unlimited.WaitForRoomAsync();
        using MeetingPlace place = new();
        await using ProcessPool pool = Pool(capacity: 1);
        await InTime(pool.WaitForRoomAsync().AsTask());
        Task<int> running = await Running(pool, place);
        Task<int> inside = pool.ApplyAsync(Misfortune.Increment, 1);
        using CancellationTokenSource source = new();
        Task room = pool.WaitForRoomAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Throws<OperationCanceledException>(room);
        place.LetGo();
        await InTime(inside);
        await running;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Maps_PaceThemselves()
    {
        await using ProcessPool pool = Pool(capacity: 1, QueueFullMode.Reject);
        int[] results = await InTime(pool.MapAsync(MapTests.Square, Enumerable.Range(0, 100), new MapOptions { ChunkSize = 1 }));
        Assert.AreEqual(99 * 99, results[99]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Maps_TakeNoRoomFromCalls()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = Pool(capacity: 1, QueueFullMode.Reject);
        await using IAsyncEnumerator<int> stream = Results(pool, folder);
        Task<bool> first = stream.MoveNextAsync().AsTask();
        Eventually(() => place.Arrived == 1 && pool.GetStatistics().Queued == 3, "waiting");

        await InTime(pool.WaitForRoomAsync().AsTask());
        Task<int> inside = pool.ApplyAsync(Misfortune.Increment, 1);
        await Throws<QueueFullException>(pool.ApplyAsync(Misfortune.Increment, 2)); // the capacity holds for calls as ever
        place.LetGo();

        Assert.AreEqual(2, await InTime(inside));
        Assert.IsTrue(await InTime(first));
        Assert.AreEqual(4, await InTime(pool.ApplyAsync(Misfortune.Increment, 3)));
    }

    private static IAsyncEnumerator<int> Results(ProcessPool pool, string folder) =>
        pool.MapStreamAsync(_ => Misfortune.MeetAt(folder), Enumerable.Repeat(0, int.MaxValue), new MapOptions { ChunkSize = 1 }).GetAsyncEnumerator();

    [TestMethod]
    [Timeout(Deadline)]
    public void Options_DefaultsAndRanges()
    {
        ProcessPoolOptions options = new();
        Assert.AreEqual(int.MaxValue, options.QueueCapacity);
        Assert.AreEqual(QueueFullMode.Wait, options.QueueFullMode);
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ProcessPool(new ProcessPoolOptions { QueueCapacity = 0 }));
        StringAssert.Contains(error.Message, nameof(ProcessPoolOptions.QueueCapacity));
        Assert.Throws<ArgumentException>(() => new ProcessPool(new ProcessPoolOptions { QueueFullMode = (QueueFullMode)7 }));
    }

    private static async Task<Task<int>> Running(ProcessPool pool, MeetingPlace place)
    {
        Task<int> running = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        await Task.Run(() => Eventually(() => place.Arrived == 1, "running"));
        return running;
    }

    private static int First(int[] values) => values[0];
}
