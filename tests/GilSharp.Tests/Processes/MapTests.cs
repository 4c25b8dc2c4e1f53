namespace GilSharp.Tests.Processes;

/// <summary>Many calls as one: results in order, in every size of chunk and every shape of input.</summary>
[TestClass]
public sealed class MapTests : PoolTest
{
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(2);

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(6)]
    [DataRow(40)]
    [DataRow(50)]
    public async Task Results_AreThoseOfASerialMap_WhateverTheChunkSize(int chunkSize)
    {
        int[] items = [.. Enumerable.Range(0, 40)];
        int[] expected = [.. items.Select(Square)];
        MapOptions options = new() { ChunkSize = chunkSize };

        CollectionAssert.AreEqual(expected, await InTime(s_pool.MapAsync(Square, items, options)));
        CollectionAssert.AreEqual(expected, await InTime(s_pool.MapAsync(Square, items.Where(_ => true), options)));
        CollectionAssert.AreEqual(expected, await InTime(s_pool.MapAsync(Square, Slowly(items), options)));
        CollectionAssert.AreEqual(expected, s_pool.Map(Square, items, options));
        CollectionAssert.AreEqual(expected, await InTime(s_pool.MapAsync(SquareAsync, items, options)));
        CollectionAssert.AreEqual(expected, s_pool.Map(SquareAsync, items, options));
        CollectionAssert.AreEqual(expected, await Collect(s_pool.MapStreamAsync(Square, items, options)));
        CollectionAssert.AreEqual(expected, await Collect(s_pool.MapStreamAsync(SquareAsync, Slowly(items), options)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyTinyItems_GrowIntoChunks()
    {
        int count = 300_000 * TestEffort.Factor;
        long before = s_pool.GetStatistics().Completed;
        int[] results = await InTime(s_pool.MapAsync(static value => value + 1, Enumerable.Range(0, count)));
        for (int i = 0; i < count; i++) Assert.AreEqual(i + 1, results[i]);
        long calls = s_pool.GetStatistics().Completed - before;
        Assert.IsLessThan(count / 10, calls);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InputThatStoppedOnce_GrowsIntoChunksAgain()
    {
        const int Count = 20_000;
        long before = s_pool.GetStatistics().Completed;
        await InTime(s_pool.MapAsync(static value => value + 1, StopsOnce()));
        Assert.IsLessThan(Count / 4, s_pool.GetStatistics().Completed - before);

        static IEnumerable<int> StopsOnce()
        {
            for (int i = 0; i < Count; i++)
            {
                if (i == 40) Thread.Sleep(300); // a machine that stood still, or a slow disk
                yield return i;
            }
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ResultsLargerThanTheRoomForResults_ArriveWhole()
    {
        string[] texts = await InTime(s_pool.MapAsync(static length => new string('x', length), [1, 200_000, 0, 70_000, 3], new MapOptions { ChunkSize = 5 }));
        CollectionAssert.AreEqual((int[])[1, 200_000, 0, 70_000, 3], texts.Select(text => text.Length).ToArray());
        byte[][] arrays = await InTime(s_pool.MapAsync(static size => new byte[size], Enumerable.Range(0, 300), new MapOptions { ChunkSize = 300 }));
        for (int i = 0; i < arrays.Length; i++) Assert.HasCount(i, arrays[i]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task NullItemsAndNullResults_AreValues() =>
        CollectionAssert.AreEqual((string?[])["a", null, "c"], await InTime(s_pool.MapAsync(static (string? text) => text, (string?[])["a", null, "c"])));

    [TestMethod]
    [Timeout(Deadline)]
    public async Task EmptyInput_GivesNothing()
    {
        Assert.IsEmpty(await InTime(s_pool.MapAsync(Square, Array.Empty<int>())));
        Assert.IsEmpty(await InTime(s_pool.MapAsync(Square, Slowly(Array.Empty<int>()))));
        Assert.IsEmpty(s_pool.Map(Square, new List<int>()));
        Assert.IsEmpty(await Collect(s_pool.MapStreamAsync(Square, Array.Empty<int>())));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StarMap_TakesThePairsApart()
    {
        (int, string)[] pairs = [(1, "a"), (2, "b"), (3, "c")];
        CollectionAssert.AreEqual((string[])["1a", "2b", "3c"], await InTime(s_pool.StarMapAsync(static (int i, string s) => i + s, pairs)));
        CollectionAssert.AreEqual((string[])["1a", "2b", "3c"], await InTime(s_pool.StarMapAsync(static async (int i, string s) =>
        {
            await Task.Yield();
            return i + s;
        }, pairs)));
        CollectionAssert.AreEqual((string[])["1a", "2b", "3c"], await InTime(s_pool.StarMapAsync(static (int i, string s) => i + s, Slowly(pairs))));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ForEach_RunsEachItemOnce()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await InTime(s_pool.ForEachAsync(item => File.AppendAllText(Path.Combine(folder, $"arrived-{item}"), "x"), Enumerable.Range(0, 50)));
        await InTime(s_pool.ForEachAsync(async item => await File.AppendAllTextAsync(Path.Combine(folder, $"arrived-{item}"), "y"), Slowly([1, 2])));
        Assert.AreEqual(50, place.Arrived);
        for (int i = 0; i < 50; i++) Assert.AreEqual(i is 1 or 2 ? "xy" : "x", await File.ReadAllTextAsync(Path.Combine(folder, $"arrived-{i}")));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedVariables_AreSentOncePerWorker_NotPerChunk()
    {
        await using ProcessPool pool = new(2);
        byte[] large = new byte[1 << 20];
        large[7] = 1;
        long before = pool.GetStatistics().BytesSent;
        int[] results = await InTime(pool.MapAsync(item => item + large[7], Enumerable.Range(0, 64), new MapOptions { ChunkSize = 1 }));
        CollectionAssert.AreEqual(Enumerable.Range(1, 64).ToArray(), results);
        Assert.IsLessThan(3L << 20, pool.GetStatistics().BytesSent - before);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Progress_NeverGoesBack_AndEndsAtTheTotal()
    {
        List<MapProgress> seen = [];
        await InTime(s_pool.MapAsync(Square, Enumerable.Range(0, 100).ToArray(), new MapOptions { ChunkSize = 3, Progress = new Recorder(seen) }));
        Assert.AreEqual(new MapProgress(100, 100), seen[^1]);
        for (int i = 1; i < seen.Count; i++) Assert.IsGreaterThan(seen[i - 1].Completed, seen[i].Completed);

        seen.Clear();
        await InTime(s_pool.MapAsync(Square, Slowly([1, 2]), new MapOptions { Progress = new Recorder(seen) }));
        Assert.AreEqual(new MapProgress(2, null), seen[^1]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Progress_IsToldByEveryKindOfMap()
    {
        int[] items = [.. Enumerable.Range(0, 20)];
        List<MapProgress> seen = [];
        MapOptions options = new() { ChunkSize = 3, Progress = new Recorder(seen) };
        Func<Task>[] maps =
        [
            () => Task.Run(() => s_pool.Map(Square, items, options)),
            () => s_pool.ForEachAsync(static (int _) => { }, items, options),
            () => Collect(s_pool.MapStreamAsync(Square, items, options)),
            () => Collect(s_pool.MapStreamAsync(Square, items, options with { Ordered = false })),
            () => Collect(s_pool.MapResultsAsync(static item => item == 7 ? throw new FormatException() : item, items, options)),
        ];
        foreach (Func<Task> map in maps)
        {
            seen.Clear();
            await InTime(map());
            Assert.AreEqual(new MapProgress(20, 20), seen[^1]);
            for (int i = 1; i < seen.Count; i++) Assert.IsGreaterThan(seen[i - 1].Completed, seen[i].Completed);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedReporter_ReportsFromEveryChunk()
    {
        Total total = new();
        IProgress<int> progress = total;
        await InTime(s_pool.ForEachAsync(item => progress.Report(item), Enumerable.Range(1, 100), new MapOptions { ChunkSize = 7 }));
        Assert.AreEqual(5050, total.Sum);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task SlowItem_DoesNotHoldBackItsNeighbours()
    {
        // All items are one chunk of one worker; the first waits until all others have run, which only the other worker can do.
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(2);
        await pool.StartAsync();
        await InTime(pool.MapAsync(item => WaitOrArrive(folder, item), Enumerable.Range(0, 16).ToArray(), new MapOptions { ChunkSize = 15 }));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapThatWasAcceptedBeforeClose_IsFinished()
    {
        ProcessPool pool = new(2);
        Task<int[]> map = pool.MapAsync(Square, Enumerable.Range(0, 1000), new MapOptions { ChunkSize = 1 });
        pool.Close();
        Task<int[]> refused = pool.MapAsync(Square, [1]);
        await InTime(pool.JoinAsync());
        Assert.HasCount(1000, await map);
        await Throws<InvalidOperationException>(refused);
        pool.Dispose();
        Assert.IsInstanceOfType<ObjectDisposedException>(await Throws<InvalidOperationException>(pool.MapAsync(Square, [1])));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void BadArguments_ThrowAtOnce()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = s_pool.MapAsync((Func<int, int>)null!, [1]); });
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = s_pool.MapAsync(Square, (int[])null!); });
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = s_pool.MapStreamAsync(Square, (IAsyncEnumerable<int>)null!); });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { _ = s_pool.MapAsync(Square, [1], new MapOptions { ChunkSize = -1 }); });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { _ = s_pool.MapResultsAsync(Square, [1], new MapOptions { BufferSize = -1 }); });
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Defaults_OfTheOptions()
    {
        MapOptions options = new();
        Assert.AreEqual(0, options.ChunkSize);
        Assert.IsTrue(options.Ordered);
        Assert.AreEqual(0, options.BufferSize);
        Assert.IsNull(options.Progress);
    }

    internal static int Square(int value) => value * value;

    internal static async Task<int> SquareAsync(int value)
    {
        await Task.Yield();
        return value * value;
    }

    internal static async Task<T[]> Collect<T>(IAsyncEnumerable<T> stream)
    {
        List<T> all = [];
        using CancellationTokenSource late = new(NeverThatLong);
        await foreach (T item in stream.WithCancellation(late.Token)) all.Add(item);
        return [.. all];
    }

    internal static async IAsyncEnumerable<T> Slowly<T>(IEnumerable<T> items)
    {
        foreach (T item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    private static int WaitOrArrive(string folder, int item)
    {
        if (item > 0) File.WriteAllText(Path.Combine(folder, $"arrived-{item}"), "");
        while (item == 0 && Directory.GetFiles(folder, "arrived-*").Length < 15) Thread.Sleep(1);
        return item;
    }

    private sealed class Total : IProgress<int>
    {
        private int _sum;

        internal int Sum => Volatile.Read(ref _sum);

        public void Report(int value) => Interlocked.Add(ref _sum, value);
    }

    private sealed class Recorder(List<MapProgress> seen) : IProgress<MapProgress>
    {
        public void Report(MapProgress value)
        {
            lock (seen) seen.Add(value);
        }
    }
}
