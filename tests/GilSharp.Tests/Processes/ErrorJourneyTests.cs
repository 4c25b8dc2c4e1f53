namespace GilSharp.Tests.Processes;

/// <summary>Errors on their way between processes: each is its own call's, and arrives as what it was.</summary>
[TestClass]
public sealed class ErrorJourneyTests : PoolTest
{
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(1);

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArgumentThatCantBeReadInTheWorker_FailsItsCallAlone_AndNamesTheCause()
    {
        int before = await s_pool.ApplyAsync(Misfortune.ProcessId);
        Dictionary<string, int> picky = new(new PickyThere()) { ["a"] = 1 };

        CallSerializationException failure = await Assert.ThrowsExactlyAsync<CallSerializationException>(() => InTime(s_pool.ApplyAsync(words => words.Count, picky)));

        Assert.Contains("picky there", failure.Message);
        Assert.AreEqual(before, await InTime(s_pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ExceptionOfOnesOwn_ArrivesWithItsFieldsDataAndCauses()
    {
        OwnException own = await Assert.ThrowsExactlyAsync<OwnException>(() => InTime(s_pool.ApplyAsync(FailInOwnWay, 5)));

        Assert.AreEqual(("own: 5", 5, "value"), (own.Message, own.Number, own.Data["key"]));
        AggregateException aggregate = Assert.IsInstanceOfType<AggregateException>(own.InnerException);
        Assert.IsInstanceOfType<FormatException>(aggregate.InnerExceptions[0]);
        Assert.AreEqual("innermost", Assert.IsInstanceOfType<TimeoutException>(aggregate.InnerExceptions[1]).InnerException!.Message);
        Assert.Contains(nameof(FailInOwnWay), own.StackTrace!);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OutOfMemoryAndCancellation_ComeThrough()
    {
        OutOfMemoryException memory = await Assert.ThrowsExactlyAsync<OutOfMemoryException>(() => InTime(s_pool.ApplyAsync(int () => throw new OutOfMemoryException("asked"))));
        Assert.AreEqual("asked", memory.Message);

        // Of a token of its own: nobody has cancelled the call.
        OperationCanceledException cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => InTime(s_pool.ApplyAsync(int () => throw new OperationCanceledException("its own"))));
        Assert.AreEqual("its own", cancelled.Message);
        Assert.AreEqual(1, await InTime(s_pool.ApplyAsync(() => 1)));
    }

    private static int FailInOwnWay(int number) =>
        throw new OwnException(number, new AggregateException(new FormatException("first"), new TimeoutException("second", new InvalidOperationException("innermost")))) { Data = { ["key"] = "value" } };

    private sealed class OwnException(int number, Exception inner) : Exception($"own: {number}", inner)
    {
        public int Number => number;
    }

    private sealed class PickyThere : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x == y;

        public int GetHashCode(string word) => WorkerContext.IsWorker ? throw new FormatException("picky there") : word.Length;
    }
}
