using System.Collections.Concurrent;
using System.Diagnostics;

namespace GilSharp.Tests.Processes;

/// <summary>A trace goes on in a worker and comes back.</summary>
[TestClass]
public sealed class TracingTests : PoolTest
{
    private static readonly ActivitySource Source = new("GilSharp.Tests.Work", "1.2");
    private static ProcessPool s_pool = null!;

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(new ProcessPoolOptions { Workers = 1, Name = "traced" });

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WithoutATrace_NothingIsCurrentInTheWorker() =>
        Assert.IsNull(await InTime(s_pool.ApplyAsync(static () => Activity.Current?.Id)));

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallersTrace_GoesOnInTheWorker_WithStateAndBaggage_AlsoWhereNobodyListens()
    {
        using Activity activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C);
        activity.TraceStateString = "vendor=1";
        activity.AddBaggage("tenant", "blue").AddBaggage("user", "7");
        activity.Start();

        string?[] seen = await InTime(s_pool.ApplyAsync(static () =>
        {
            Activity current = Activity.Current!;
            return new[]
            {
                current.TraceId.ToHexString(), current.ParentSpanId.ToHexString(), current.TraceStateString,
                string.Join(',', current.Baggage.Select(item => $"{item.Key}={item.Value}")),
            };
        }));

