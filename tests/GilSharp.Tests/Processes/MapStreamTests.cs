using System.Runtime.CompilerServices;

namespace GilSharp.Tests.Processes;

/// <summary>Results while the work goes on: endless inputs, early leaving, order and the lack of it.</summary>
[TestClass]
public sealed class MapStreamTests : PoolTest
{
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(2);

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ThousandItemsInChunksOfHundred_ComeInOrder()
    {
        int[] expected = [.. Enumerable.Range(0, 1000).Select(MapTests.Square)];
        CollectionAssert.AreEqual(expected, await MapTests.Collect(s_pool.MapStreamAsync(MapTests.Square, Enumerable.Range(0, 1000), new MapOptions { ChunkSize = 100 })));
        int[] unordered = await MapTests.Collect(s_pool.MapStreamAsync(MapTests.Square, Enumerable.Range(0, 1000), new MapOptions { ChunkSize = 10, Ordered = false }));
        CollectionAssert.AreEquivalent(expected, unordered);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(0, 8)]
    [DataRow(1, 5)]
    [DataRow(10, 4)]
    public async Task EndlessInput_IsNotReadFurtherThanTheBufferAhead(int chunkSize, int buffer)
    {
        int read = 0, taken = 0, furthest = 0;
        IEnumerable<int> Endless()
        {
            while (true)
            {
                furthest = Math.Max(furthest, Interlocked.Increment(ref read) - Volatile.Read(ref taken));
                yield return read;
            }
        }

        await foreach (int result in s_pool.MapStreamAsync(Misfortune.Increment, Endless(), new MapOptions { ChunkSize = chunkSize, BufferSize = buffer }))
        {
            Assert.AreEqual(taken + 2, result);
            if (Interlocked.Increment(ref taken) == 200) break;
        }

        // The one that the consumer has in hand has not been given back yet.
        Assert.IsLessThanOrEqualTo(buffer + 1, furthest);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(0, 8)]
    [DataRow(1, 5)]
    [DataRow(10, 4)]
    public async Task EndlessAsynchronousInput_IsNotReadFurtherThanTheBufferAhead_OutOfOrderNeither(int chunkSize, int buffer)
    {
        int read = 0, taken = 0, furthest = 0;
        bool disposed = false;
        async IAsyncEnumerable<int> Endless()
        {
            try
            {
                while (true)
                {
                    if (read % 7 == 0) await Task.Yield();
                    furthest = Math.Max(furthest, Interlocked.Increment(ref read) - Volatile.Read(ref taken));
                    yield return read;
                }
            }
            finally
            {
                disposed = true;
            }
        }

        HashSet<int> seen = [];
        MapOptions options = new() { ChunkSize = chunkSize, BufferSize = buffer, Ordered = false };
        await foreach (int result in s_pool.MapStreamAsync(Misfortune.Increment, Endless(), options))
        {
            Assert.IsTrue(seen.Add(result));
            if (Interlocked.Increment(ref taken) == 200) break;
        }

        Assert.IsLessThanOrEqualTo(buffer + 1, furthest);
        Assert.IsTrue(disposed);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task EndlessInput_WithoutABufferSize_Works()
    {
        int taken = 0;
        await foreach (int result in s_pool.MapStreamAsync(Misfortune.Increment, EndlessAsync()))
        {
            Assert.AreEqual(++taken, result);
            if (taken == 5000) break;
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LeavingEarly_CancelsTheRest_AndDisposesTheInput()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, CancellationGracePeriod = TimeSpan.FromMilliseconds(100) });
        bool disposed = false;
        IEnumerable<int> Input()
        {
            try
            {
                for (int i = 0; ; i++) yield return i;
            }
            finally
            {
                disposed = true;
            }
        }

        await foreach (int result in pool.MapStreamAsync(item => FirstEnds(folder, item), Input(), new MapOptions { ChunkSize = 1 }))
        {
            Assert.AreEqual(0, result);
            Eventually(() => place.Arrived > 0, "running");
            break;
        }

        Assert.IsTrue(disposed);
        ProcessPoolStatistics statistics = pool.GetStatistics();
        Assert.AreEqual(0, statistics.Queued + statistics.Running);
        Assert.AreEqual(4, await InTime(pool.ApplyAsync(MapTests.Square, 2)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task EachEnumeration_RunsAnew()
    {
        int started = 0;
        IEnumerable<int> Input()
        {
            started++;
            yield return 3;
        }

        IAsyncEnumerable<int> stream = s_pool.MapStreamAsync(MapTests.Square, Input());
        Assert.AreEqual(0, started);
        CollectionAssert.AreEqual((int[])[9], await MapTests.Collect(stream));
        CollectionAssert.AreEqual((int[])[9], await MapTests.Collect(stream));
        Assert.AreEqual(2, started);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Error_IsThrownInItsPlace()
    {
        List<int> before = [];
        FormatException error = await Assert.ThrowsExactlyAsync<FormatException>(async () =>
        {
            await foreach (int result in s_pool.MapStreamAsync(static item => item == 13 ? throw new FormatException("13") : item, Enumerable.Range(0, 100), new MapOptions { ChunkSize = 4 }))
                before.Add(result);
        });
        Assert.AreEqual("13", error.Message);
        CollectionAssert.AreEqual(Enumerable.Range(0, 13).ToArray(), before);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WithCancellation_IsHonoured_AndSoIsTheMapsOwnToken()
    {
        using CancellationTokenSource own = new(), other = new();
        foreach (CancellationTokenSource source in (CancellationTokenSource[])[other, own])
        {
            OperationCanceledException error = await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            {
                await foreach (int _ in s_pool.MapStreamAsync(Misfortune.Increment, EndlessAsync(), cancellationToken: own.Token).WithCancellation(other.Token))
                    await source.CancelAsync();
            });
            Assert.AreEqual(source.Token, error.CancellationToken);
            if (source == other) break;
        }

        using CancellationTokenSource alone = new();
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (int _ in s_pool.MapStreamAsync(Misfortune.Increment, EndlessAsync(), cancellationToken: alone.Token)) await alone.CancelAsync();
        });
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InputThatWaitsForAResult_GetsIt()
    {
        // Each item is yielded only after the result of the one before was seen.
        using SemaphoreSlim seen = new(1);
        async IAsyncEnumerable<int> Input([EnumeratorCancellation] CancellationToken token = default)
        {
            for (int i = 0; i < 20; i++)
            {
                await seen.WaitAsync(token);
                yield return i;
            }
        }

        int taken = 0;
        await foreach (int result in s_pool.MapStreamAsync(Misfortune.Increment, Input()))
        {
            Assert.AreEqual(++taken, result);
            seen.Release();
        }

        Assert.AreEqual(20, taken);
    }

    private static int FirstEnds(string folder, int item)
    {
        if (item > 0) Misfortune.NeverEnd(folder);
        return item;
    }

    private static async IAsyncEnumerable<int> EndlessAsync([EnumeratorCancellation] CancellationToken token = default)
    {
        for (int i = 0; ; i++)
        {
            token.ThrowIfCancellationRequested();
            if (i % 100 == 0) await Task.Yield();
            yield return i;
        }
    }
}
