using System.Collections.Concurrent;

namespace GilSharp.Tests.Processes;

/// <summary>A reporter reports to the caller or is refused, however it is passed; and a refusal says which argument it is about.</summary>
[TestClass]
public sealed class ReporterArgumentTests : PoolTest
{
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void StartPool(TestContext _) => s_pool = new ProcessPool(2);

    [ClassCleanup]
    public static async Task EndPool() => await s_pool.DisposeAsync();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_PassedAsItsClass_ReportsToTheCaller()
    {
        Reports<int> reports = new();
        Assert.AreEqual(5, await InTime(s_pool.ApplyAsync(Work, 5, reports)));
        Assert.AreEqual(7, s_pool.Apply(Work, 7, reports));
        await InTime(s_pool.ApplyAsync(WorkAlone, reports));
        await using InlinePool inline = new();
        Assert.AreEqual(9, inline.Apply(Work, 9, reports));
        CollectionAssert.AreEqual(new[] { 5, 7, 1, 9 }, reports.Received.ToArray());
        Assert.AreEqual(-1, await InTime(s_pool.ApplyAsync(Work, -1, (Reports<int>)null!)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProgressOfThePlatform_PassedAsItIs_ReportsToTheCaller()
    {
        TaskCompletionSource<int> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Progress<int> progress = new(value => told.TrySetResult(value));
        await InTime(s_pool.ApplyAsync(WorkToTheEndAsync, 5, progress));
        Assert.AreEqual(5, await InTime(told.Task));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_PassedAsItsClass_ReportsWhatTheFunctionTakes()
    {
        Reports<object> wide = new();
        await InTime(s_pool.ApplyAsync(WorkWithText, "text", wide, new Both()));
        CollectionAssert.AreEqual(new[] { "text" }, wide.Received.ToArray());

        Both both = new();
        await InTime(s_pool.ApplyAsync(WorkWithText, "text", both, both));
        CollectionAssert.AreEqual(new object[] { "text", 4 }, both.Received.ToArray());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_PassedAsItsClass_ReportsWhateverSerializesTheRest()
    {
        Reports<int> reports = new();
        await using InlinePool pool = new(new ProcessPoolOptions { Serializer = new Json() });
        Assert.AreEqual(5, pool.Apply(Work, 5, reports));
        CollectionAssert.AreEqual(new[] { 5 }, reports.Received.ToArray());

        Refused(await Throws<CallSerializationException>(pool.ApplyAsync((count, own) => own.Received.Count + count, 5, reports)), "argument 2");
        Refused(await Throws<CallSerializationException>(pool.ApplyAsync(() => reports.Report(1))), "captured variable 'reports'");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Reporter_WhoseReportsWouldStayInTheWorker_IsRefused()
    {
        Reports<int> reports = new();
        Progress<int> progress = new();
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync((count, own) => own.Report(count), 5, reports)), "argument 2");
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync(() => reports.Report(1))), "captured variable 'reports'");
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync(() => ((IProgress<int>)progress).Report(1))), "captured variable 'progress'");
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync(WorkWithAnything, (object)reports)), "argument 1");
        Refused(await Throws<CallSerializationException>(s_pool.ForEachAsync(item => reports.Report(item), [1, 2])), "captured variable 'reports'");

        IProgress<int> same = reports;
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync(() => { same.Report(1); reports.Report(2); })), "captured variable 'reports'");
        Refused(await Throws<CallSerializationException>(s_pool.ApplyAsync(() => { reports.Report(2); same.Report(1); })), "captured variable 'reports'");
        Assert.IsEmpty(reports.Received);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ReporterOfTwoKinds_CapturedAsBoth_ReportsBoth()
    {
        Both both = new();
        IProgress<int> numbers = both;
        IProgress<string> texts = both;
        await InTime(s_pool.ApplyAsync(() => { numbers.Report(1); texts.Report("two"); }));
        CollectionAssert.AreEqual(new object[] { 1, "two" }, both.Received.ToArray());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Items_ThatReport_AreRefused()
    {
        CallSerializationException e = await Throws<CallSerializationException>(s_pool.ForEachAsync(WorkAlone, new[] { new Reports<int>() }));
        Assert.Contains("capture", e.Message);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Refusal_SaysWhichArgumentItIsAbout()
    {
        CallSerializationException third = await Throws<CallSerializationException>(s_pool.ApplyAsync(static (_, _, c, _) => c.Count, 1, "b", new List<object> { "x", Stream.Null }, 4));
        Assert.AreEqual("argument 3[1]", third.Path);
        StringAssert.StartsWith(third.Message, "argument 3[1] of type ");
        CallSerializationException only = await Throws<CallSerializationException>(s_pool.ApplyAsync(static a => a.Length, Stream.Null));
        Assert.AreEqual("argument 1", only.Path);
        CallSerializationException result = await Throws<CallSerializationException>(s_pool.ApplyAsync(static () => (object)new[] { Stream.Null }));
        Assert.AreEqual("the result[0]", result.Path);
        CallSerializationException item = await Throws<CallSerializationException>(s_pool.MapAsync(static x => (object)Stream.Null, [1, 2]));
        Assert.AreEqual("the result", item.Path);
    }

    private static int Work(int steps, IProgress<int> progress)
    {
        progress?.Report(steps);
        return steps;
    }

    private static void WorkAlone(IProgress<int> progress) => progress.Report(1);

    private static async Task WorkToTheEndAsync(int steps, IProgress<int> progress, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        progress.Report(steps);
    }

    private static void WorkWithText(string text, IProgress<string> texts, IProgress<int> numbers)
    {
        texts.Report(text);
        numbers.Report(text.Length);
    }

    private static void WorkWithAnything(object anything) => GC.KeepAlive(anything);

    private static void Refused(CallSerializationException refusal, string path)
    {
        Assert.AreEqual(path, refusal.Path);
        Assert.Contains("IProgress<Int32>", refusal.Message);
    }

    private sealed class Reports<T> : IProgress<T>
    {
        internal ConcurrentQueue<T> Received { get; } = new();

        public void Report(T value) => Received.Enqueue(value);
    }

    private sealed class Both : IProgress<int>, IProgress<string>
    {
        internal ConcurrentQueue<object> Received { get; } = new();

        public void Report(int value) => Received.Enqueue(value);

        public void Report(string value) => Received.Enqueue(value);
    }

    private sealed class Json : IPayloadSerializer
    {
        public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value) =>
            System.Buffers.BuffersExtensions.Write(writer, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value));

        public T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload)
        {
            var reader = new System.Text.Json.Utf8JsonReader(payload);
            return System.Text.Json.JsonSerializer.Deserialize<T>(ref reader)!;
        }
    }
}