        Assert.AreEqual(activity.TraceId.ToHexString(), seen[0]);
        Assert.AreEqual(activity.SpanId.ToHexString(), seen[1]);
        Assert.AreEqual("vendor=1", seen[2]);
        Assert.AreEqual("user=7,tenant=blue", seen[3]);
        activity.Stop();
        Assert.IsNull(await InTime(s_pool.ApplyAsync(static () => Activity.Current?.Id)), "it outlived its call");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ActivityMadeInAWorker_ReachesTheParentsListeners_AsItWas_BeforeTheCallEnds()
    {
        using Kept kept = new(_ => true);
        using Activity around = Source.StartActivity("around")!;
        DateTime before = DateTime.UtcNow;

        string[] ids = await InTime(s_pool.With(new CallOptions { Name = "step" }).ApplyAsync(Work, 5));

        Activity inner = kept.Single("inner");
        Activity run = kept.Single("run step");
        Activity call = kept.Single("call step");
        foreach (Activity activity in new[] { inner, run, call }) Assert.AreEqual(around.TraceId, activity.TraceId);
        Assert.AreEqual(around.SpanId, call.ParentSpanId);
        Assert.AreEqual(call.SpanId, run.ParentSpanId);
        Assert.AreEqual(ids[1], run.SpanId.ToHexString());
        Assert.AreEqual(run.SpanId, inner.ParentSpanId);
        Assert.AreEqual(ids[0], inner.SpanId.ToHexString());
        Assert.AreEqual(inner.SpanId.ToHexString(), inner.Id!.Split('-')[2]);
        Assert.AreEqual((ActivityKind.Client, ActivityKind.Server, ActivityKind.Producer), (call.Kind, run.Kind, inner.Kind));
        Assert.AreEqual(("GilSharp.Tests.Work", "1.2", "shown"), (inner.Source.Name, inner.Source.Version, inner.DisplayName));
        Assert.AreEqual(5, inner.GetTagItem("number"));
        CollectionAssert.AreEqual(new[] { "a", "b" }, (string[])inner.GetTagItem("texts")!);
        Assert.AreEqual(1.5, inner.GetTagItem("ratio"));
        Assert.AreEqual(true, inner.GetTagItem("yes"));
        ActivityEvent happened = inner.Events.Single();
        Assert.AreEqual(("half way", 2L), (happened.Name, happened.Tags.Single().Value));
        Assert.AreEqual("0af7651916cd43dd8448eb211c80319c", inner.Links.Single().Context.TraceId.ToHexString());
        Assert.AreEqual((ActivityStatusCode.Error, "not good"), (inner.Status, inner.StatusDescription));
        Assert.AreEqual(TimeSpan.FromMilliseconds(250), inner.Duration);
        Assert.IsTrue(inner.StartTimeUtc >= before && inner.StartTimeUtc <= DateTime.UtcNow);
        Assert.AreEqual("traced", call.GetTagItem("gilsharp.pool.name"));
        Assert.AreEqual("step", call.GetTagItem("gilsharp.call.name"));
        Assert.AreEqual(call.GetTagItem("gilsharp.call.id"), run.GetTagItem("gilsharp.call.id"));
        Assert.AreEqual(ids[2], run.GetTagItem("process.pid")!.ToString());
        StringAssert.EndsWith((string)call.GetTagItem("code.function.name")!, "TracingTests.Work");
        Assert.AreSame(around, Activity.Current);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ErrorOfACall_IsTheStatusOfItsSpans_AndAnEvent()
    {
        using Kept kept = new(_ => true);

        await Throws<FormatException>(s_pool.ApplyAsync(static int () => throw new FormatException("bad")));

        Activity run = kept.Single("run");
        Assert.AreEqual((ActivityStatusCode.Error, "bad"), (run.Status, run.StatusDescription));
        Assert.AreEqual("System.FormatException", run.GetTagItem("error.type"));
        Assert.AreEqual("exception", run.Events.Single().Name);
        Activity call = kept.Ended.Single(activity => activity.OperationName.StartsWith("call ", StringComparison.Ordinal));
        Assert.AreEqual("System.FormatException", call.GetTagItem("error.type"));
        StringAssert.StartsWith(call.OperationName, "call TracingTests.ErrorOfACall");
        Assert.AreEqual(run.TraceId, call.TraceId);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatDies_IsAnEventOfTheCallsOwnSpan()
    {
        using Kept kept = new(_ => true);

        await Throws<WorkerCrashedException>(s_pool.ApplyAsync(Misfortune.KillItself));

        Activity call = kept.Single("call Misfortune.KillItself");
        Assert.AreEqual("GilSharp.WorkerCrashedException", call.GetTagItem("error.type"));
        Assert.AreEqual("exception", call.Events.Single().Name);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Map_IsOneSpan_AndItsChunksAreItsChildren()
    {
        using Kept kept = new(_ => true);

        await InTime(s_pool.MapAsync(Misfortune.Increment, Enumerable.Range(0, 20), new MapOptions { ChunkSize = 10 }));

        Activity map = kept.Single("map Misfortune.Increment");
        Activity[] chunks = [.. kept.Ended.Where(activity => activity.OperationName == "run")];
        Assert.IsGreaterThan(1, chunks.Length);
        Assert.IsTrue(chunks.All(chunk => chunk.ParentSpanId == map.SpanId && chunk.TraceId == map.TraceId));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MapThatFails_SaysSo_AlsoAsAStream()
    {
        using Kept kept = new(_ => true);
        await Throws<FormatException>(s_pool.MapAsync(FailsAtTwo, Enumerable.Range(0, 20), new MapOptions { ChunkSize = 4 }));
        await Assert.ThrowsExactlyAsync<FormatException>(() => MapTests.Collect(s_pool.MapStreamAsync(FailsAtTwo, Enumerable.Range(0, 20))));

        Activity[] maps = [.. kept.Ended.Where(activity => activity.OperationName == "map TracingTests.FailsAtTwo")];
        Assert.HasCount(2, maps);
        foreach (Activity map in maps)
        {
            Assert.AreEqual(ActivityStatusCode.Error, map.Status);
            Assert.AreEqual("System.FormatException", map.GetTagItem("error.type"));
        }
    }

    private static int FailsAtTwo(int item) => item == 2 ? throw new FormatException("two") : item;

    [TestMethod]
    [Timeout(Deadline)]
    public async Task SourceThatNobodyListensTo_IsAskedForNoMore()
    {
        using Kept kept = new(static source => source.Name == "GilSharp");

        // The first is sent and refused; the refusal is read between the calls.
        await InTime(s_pool.ApplyAsync(Work, 1));
        bool made = true;
        for (int i = 0; i < 100 && made; i++) made = await InTime(s_pool.ApplyAsync(static () => Source.StartActivity("idle") is { } activity && Stopped(activity)));

        Assert.IsFalse(made);
        Assert.IsFalse(kept.Ended.Any(activity => activity.Source.Name == Source.Name));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ListenerThatThrows_HarmsNoCall()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "GilSharp",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = static _ => throw new InvalidOperationException("a listener's own"),
            ActivityStopped = static _ => throw new InvalidOperationException("a listener's own"),
        };
        ActivitySource.AddActivityListener(listener);

        for (int i = 0; i < 10; i++) Assert.AreEqual(i + 1, await InTime(s_pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.HasCount(10, await InTime(s_pool.MapAsync(Misfortune.Increment, Enumerable.Range(0, 10))));
        Assert.IsNull(Activity.Current);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void InlinePool_GoesOnWithTheTrace_Too()
    {
        using Kept kept = new(_ => true);
        using InlinePool pool = new();
        using Activity around = Source.StartActivity("around")!;

        string? trace = pool.Apply(static () => Activity.Current?.TraceId.ToHexString());

        Assert.AreEqual(around.TraceId.ToHexString(), trace);
        Assert.AreEqual(kept.Ended.Single(activity => activity.Kind == ActivityKind.Client).SpanId, kept.Single("run").ParentSpanId);
        Assert.AreSame(around, Activity.Current);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallThatIsRefusedWhenItsSpanHasBegun_EndsIt()
    {
        await using ProcessPool pool = new(1);
        using Kept kept = new(_ => true);
        using ActivityListener closing = new()
        {
            ShouldListenTo = static source => source.Name == "GilSharp",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _ => pool.Close(),
        };
        ActivitySource.AddActivityListener(closing);

        await Throws<InvalidOperationException>(pool.ApplyAsync(Misfortune.Increment, 1));

        Assert.AreEqual(ActivityStatusCode.Error, kept.Ended.Single(static activity => activity.Kind == ActivityKind.Client).Status);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ListenerThatThrows_WhateverItIs_DoesNotEndTheWorker()
    {
        await using ProcessPool pool = new(1);
        using ActivityListener throwing = new()
        {
            ShouldListenTo = static source => source.Name is "GilSharp" or "GilSharp.Tests.Work",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = static _ => throw new InvalidDataException("a listener's own"),
        };
        int worker = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        ActivitySource.AddActivityListener(throwing);
        Assert.HasCount(3, await InTime(pool.ApplyAsync(Work, 5)));
        Assert.AreEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    private static bool Stopped(Activity activity)
    {
        activity.Dispose();
        return true;
    }

    private static string[] Work(int number)
    {
        string run = Activity.Current!.SpanId.ToHexString();
        ActivityContext linked = ActivityContext.Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);
        using Activity? activity = Source.StartActivity("inner", ActivityKind.Producer, default(ActivityContext), links: [new ActivityLink(linked)]);
        if (activity is null) return [];
        activity.DisplayName = "shown";
        activity.SetTag("number", number).SetTag("texts", new[] { "a", "b" }).SetTag("ratio", 1.5).SetTag("yes", true);
        activity.AddEvent(new ActivityEvent("half way", tags: new ActivityTagsCollection { ["part"] = 2L }));
        activity.SetStatus(ActivityStatusCode.Error, "not good");
        activity.SetEndTime(activity.StartTimeUtc + TimeSpan.FromMilliseconds(250));
        return [activity.SpanId.ToHexString(), run, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)];
    }

    private sealed class Kept : IDisposable
    {
        private readonly ActivityListener _listener;

        internal Kept(Func<ActivitySource, bool> wants)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => (source.Name is "GilSharp" || source.Name == Source.Name) && wants(source),
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        internal ConcurrentQueue<Activity> Ended { get; } = new();

        internal Activity Single(string name) => Ended.Single(activity => activity.OperationName == name);

        public void Dispose() => _listener.Dispose();
    }
}
