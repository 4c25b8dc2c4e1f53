using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GilSharp.Tests.RefCounting;

[TestClass]
public sealed class RefCountDiagnosticsTests
{
    private const int Deadline = 120_000;

    [TestCleanup]
    public void Disable() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;

    [TestMethod]
    public void LeakDetection_IsDisabledByDefault_AndRefusesWhatIsNoLevel()
    {
        Assert.AreEqual(LeakDetectionLevel.Disabled, RefCountDiagnostics.LeakDetection);
        Assert.Contains("9", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => RefCountDiagnostics.LeakDetection = (LeakDetectionLevel)9).Message);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Full_AForgottenHandle_IsReportedWithTypeCountAndPlace()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<ForgottenHandle> leaks = new();
        ForgetOne(new ForgottenHandle());

        RefCountLeakEventArgs leak = leaks.WaitForOne();

        Assert.AreEqual(typeof(ForgottenHandle), leak.ValueType);
        Assert.AreEqual(1, leak.Count);
        Assert.IsNotNull(leak.CreationStackTrace);
        Assert.Contains(nameof(ForgetOne), leak.CreationStackTrace.Split('\n')[0]);
        Assert.DoesNotContain("GilSharp.RefCounting.ControlBlock", leak.CreationStackTrace);
    }

    /// <summary>The value is fine and in use: what is reported is the one handle among several, by the place that took it.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void Full_OneForgottenHandleOfALivingValue_IsReportedByThePlaceThatTookIt()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<LivingValue> leaks = new();
        using RefCounted<LivingValue> handle = RefCounted.Create(new LivingValue());
        ForgetReferenceOf(handle);

        RefCountLeakEventArgs leak = leaks.WaitForOne();

        Assert.AreEqual(2, leak.Count);
        Assert.Contains(nameof(ForgetReferenceOf), leak.CreationStackTrace!.Split('\n')[0]);
        GC.KeepAlive(handle);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Full_AForgottenLease_IsReported()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<LeasedValue> leaks = new();
        using RefCounted<LeasedValue> handle = RefCounted.Create(new LeasedValue());
        ForgetLeaseOf(handle);

        Assert.Contains(nameof(ForgetLeaseOf), leaks.WaitForOne().CreationStackTrace!.Split('\n')[0]);
        GC.KeepAlive(handle);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Full_TheSamePlace_IsReportedOnce_AndCountedEachTime()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<SamePlace> leaks = new();
        for (int time = 0; time < 20; time++)
        {
            ForgetOne(new SamePlace());
        }

        leaks.WaitForMetric(20);

        Assert.HasCount(1, leaks.Reports);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Full_HandlesThatAreDisposed_AreNotReported()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<DisposedProperly> leaks = new();
        CountingWorkload.Run(Effort.Times(500), () =>
        {
            using RefCounted<DisposedProperly> handle = RefCounted.Create(new DisposedProperly());
            using RefCounted<DisposedProperly> another = handle.AddReference();
            using RefCounted<DisposedProperly>.Lease lease = another.Borrow();
            Assert.AreEqual(3, handle.Count);
        });

        // The reports of what was collected before come before the report of what is forgotten now.
        using Listener<ForgottenAfterwards> sentinel = new();
        ForgetOne(new ForgottenAfterwards());
        sentinel.WaitForOne();

        Assert.IsEmpty(leaks.Reports);
        Assert.AreEqual(0, leaks.Counted);
    }

    /// <summary>One handle in 128, at random: 12,800 forgotten ones escape with a chance of e^-100.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void Sampled_APlaceThatForgetsOften_IsReported_AndFewAreWatched()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Sampled;
        using Listener<Sampled> leaks = new();
        for (int time = 0; time < 100 * 128; time++)
        {
            ForgetOne(new Sampled());
        }

        Assert.Contains(nameof(ForgetOne), leaks.WaitForOne().CreationStackTrace!);
        Assert.IsLessThan(1000, leaks.Counted);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Disabled_NothingIsWatched()
    {
        using Listener<NotWatched> leaks = new();
        ForgetOne(new NotWatched());
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using Listener<WatchedAfterwards> sentinel = new();
        ForgetOne(new WatchedAfterwards());
        sentinel.WaitForOne();

        Assert.IsEmpty(leaks.Reports);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void AHandlerThatThrows_HarmsNobody()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        EventHandler<RefCountLeakEventArgs> bad = (_, _) => throw new NotSupportedException();
        RefCountDiagnostics.LeakDetected += bad;
        try
        {
            using Listener<BesideABadHandler> leaks = new();
            ForgetOne(new BesideABadHandler());
            leaks.WaitForOne();
        }
        finally
        {
            RefCountDiagnostics.LeakDetected -= bad;
        }
    }

    /// <summary>A constructor that failed leaves an object with nothing in it, which is finalized all the same.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void AWatcherWhoseConstructionFailed_DoesNothingInItsFinalizer()
    {
        WeakReference half = HalfBuilt();
        while (half.IsAlive)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // Tracked through resurrection, so it is gone only after its finalizer ran, and the process lives.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference HalfBuilt() =>
            new(RuntimeHelpers.GetUninitializedObject(typeof(GilSharp.RefCounting.TrackedReference)), trackResurrection: true);
    }

    [TestMethod]
    public void Full_ALateUse_TellsWhoDisposedFirst()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        RefCounted<string> handle = RefCounted.Create("value");
        DisposeFirst(handle);

        ObjectDisposedException error = Assert.ThrowsExactly<ObjectDisposedException>(() => _ = handle.Value);

        Assert.Contains("First disposed", error.Message);
        Assert.Contains(nameof(DisposeFirst), error.Message);
    }

    [TestMethod]
    public void Full_ACopiedLease_IsFound_TellsWhoDisposedFirst_AndReleasesNothing()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using RefCounted<string> handle = RefCounted.Create("value");

        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            RefCounted<string>.Lease lease = handle.Borrow();
            RefCounted<string>.Lease copy = lease;
            EndFirst(ref lease);
            copy.Dispose();
        });

        Assert.Contains("copy", error.Message);
        Assert.Contains(nameof(EndFirst), error.Message);
        Assert.AreEqual(1, handle.Count);
    }

    [TestMethod]
    public void Full_ACopiedLease_HasNoValueAfterTheFirstWasDisposed()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using RefCounted<string> handle = RefCounted.Create("value");

        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            RefCounted<string>.Lease lease = handle.Borrow();
            RefCounted<string>.Lease copy = lease;
            lease.Dispose();
            _ = copy.Value;
        });
    }

    [TestMethod]
    public void Full_ACopiedGuard_IsFound_AndReleasesNothing()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using RefCounted<string> handle = RefCounted.Create("value", RefCountMode.LockGuarded);
        using RefCounted<string>.Guard outer = handle.Lock();

        Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            RefCounted<string>.Guard guard = handle.Lock();
            RefCounted<string>.Guard copy = guard;
            guard.Dispose();
            copy.Dispose();
        });

        Assert.AreEqual(2, handle.Count);
        Assert.AreEqual("value", outer.Value);
    }

    [TestMethod]
    [DataRow(RefCountMode.Atomic)]
    [DataRow(RefCountMode.LockGuarded)]
    public void Full_EverythingWorksAsBefore(RefCountMode mode)
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        Probe probe = new();
        RefCounted<Probe> handle = RefCounted.Create(probe, mode, static value => value.Release());
        WeakRefCounted<Probe> weak = handle.CreateWeak();
        Assert.IsTrue(weak.TryGetReference(out RefCounted<Probe>? other));
        Assert.AreEqual(2, handle.Count);
        Assert.AreEqual(mode, handle.Mode);
        using (RefCounted<Probe>.Lease lease = other.Borrow())
        {
            lease.Dispose();
        }

        handle.Dispose();
        handle.Dispose();
        Assert.AreSame(probe, other.Value);
        Assert.AreEqual(mode, handle.Mode);
        Assert.AreEqual(0, probe.Releases);
        other.Dispose();
        Assert.AreEqual(1, probe.Releases);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetOne<T>(T value)
        where T : notnull
        => RefCounted.Create(value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetReferenceOf<T>(RefCounted<T> handle)
        where T : notnull
        => handle.AddReference();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetLeaseOf<T>(RefCounted<T> handle)
        where T : notnull
        => handle.Borrow();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DisposeFirst(RefCounted<string> handle) => handle.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndFirst(scoped ref RefCounted<string>.Lease lease) => lease.Dispose();

    // One type for each test: reports are told apart by it.
    private sealed class ForgottenHandle;

    private sealed class LivingValue;

    private sealed class LeasedValue;

    private sealed class SamePlace;

    private sealed class DisposedProperly;

    private sealed class ForgottenAfterwards;

    private sealed class Sampled;

    private sealed class NotWatched;

    private sealed class WatchedAfterwards;

    private sealed class BesideABadHandler;

    /// <summary>Hears of the leaks of one type, through the event and through the metric.</summary>
    private sealed class Listener<T> : IDisposable
    {
        private readonly MeterListener _meters = new();
        private int _counted;

        internal Listener()
        {
            RefCountDiagnostics.LeakDetected += OnLeak;
            _meters.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "GilSharp", Name: "gilsharp.refcount.leaks" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<long>((_, measurement, tags, _) =>
            {
                if (tags.Length == 1 && (string?)tags[0].Value == typeof(T).ToString())
                {
                    Interlocked.Add(ref _counted, (int)measurement);
                }
            });
            _meters.Start();
        }

        internal ConcurrentQueue<RefCountLeakEventArgs> Reports { get; } = new();

        internal int Counted => Volatile.Read(ref _counted);

        public void Dispose()
        {
            RefCountDiagnostics.LeakDetected -= OnLeak;
            _meters.Dispose();
        }

        internal RefCountLeakEventArgs WaitForOne()
        {
            WaitUntil(() => !Reports.IsEmpty);
            Assert.IsTrue(Reports.TryPeek(out RefCountLeakEventArgs? leak));
            return leak;
        }

        internal void WaitForMetric(int count) => WaitUntil(() => Counted >= count && !Reports.IsEmpty);

        // The test's own deadline ends a wait for a report that never comes.
        private static void WaitUntil(Func<bool> condition)
        {
            while (!condition())
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Yield();
            }
        }

        private void OnLeak(object? sender, RefCountLeakEventArgs leak)
        {
            if (leak.ValueType == typeof(T))
            {
                Reports.Enqueue(leak);
            }
        }
    }
}
