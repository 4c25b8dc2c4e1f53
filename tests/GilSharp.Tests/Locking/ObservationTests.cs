using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Text.Json;
using System.Xml.Linq;
using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class ObservationTests
{
    [TestMethod]
    public void Statistics_CountOutermostAcquisitionsOnly_AndHeldTimeOnlyIfAsked()
    {
        using var gil = new GlobalInterpreterLock();
        for (int i = 0; i < 10; i++)
        {
            using (gil.EnterScope())
            using (gil.EnterScope())
            {
            }
        }

        Assert.AreEqual(10, gil.GetStatistics().Acquisitions);
        Assert.AreEqual(0, gil.GetStatistics().ContendedAcquisitions);
        Assert.AreEqual(TimeSpan.Zero, gil.GetStatistics().HeldTime);

        using var tracking = new GlobalInterpreterLock(new() { TrackHeldTime = true });
        long start = Stopwatch.GetTimestamp();
        tracking.Run(() => SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start).TotalMilliseconds >= 20));
        Assert.IsGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(15), tracking.GetStatistics().HeldTime);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Statistics_WaitingIsSeen_AndIsZeroAfterwards()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        Task[] waiters = [.. Enumerable.Range(0, 3).Select(_ => OnThread(() => gil.Run(() => { })))];
        UntilWaiting(gil, 3);
        gil.Exit();
        Join(waiters);
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
        Assert.IsGreaterThan(TimeSpan.Zero, gil.GetStatistics().WaitTime);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Meter_ReportsWaitsAndWaiters()
    {
        using var gil = new GlobalInterpreterLock(new() { Name = nameof(Meter_ReportsWaitsAndWaiters) });
        int waits = 0;
        int waiters = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "GilSharp")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
        {
            if (instrument.Name == "gilsharp.gil.wait.duration" && IsOf(gil, tags))
                Interlocked.Increment(ref waits);
        });
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "gilsharp.gil.waiters" && IsOf(gil, tags))
                waiters = value;
        });
        listener.Start();

        gil.Enter();
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        listener.RecordObservableInstruments();
        Assert.AreEqual(1, waiters);
        gil.Exit();
        Join(waiter);
        Assert.AreEqual(1, waits);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Meter_ListenerThatThrows_DoesNotHurtTheLock()
    {
        using var gil = new GlobalInterpreterLock(new() { Name = nameof(Meter_ListenerThatThrows_DoesNotHurtTheLock) });
        int waits = 0;
        int switches = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name is "gilsharp.gil.wait.duration" or "gilsharp.gil.switches")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => ThrowIfOurs(ref waits, tags));
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => ThrowIfOurs(ref switches, tags));
        listener.Start();

        gil.Enter();
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        Until(gil.Checkpoint, "a forced switch");
        Assert.IsTrue(gil.IsHeldByCurrentThread);
        gil.Exit();
        Join(waiter);
        Assert.AreEqual(2, waits);
        Assert.AreEqual(1, switches);

        void ThrowIfOurs(ref int count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (!IsOf(gil, tags))
                return;
            Interlocked.Increment(ref count);
            throw new InvalidOperationException("A listener failed.");
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void EventSource_TellsALocksLife_AndAListenerMayLeave()
    {
        string name = nameof(EventSource_TellsALocksLife_AndAListenerMayLeave);
        using var gil = new GlobalInterpreterLock(new() { Name = name });
        List<string> events = [];
        using (var listener = new Listener(name, events))
        {
            gil.Enter();
            Task waiter = OnThread(() => gil.Run(() => { }));
            UntilWaiting(gil, 1);
            Until(gil.Checkpoint, "a forced switch");
            gil.Exit();
            Join(waiter);
            Until(() => Has("SwitchRequested"), "told by the ticker, which may be late");
        }

        gil.Run(() => { });
        lock (events)
        {
            foreach (string expected in new[] { "LockAcquired", "LockRequested", "SwitchRequested", "LockForcedOut", "LockReleased" })
                CollectionAssert.Contains(events, expected);
            Assert.AreEqual(events.Count(what => what == "LockAcquired"), events.Count(what => what is "LockReleased" or "LockForcedOut"));
        }

        bool Has(string what)
        {
            lock (events) return events.Contains(what);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Timeline_ShowsWhoHeldAndWhoWaited_AsPictureAndAsTrace()
    {
        using var gil = new GlobalInterpreterLock(new() { Name = "a < b" });
        using var svg = new StringWriter();
        using var trace = new StringWriter();
        using (var timeline = new GlobalInterpreterLockTimeline(gil))
        {
            gil.Enter();
            Task waiter = OnThread(() => gil.Run(() => { }));
            UntilWaiting(gil, 1);
            Until(gil.Checkpoint, "a forced switch");
            gil.Exit();
            Join(waiter);
            timeline.Dispose();
            Assert.IsGreaterThanOrEqualTo(7, timeline.Count);
            timeline.WriteSvg(svg);
            timeline.WriteTrace(trace);
        }

        XElement picture = XElement.Parse(svg.ToString());
        string[] bars = [.. picture.Descendants().Where(element => element.Name.LocalName == "title").Select(title => title.Value)];
        Assert.IsTrue(bars.Count(bar => bar.Contains(" held ", StringComparison.Ordinal)) >= 3, svg.ToString());
        Assert.IsTrue(bars.Any(bar => bar.Contains(" waited ", StringComparison.Ordinal)), svg.ToString());

        using JsonDocument json = JsonDocument.Parse(trace.ToString());
        string[] names = [.. json.RootElement.GetProperty("traceEvents").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
        foreach (string expected in new[] { "process_name", "thread_name", "held", "waiting", "forced out" })
            CollectionAssert.Contains(names, expected);
    }

    [TestMethod]
    public void Timeline_MoreEventsThanRoom_KeepsTheFirst()
    {
        using var gil = new GlobalInterpreterLock();
        using var timeline = new GlobalInterpreterLockTimeline(gil, capacity: 4);
        for (int i = 0; i < 10; i++)
            gil.Run(() => { });
        Assert.AreEqual(4, timeline.Count);
        timeline.WriteSvg(TextWriter.Null);
    }

    private static bool IsOf(GlobalInterpreterLock gil, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        tags.Length == 1 && (string?)tags[0].Value == gil.Name;

    private sealed class Listener(string name, List<string> events) : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "GilSharp")
                EnableEvents(eventSource, EventLevel.Informational, EventKeywords.All);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.Payload?[0] as string != name)
                return;
            lock (events)
                events.Add(eventData.EventName!);
        }
    }
}
