using System.Buffers;
using System.Text.Json;

namespace GilSharp.Tests.Processes;

/// <summary>One bad item among many: what is lost, what is not, and what the caller sees.</summary>
[TestClass]
public sealed class MapFailureTests : PoolTest
{
    private static readonly MapOptions OneChunk = new() { ChunkSize = 1000 };

    private static ProcessPool Pool(int workers = 2) => new(new ProcessPoolOptions
    {
        Workers = workers, StandardError = WorkerOutput.Discard, CancellationGracePeriod = TimeSpan.FromMilliseconds(100),
    });

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FirstError_IsThrown_AndWhatHasNotStartedNeverRuns()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = Pool(1);
        FormatException error = await Throws<FormatException>(pool.MapAsync(item => ThrowAt(3, folder, item), Enumerable.Range(0, 1000), new MapOptions { ChunkSize = 1 }));
        Assert.AreEqual("item 3", error.Message);
        StringAssert.Contains(error.StackTrace, nameof(ThrowAt));
        Assert.IsLessThan(100, place.Arrived);
        Assert.AreEqual(4, await InTime(pool.ApplyAsync(MapTests.Square, 2)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapResults_GivesAllOthers_InOneChunkToo()
    {
        await using ProcessPool pool = Pool();
        CallResult<int>[] results = await MapTests.Collect(pool.MapResultsAsync(static item => item % 10 == 7 ? throw new FormatException($"item {item}") : item, Enumerable.Range(0, 100), OneChunk));
        Assert.HasCount(100, results);
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(i, results[i].Index);
            Assert.AreEqual(i % 10 != 7, results[i].Succeeded);
            if (i % 10 == 7) Assert.AreEqual($"item {i}", Assert.IsInstanceOfType<FormatException>(results[i].Exception).Message);
            else Assert.AreEqual(i, results[i].Value);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1000)]
    public async Task WorkerThatDiesAtAnItem_LosesThatItemOnly(int chunkSize)
    {
        await using ProcessPool pool = Pool();
        MapOptions options = new() { ChunkSize = chunkSize };
        CallResult<int>[] ints = await MapTests.Collect(pool.MapResultsAsync(DieAt, Enumerable.Range(0, 500), options));
        CallResult<string>[] texts = await MapTests.Collect(pool.MapResultsAsync(static item => $"{DieAt(item)}", Enumerable.Range(0, 500), options));
        for (int i = 0; i < 500; i++)
        {
            if (i is 123 or 124 or 400)
            {
                WorkerCrashedException error = Assert.IsInstanceOfType<WorkerCrashedException>(ints[i].Exception, $"item {i}");
                Assert.AreEqual(CallCertainty.MayHaveRun, error.Certainty);
                Assert.IsInstanceOfType<WorkerCrashedException>(texts[i].Exception);
            }
            else
            {
                Assert.AreEqual(i, ints[i].Value, $"{ints[i].Exception}");
                Assert.AreEqual($"{i}", texts[i].Value);
            }
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ItemsOfADeadWorker_RunOnce_AndTheOneThatRanIsRetried()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = Pool();
        int[] results = await InTime(pool.With(new CallOptions { Retries = 1 }).MapAsync(item => DieOnce(folder, item), Enumerable.Range(0, 50), OneChunk));
        for (int i = 0; i < 50; i++)
        {
            Assert.AreEqual(i == 20 ? 2 : 1, results[i], $"attempt of item {i}");
            Assert.AreEqual(i == 20 ? "xx" : "x", await File.ReadAllTextAsync(Path.Combine(folder, $"arrived-{i}")));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Timeout_HoldsForEachItem()
    {
        await using ProcessPool pool = Pool();
        // Long enough for an item that does nothing, in a fresh worker on a machine that is busy otherwise.
        WorkerPool impatient = pool.With(new CallOptions { Timeout = TimeSpan.FromSeconds(8) });
        CallResult<int>[] results = await MapTests.Collect(impatient.MapResultsAsync(HangAtThree, Enumerable.Range(0, 20), OneChunk));
        for (int i = 0; i < 20; i++)
        {
            if (i == 3) Assert.IsInstanceOfType<CallTimeoutException>(results[i].Exception);
            else Assert.AreEqual(i, results[i].Value, $"{results[i].Exception}");
        }

        await Throws<CallTimeoutException>(impatient.MapAsync(HangAtThree, Enumerable.Range(0, 20)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ItemThatCannotTravel_FailsAlone_EitherWay()
    {
        await using ProcessPool pool = Pool();
        object[] items = [1, "two", new MemoryStream(), 4L];
        CallResult<string>[] there = await MapTests.Collect(pool.MapResultsAsync(static (object item) => $"{item}", items, OneChunk));
        Assert.AreEqual("two", there[1].Value);
        Assert.IsInstanceOfType<CallSerializationException>(there[2].Exception);
        Assert.AreEqual("4", there[3].Value);

        CallResult<object>[] back = await MapTests.Collect(pool.MapResultsAsync(static item => item == 2 ? new MemoryStream() : (object)item, Enumerable.Range(0, 4), OneChunk));
        Assert.IsInstanceOfType<CallSerializationException>(back[2].Exception);
        Assert.AreEqual(3, back[3].Value);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(-1)]
    [DataRow(0)]
    [DataRow(3)]
    [DataRow(25)]
    public async Task InputThatThrows_GivesWhatCameBefore_ThenItsError(int at)
    {
        await using ProcessPool pool = Pool();
        for (int round = 0; round < 2; round++)
        {
            List<int> before = [];
            FormatException error = await Assert.ThrowsExactlyAsync<FormatException>(async () =>
            {
                await foreach (int result in pool.MapStreamAsync(Misfortune.Increment, new BadInput(at), new MapOptions { ChunkSize = 10 })) before.Add(result);
            });
            Assert.AreEqual($"input {at}", error.Message);
            CollectionAssert.AreEqual(Enumerable.Range(1, Math.Max(0, at)).ToArray(), before);
            await Throws<FormatException>(pool.MapAsync(Misfortune.Increment, new BadInput(at), new MapOptions { ChunkSize = 10 }));
            Assert.ThrowsExactly<FormatException>(() => pool.Map(Misfortune.Increment, new BadInput(at)));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(AsyncBadInput.Way.FailedTask)]
    [DataRow(AsyncBadInput.Way.AtOnce)]
    [DataRow(AsyncBadInput.Way.Current)]
    public async Task AsynchronousInputThatThrows_GivesWhatCameBefore_ThenItsError(AsyncBadInput.Way way)
    {
        await using ProcessPool pool = Pool();
        foreach (int at in (int[])[0, 3, 25])
        {
            List<int> before = [];
            AsyncBadInput input = new(at, way);
            FormatException error = await Assert.ThrowsExactlyAsync<FormatException>(async () =>
            {
                await foreach (int result in pool.MapStreamAsync(Misfortune.Increment, input, new MapOptions { ChunkSize = 10 })) before.Add(result);
            });
            Assert.AreEqual($"input {at}", error.Message);
            CollectionAssert.AreEqual(Enumerable.Range(1, at).ToArray(), before);
            Assert.IsTrue(input.IsDisposed);
            await Throws<FormatException>(pool.MapAsync(Misfortune.Increment, new AsyncBadInput(at, way), new MapOptions { ChunkSize = 10 }));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ItemThatCannotBeRead_HasNoResult()
    {
        await using ProcessPool pool = Pool(1);
        List<int> results = [];
        await Assert.ThrowsExactlyAsync<FormatException>(async () =>
        {
            await foreach (int result in pool.MapStreamAsync(Misfortune.Increment, new BadCurrent(3), new MapOptions { ChunkSize = 10 })) results.Add(result);
        });
        CollectionAssert.AreEqual((int[])[1, 2, 3], results);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProgressThatThrows_HarmsNoMap()
    {
        await using ProcessPool pool = Pool();
        Acting throws = new(_ => throw new FormatException("a reporter's own"));
        MapOptions options = new() { ChunkSize = 1, Progress = throws };
        Assert.HasCount(10, await InTime(pool.MapAsync(MapTests.Square, Enumerable.Range(0, 10), options)));
        Assert.HasCount(10, pool.Map(MapTests.Square, Enumerable.Range(0, 10), options));
        Assert.HasCount(10, await MapTests.Collect(pool.MapStreamAsync(MapTests.Square, Enumerable.Range(0, 10), options)));
        Assert.AreEqual(10, throws.Last.Completed);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Progress_MayDisposeOfThePool_WhoseMapEndsAllTheSame()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, ShutdownTimeout = Timeout.InfiniteTimeSpan });
        Task<int[]> map = pool.MapAsync(MapTests.Square, Enumerable.Range(0, 10), new MapOptions { ChunkSize = 1, Progress = new Acting(_ => pool.Dispose()) });
        Assert.HasCount(10, await InTime(map));
        await InTime(pool.JoinAsync());
        Assert.IsEmpty(pool.Workers);

        InlinePool inline = new(new ProcessPoolOptions { ShutdownTimeout = Timeout.InfiniteTimeSpan });
        Task<int[]> there = Task.Run(() => inline.Map(MapTests.Square, Enumerable.Range(0, 10), new MapOptions { Progress = new Acting(_ => inline.Dispose()) }));
        Assert.HasCount(10, await InTime(there));
        await InTime(inline.JoinAsync());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FirstError_TakesBackAChunkToo_ThatItsWorkerIsStillReading()
    {
        const int Items = 1000;
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Serializer = new SlowReader(folder) });
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        async IAsyncEnumerable<int> Input([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
        {
            yield return 0;
            await Task.Run(() => Eventually(() => place.Arrived == 1, "running"), CancellationToken.None);
            for (int i = 0; i < Items; i++) yield return SlowReader.First + i;
            await using CancellationTokenRegistration told = token.Register(stopped.SetResult);
            await stopped.Task;
        }

        Task<int[]> map = pool.MapAsync(item => ThrowOrTakeLong(folder, item), Input(), new MapOptions { ChunkSize = Items });
        await InTime(stopped.Task);
        place.LetGo();
        await Throws<FormatException>(map);
        int ran = File.Exists(Path.Combine(folder, "ran")) ? (await File.ReadAllTextAsync(Path.Combine(folder, "ran"))).Length : 0;
        Assert.IsLessThan(Items, ran);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Cancellation_EndsAMapWithItsToken_AndNothingOfItRunsAnyMore()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        using CancellationTokenSource source = new();
        await using ProcessPool pool = Pool();
        Task<int[]> map = pool.MapAsync(item => { Misfortune.NeverEnd(folder); return item; }, Enumerable.Range(0, 100), cancellationToken: source.Token);
        Eventually(() => place.Arrived == 2, "running");
        await source.CancelAsync();
        OperationCanceledException error = await Throws<OperationCanceledException>(map);
        Assert.AreEqual(source.Token, error.CancellationToken);
        Assert.IsTrue(map.IsCanceled);
        Assert.AreEqual(0, pool.GetStatistics().Running + pool.GetStatistics().Queued);
        await Throws<OperationCanceledException>(pool.MapAsync(MapTests.Square, [1], cancellationToken: source.Token));
        Assert.AreEqual(4, await InTime(pool.ApplyAsync(MapTests.Square, 2)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Terminate_EndsARunningMap()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        await using ProcessPool pool = Pool();
        Task<int[]> map = pool.MapAsync(item => { Misfortune.NeverEnd(folder); return item; }, Enumerable.Range(0, 100));
        Eventually(() => place.Arrived == 2, "running");
        pool.Terminate();
        await Throws<ProcessPoolTerminatedException>(map);
        Assert.IsTrue(map.IsFaulted);
        await InTime(pool.JoinAsync());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task InitializerThatThrows_EndsAMapWithTheCause()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Initializer = static () => throw new FormatException("initializer") });
        WorkerStartException error = await Throws<WorkerStartException>(pool.MapAsync(MapTests.Square, Enumerable.Range(0, 100)));
        StringAssert.Contains(error.Message, "initializer");
    }

    private static int ThrowAt(int bad, string folder, int item)
    {
        File.WriteAllText(Path.Combine(folder, $"arrived-{item}"), "");
        return item == bad ? throw new FormatException($"item {item}") : item;
    }

    // The first item throws as soon as the other chunk is being read.
    private static int ThrowOrTakeLong(string folder, int item)
    {
        if (item == 0)
        {
            File.WriteAllText(Path.Combine(folder, "arrived-0"), "");
            while (!File.Exists(Path.Combine(folder, "reading"))) Thread.Sleep(1);
            throw new FormatException("item 0");
        }

        File.AppendAllText(Path.Combine(folder, "ran"), "x");
        Thread.Sleep(20); // all of them: longer than the test may take; what is taken back does not sleep
        return item;
    }

    private static int DieAt(int item)
    {
        if (item is 123 or 124 or 400) Misfortune.KillItself();
        return item;
    }

    private static int DieOnce(string folder, int item)
    {
        File.AppendAllText(Path.Combine(folder, $"arrived-{item}"), "x");
        if (item == 20 && WorkerContext.Attempt == 1) Misfortune.KillItself();
        return WorkerContext.Attempt;
    }

    private static int HangAtThree(int item)
    {
        while (item == 3)
        {
        }

        return item;
    }

    private sealed class Acting(Action<MapProgress> act) : IProgress<MapProgress>
    {
        internal MapProgress Last { get; private set; }

        public void Report(MapProgress value)
        {
            Last = value;
            act(value);
        }
    }

    /// <summary>JSON, but a worker stops when it reads the items that begin with <see cref="First"/>.</summary>
    private sealed class SlowReader(string folder) : IPayloadSerializer
    {
        internal const int First = 1000;

        public void Serialize<T>(IBufferWriter<byte> writer, T value)
        {
            using Utf8JsonWriter json = new(writer);
            JsonSerializer.Serialize(json, value);
        }

        public T Deserialize<T>(in ReadOnlySequence<byte> payload)
        {
            Utf8JsonReader reader = new(payload);
            T value = JsonSerializer.Deserialize<T>(ref reader)!;
            if (value is not int[] items || items[0] != First) return value;
            File.WriteAllText(Path.Combine(folder, "reading"), "");
            while (!File.Exists(Path.Combine(folder, "go"))) Thread.Sleep(1);
            return value;
        }
    }

    private sealed class BadCurrent(int at) : IEnumerable<int>, IEnumerator<int>
    {
        private int _item = -1;

        public int Current => _item < at ? _item : throw new FormatException($"input {at}");

        object System.Collections.IEnumerator.Current => Current;

        public bool MoveNext() => ++_item >= 0;

        public IEnumerator<int> GetEnumerator() => this;

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => this;

        public void Reset() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    /// <summary>Public for the rows of its test.</summary>
    public sealed class AsyncBadInput(int at, AsyncBadInput.Way way) : IAsyncEnumerable<int>, IAsyncEnumerator<int>
    {
        private int _item = -1;

        public enum Way
        {
            FailedTask,
            AtOnce,
            Current,
        }

        internal bool IsDisposed { get; private set; }

        public int Current => _item < at ? _item : throw new FormatException($"input {at}");

        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync()
        {
            if (++_item < at || way == Way.Current) return ValueTask.FromResult(true);
            FormatException error = new($"input {at}");
            return way == Way.AtOnce ? throw error : ValueTask.FromException<bool>(error);
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }

    private sealed class BadInput(int at) : IEnumerable<int>
    {
        public IEnumerator<int> GetEnumerator() => at < 0 ? throw new FormatException($"input {at}") : Items();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private IEnumerator<int> Items()
        {
            for (int i = 0; i < at; i++) yield return i;
            throw new FormatException($"input {at}");
        }
    }
}
