namespace GilSharp.Tests.Sharing;

/// <summary>What every kind of pool promises about shared arrays in calls.</summary>
public abstract class SharedArrayCallContract : Processes.PoolTest
{
    private int _before;

    protected WorkerPool Pool { get; private set; } = null!;

    protected abstract WorkerPool Create(Action? initializer = null);

    [TestInitialize]
    public void Open()
    {
        _before = SharedMappings.Regions();
        Pool = Create();
    }

    [TestCleanup]
    public void Close_AndNothingIsLeft()
    {
        Pool.Dispose();
        Eventually(() => SharedMappings.Regions() <= _before, "rid of all shared arrays");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Argument_IsTheSameMemory()
    {
        using SharedArray<int> array = new([1, 2, 3]);
        int sum = await InTime(Pool.ApplyAsync(
            static (SharedArray<int> shared) =>
            {
                int total = Sum(shared.Span);
                shared.Span.Fill(9);
                return total;
            },
            array));
        Assert.AreEqual(6, sum);
        CollectionAssert.AreEqual(new[] { 9, 9, 9 }, array.Span.ToArray());
        Assert.AreEqual(1, array.Count);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArgumentAgain_SeesWhatWasWrittenMeanwhile()
    {
        using SharedArray<long> array = new(100_000);
        for (int i = 1; i <= 5; i++)
        {
            array.Span.Fill(i);
            Assert.AreEqual(100_000L * i, await InTime(Pool.ApplyAsync(static (SharedArray<long> shared) => { long sum = 0; foreach (long value in shared.Span) sum += value; return sum; }, array)));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WithinAnObjectGraph_AndTwice_IsOneHandle()
    {
        using SharedArray<int> array = new([5]);
        Holder holder = new() { Name = "x", First = array, Second = array, Part = null };
        Assert.AreEqual("x 5 True", await InTime(Pool.ApplyAsync(static (Holder h) => $"{h.Name} {h.First![0]} {ReferenceEquals(h.First, h.Second)}", holder)));
        holder.Part = array.Slice(0, 1);
        Assert.AreEqual(10, await InTime(Pool.ApplyAsync(static ((Holder Holder, int Factor) pair) => pair.Holder.Part![0] * pair.Factor, (holder, 2))));
        holder.Part.Dispose();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedVariable_IsTheSameMemory()
    {
        using SharedArray<int> array = new(1);
        SharedArray<int> captured = array;
        for (int i = 0; i < 3; i++) await InTime(Pool.ApplyAsync(() => { captured[0]++; }));
        Assert.AreEqual(3, array[0]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Slice_ShowsItsPartOnly()
    {
        using SharedArray<int> array = new([0, 1, 2, 3, 4, 5]);
        using SharedArray<int> slice = array.Slice(2, 3);
        int[] seen = await InTime(Pool.ApplyAsync(static (SharedArray<int> shared) => { int[] copy = shared.Span.ToArray(); shared[0] = 20; return copy; }, slice));
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, seen);
        Assert.AreEqual(20, array[2]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ReadOnlyView_TravelsAsOne()
    {
        using SharedArray<double> array = new([0.5, 1.5]);
        using ReadOnlySharedArray<double> view = array.AsReadOnly();
        Assert.AreEqual(2.0, await InTime(Pool.ApplyAsync(static (ReadOnlySharedArray<double> shared) => shared[0] + shared.Span[1], view)));
        using ReadOnlySharedArray<double> back = await InTime(Pool.ApplyAsync(static (ReadOnlySharedArray<double> shared) => shared.Slice(1), view));
        array[1] = 7;
        Assert.AreEqual(7, back[0]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Result_IsTheCallers()
    {
        using SharedArray<int> array = await InTime(Pool.ApplyAsync(static (int length) =>
        {
            SharedArray<int> made = new(length);
            for (int i = 0; i < length; i++) made[i] = i;
            return made;
        }, 1000));
        Assert.AreEqual(999, array[999]);
        Assert.AreEqual(1, array.Count);
        array[0] = -1;
        Assert.AreEqual(-1, await InTime(Pool.ApplyAsync(static (SharedArray<int> shared) => shared[0], array)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void TaskThatHasEnded_HasGivenItsResultAway()
    {
        for (int i = 0; i < 200 * TestEffort.Factor; i++)
        {
            Task<(SharedArray<int> Whole, SharedArray<int> Part)> call = Pool.ApplyAsync(static () =>
            {
                SharedArray<int> whole = new(4);
                return (whole, whole.Slice(2));
            });
            SpinWait.SpinUntil(() => call.IsCompleted); // at once, without the way through a queue that an await takes
            (SharedArray<int> whole, SharedArray<int> part) = call.Result;
            Assert.AreEqual(2, whole.Count);
            part.Dispose();
            Assert.AreEqual(1, whole.Count);
            whole.Dispose();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ResultOfACallThatReports_IsTheCallersToo()
    {
        List<int> told = [];
        SharedArray<int> array = await InTime(Pool.ApplyAsync(
            static (IProgress<int> progress, int length) =>
            {
                progress.Report(length);
                return new SharedArray<int>(length);
            },
            (IProgress<int>)new Teller(told.Add),
            10));
        Assert.AreEqual((10, 1, 10), (array.Length, array.Count, told.Single()));
        array.Dispose();
        byte[] large = await InTime(Pool.ApplyAsync(
            static (IProgress<int> progress, int length) =>
            {
                progress.Report(length);
                return Enumerable.Repeat((byte)7, length).ToArray();
            },
            (IProgress<int>)new Teller(told.Add),
            8_000_000));
        Assert.AreEqual((8_000_000, false), (large.Length, large.AsSpan().ContainsAnyExcept((byte)7)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ResultThatIsTheArgument_OrAPartOfIt_IsAHandleToTheSameMemory()
    {
        using SharedArray<int> array = new([1, 2, 3]);
        using SharedArray<int> same = await InTime(Pool.ApplyAsync(static (SharedArray<int> shared) => shared, array));
        using SharedArray<int> part = await InTime(Pool.ApplyAsync(static (SharedArray<int> shared) => shared.Slice(1), array));
        array[1] = 20;
        Assert.AreEqual((20, 20, 3), (same[1], part[0], array.Count));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task HandleOfAnArgument_EndsWithTheCall_AndOneTakenWithAddReferenceDoesNot()
    {
        using SharedArray<int> array = new([11]);
        await InTime(Pool.ApplyAsync(static (SharedArray<int> shared) => { Kept.Argument = shared; Kept.Own = shared.AddReference(); }, array));
        try
        {
            Assert.AreEqual("True False 11", await InTime(Pool.ApplyAsync(static () => $"{Kept.Argument!.IsDisposed} {Kept.Own!.IsDisposed} {Kept.Own[0]}")));
        }
        finally
        {
            await InTime(Pool.ApplyAsync(static () => Kept.Own!.Dispose()));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task HandleThatAFunctionReturns_IsTheCallersFromThenOn()
    {
        using SharedArray<int> array = await InTime(Pool.ApplyAsync(static () => Kept.Own = new SharedArray<int>(3)));
        Assert.IsTrue(await InTime(Pool.ApplyAsync(static () => Kept.Own!.IsDisposed)));
        Assert.AreEqual(3, array.Length);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DisposedHandle_IsRefused_WithThePathToIt()
    {
        SharedArray<int> array = new(1);
        array.Dispose();
        CallSerializationException error = await Throws<CallSerializationException>(Pool.ApplyAsync(static (Holder holder) => holder.Name, new Holder { Name = "", First = array }));
        Assert.Contains("First", error.Message);
        Assert.Contains("disposed", error.Message);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DisposedRightAfterTheCallIsAccepted_StillArrives()
    {
        List<Task<int>> calls = [];
        for (int i = 0; i < 20; i++)
        {
            using SharedArray<int> array = new([i]);
            calls.Add(Pool.ApplyAsync(static (SharedArray<int> shared) => shared[0], array));
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), await InTime(Task.WhenAll(calls)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FunctionThatThrows_GivesTheMemoryBack()
    {
        using SharedArray<int> array = new(1);
        await Throws<FormatException>(Pool.ApplyAsync(static (SharedArray<int> shared) => shared[0] = Fail(), array));
        await Throws<FormatException>(Pool.ApplyAsync(static () => (new SharedArray<int>(1).Forget(), Fail()).Item2));
        Assert.AreEqual(1, array.Count);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapOverSlices_FillsTheWhole()
    {
        using SharedArray<int> array = new(1000);
        SharedArray<int>[] slices = [.. Enumerable.Range(0, 50).Select(i => array.Slice(i * 20, 20))];
        int[] lengths = await InTime(Pool.MapAsync(static (SharedArray<int> slice) => { slice.Span.Fill(slice.Length); return slice.Length; }, slices));
        foreach (SharedArray<int> slice in slices) slice.Dispose();
        Assert.AreEqual(1000, lengths.Sum());
        Assert.IsFalse(array.Span.ContainsAnyExcept(20));
        Assert.AreEqual(1, array.Count);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapThatCapturesAnArray_SendsItToEveryWorker()
    {
        using SharedArray<int> table = new([.. Enumerable.Range(0, 1000).Select(i => i * i)]);
        SharedArray<int> captured = table;
        int[] squares = await InTime(Pool.MapAsync(i => captured[i], Enumerable.Range(0, 1000)));
        Assert.AreEqual(999 * 999, squares[999]);
        Eventually(() => table.Count == 1, "down to the test's own handle");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapThatReturnsMoreSlicesThanOneFrameHolds_GivesThemAll()
    {
        const int Many = 5000; // some 30 bytes each
        using SharedArray<int> whole = new([.. Enumerable.Range(0, Many)]);
        SharedArray<int>[] slices = await InTime(Pool.MapAsync(i => whole.Slice(i, 1), Enumerable.Range(0, Many), new MapOptions { ChunkSize = Many }));
        for (int i = 0; i < Many; i++)
        {
            Assert.AreEqual(i, slices[i].Span[0]);
            slices[i].Dispose();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapThatReturnsArrays_GivesThemAll()
    {
        SharedArray<int>[] arrays = await InTime(Pool.MapAsync(static (int i) => new SharedArray<int>([i, i + 1]), Enumerable.Range(0, 300)));
        for (int i = 0; i < arrays.Length; i++)
        {
            Assert.AreEqual((i, i + 1), (arrays[i][0], arrays[i][1]));
            arrays[i].Dispose();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyArraysInOneCall_AllArrive_AndComeBack()
    {
        SharedArray<int>[] arrays = [.. Enumerable.Range(0, 400).Select(i => new SharedArray<int>([i]))];
        Task<SharedArray<int>[]> call = Pool.ApplyAsync(static (SharedArray<int>[] all) => all.Select(array => { SharedArray<int> own = new([array[0] + 1]); return own; }).ToArray(), arrays);
        foreach (SharedArray<int> array in arrays) array.Dispose();
        SharedArray<int>[] results = await InTime(call);
        for (int i = 0; i < results.Length; i++)
        {
            Assert.AreEqual(i + 1, results[i][0]);
            results[i].Dispose();
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedByTheInitializer_StaysAsLongAsTheWorker()
    {
        using SharedArray<int> array = new([77]);
        SharedArray<int> captured = array;
        using WorkerPool pool = Create(() => Kept.Own = captured);
        Assert.AreEqual(77, await InTime(pool.ApplyAsync(static () => Kept.Own![0])));
        Assert.AreEqual(77, await InTime(pool.ApplyAsync(static (SharedArray<int> same) => same[0], array)));
        array[0] = 78;
        Assert.AreEqual(78, await InTime(pool.ApplyAsync(static () => Kept.Own![0])));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ReportToTheCaller_CantHoldOne()
    {
        IProgress<SharedArray<int>> progress = new Progress<SharedArray<int>>();
        CallSerializationException error = await Throws<CallSerializationException>(Pool.ApplyAsync(static (IProgress<SharedArray<int>> to) =>
        {
            using SharedArray<int> array = new(1);
            to.Report(array);
        }, progress));
        Assert.Contains("SharedArray<int>", error.Message.Replace("Int32", "int", StringComparison.Ordinal));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ElementsThatAreAddresses_AreRefused()
    {
        using SharedArray<nint> array = new(1);
        CallSerializationException error = await Throws<CallSerializationException>(Pool.ApplyAsync(static (SharedArray<nint> shared) => shared.Length, array));
        Assert.Contains("addresses", error.Message);
    }

    internal static int Sum(ReadOnlySpan<int> values)
    {
        int sum = 0;
        foreach (int value in values) sum += value;
        return sum;
    }

    private static int Fail() => throw new FormatException("as asked");

    private sealed class Teller(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }

    private sealed class Holder
    {
        public string Name { get; set; } = "";
        public SharedArray<int>? First { get; set; }
        public SharedArray<int>? Second { get; set; }
        public SharedArray<int>? Part { get; set; }
    }

    private static class Kept
    {
        internal static SharedArray<int>? Argument;
        internal static SharedArray<int>? Own;
    }
}

internal static class Forgetting
{
    internal static int Forget(this SharedArray<int> array)
    {
        array.Dispose();
        return 0;
    }
}

[TestClass]
public sealed class SharedArrayInlineTests : SharedArrayCallContract
{
    protected override WorkerPool Create(Action? initializer = null) => new InlinePool(new ProcessPoolOptions { Initializer = initializer });
}

[TestClass]
public sealed class SharedArrayCallTests : SharedArrayCallContract
{
    // One worker: what one call leaves there the next one finds.
    protected override WorkerPool Create(Action? initializer = null) => new ProcessPool(new ProcessPoolOptions { Workers = 1, Initializer = initializer });
}
