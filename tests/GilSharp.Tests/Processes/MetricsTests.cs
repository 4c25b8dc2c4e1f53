using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GilSharp.Tests.Processes;

/// <summary>What the meter GilSharp tells of pools.</summary>
[TestClass]
public sealed class MetricsTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task Calls_AreCounted_WithTheirErrorsType_AndTheirTimes()
    {
        using Measured measured = new("counted");
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Name = "counted" });

        for (int i = 0; i < 3; i++) await InTime(pool.ApplyAsync(Misfortune.Increment, i));
        await InTime(pool.ApplyAsync(Misfortune.EndWhenAsked, 50, CancellationToken.None));
        await Throws<FormatException>(pool.ApplyAsync(static int () => throw new FormatException("bad")));
        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        await InTime(pool.MapAsync(Misfortune.Increment, Enumerable.Range(0, 10), new MapOptions { ChunkSize = 10 }));

        Assert.AreEqual(4, measured.Sum("gilsharp.pool.calls", ("gilsharp.call.kind", "call"), ("error.type", null)));
        Assert.AreEqual(1, measured.Sum("gilsharp.pool.calls", ("error.type", "System.FormatException")));
        Assert.AreEqual(1, measured.Sum("gilsharp.pool.calls", ("error.type", "GilSharp.WorkerCrashedException")));
        Assert.IsGreaterThan(0.0, measured.Sum("gilsharp.pool.calls", ("gilsharp.call.kind", "chunk")));
        Assert.IsTrue(measured.Of("gilsharp.pool.run.duration").Any(one => one.Value is >= 0.045 and < 30), "50 ms of waiting are not seen");
        Assert.AreEqual(5, measured.Of("gilsharp.pool.queue.duration").Count(one => one.Tags.Contains(("gilsharp.call.kind", "call"))), "the one that died has none");
        Assert.IsTrue(measured.Of("gilsharp.pool.queue.duration").All(one => one.Value is >= 0 and < 60));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TimeInTheQueue_IsNotTimeInTheWorker()
    {
        using Measured measured = new("queued");
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Name = "queued" });
        Task<int> first = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Task<int> second = pool.ApplyAsync(Misfortune.Increment, 1);
        Eventually(() => place.Arrived == 1, "running");
        Eventually(() => pool.GetStatistics().Queued == 1, "waiting");
        measured.Observe();
        Assert.AreEqual(1, measured.Last("gilsharp.pool.queue.length"));
        Assert.AreEqual(1, measured.Last("gilsharp.pool.running"));
        Thread.Sleep(200);
        place.LetGo();
        await InTime(Task.WhenAll(first, second));

        double[] waited = [.. measured.Of("gilsharp.pool.queue.duration").Select(one => one.Value)];
        double[] ran = [.. measured.Of("gilsharp.pool.run.duration").Select(one => one.Value)];
        Assert.IsGreaterThan(0.19, waited[1]);
        Assert.IsGreaterThan(0.19, ran[0]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersRestartsAndBytes_AreObserved_AndAPoolThatIsGoneIsNot()
    {
        using Measured measured = new("observed");
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Name = "observed" });
        await InTime(pool.StartAsync());
        measured.Observe();
        Assert.AreEqual(2, measured.Sum("gilsharp.pool.workers", ("gilsharp.worker.state", "idle")));
        Assert.AreEqual(0, measured.Last("gilsharp.pool.restarts"));
        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        byte[] large = await InTime(pool.ApplyAsync(static (byte[] bytes) => bytes, new byte[100_000]));
        await InTime(pool.StartAsync());
        measured.Forget();
        measured.Observe();
        Assert.AreEqual(1, measured.Last("gilsharp.pool.restarts"));
        Assert.IsGreaterThan(large.Length, measured.Sum("gilsharp.pool.io", ("network.io.direction", "transmit")));
        Assert.IsGreaterThan(large.Length, measured.Sum("gilsharp.pool.io", ("network.io.direction", "receive")));

        await InTime(pool.DisposeAsync().AsTask());
        measured.Forget();
        measured.Observe();
        Assert.IsEmpty(measured.Of("gilsharp.pool.workers"));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsThatAFullQueueRefused_AreCounted()
    {
        using Measured measured = new("full");
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Name = "full", QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        Task<int> first = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        Task<int> second = pool.ApplyAsync(Misfortune.Increment, 1);
        await Throws<QueueFullException>(pool.ApplyAsync(Misfortune.Increment, 1));
        place.LetGo();
        await InTime(Task.WhenAll(first, second));
        Assert.AreEqual(1, measured.Sum("gilsharp.pool.rejected"));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MeterListenerThatThrows_HarmsNothing()
    {
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == "GilSharp") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("a listener's own"));
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("a listener's own"));
        listener.Start();
        await using ProcessPool pool = new(1);

        for (int i = 0; i < 10; i++) Assert.AreEqual(i + 1, await InTime(pool.ApplyAsync(Misfortune.Increment, i)));
        Assert.HasCount(10, await InTime(pool.MapAsync(Misfortune.Increment, Enumerable.Range(0, 10))));
        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    internal sealed record One(string Instrument, double Value, (string Key, string? Value)[] Tags);

    internal sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<One> _all = new();
        private readonly string _pool;

        internal Measured(string pool)
        {
            _pool = pool;
            _listener.InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == "GilSharp" && instrument.Name.StartsWith("gilsharp.pool.", StringComparison.Ordinal)) self.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.Start();
        }

        internal void Observe() => _listener.RecordObservableInstruments();

        internal void Forget() => _all.Clear();

        internal One[] Of(string instrument) => [.. _all.Where(one => one.Instrument == instrument)];

        internal double Last(string instrument) => Of(instrument)[^1].Value;

        internal double Sum(string instrument, params (string Key, string? Value)[] tags) => Of(instrument)
            .Where(one => tags.All(tag => tag.Value is null ? one.Tags.All(own => own.Key != tag.Key) : one.Tags.Contains(tag)))
            .Sum(one => one.Value);

        public void Dispose() => _listener.Dispose();

        private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            (string Key, string? Value)[] all = [.. tags.ToArray().Select(tag => (tag.Key, tag.Value?.ToString()))];
            if (all.Contains(("gilsharp.pool.name", _pool))) _all.Enqueue(new One(instrument.Name, value, all));
        }
    }
}
