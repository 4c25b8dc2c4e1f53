namespace GilSharp.Tests.RefCounting;

/// <summary>What every way of counting promises. Each mode binds it in a few lines.</summary>
public abstract partial class RefCountedContract
{
    private const int Deadline = 120_000;

    private protected abstract RefCountMode Mode { get; }

    private protected abstract RefCounted<T> Create<T>(T value, Action<T>? onRelease = null)
        where T : notnull;

    private protected abstract RefCounted<T> CreateCyclic<T>(Func<WeakRefCounted<T>, T> factory)
        where T : notnull;

    /// <summary>What a thread has to hold to look at values and counts; nothing in most modes.</summary>
    private protected virtual IDisposable Hold() => NothingToHold.Instance;

    private RefCounted<Probe> CreateProbe(out Probe probe)
    {
        probe = new Probe();
        return Create(probe, static value => value.Release());
    }

    [TestMethod]
    public void Create_ValueIsThere_CountIsOne_ModeIsTheOneAskedFor()
    {
        using IDisposable hold = Hold();
        using RefCounted<string> handle = Create("value");

        Assert.AreEqual("value", handle.Value);
        Assert.AreEqual(1, handle.Count);
        Assert.AreEqual(Mode, handle.Mode);
        Assert.IsFalse(handle.IsDisposed);
    }

    [TestMethod]
    public void Create_OfNull_IsRefused() =>
        Assert.AreEqual("value", Assert.ThrowsExactly<ArgumentNullException>(() => Create<string>(null!)).ParamName);

    [TestMethod]
    public void Create_OfAStruct_KeepsEveryField()
    {
        using IDisposable hold = Hold();
        using RefCounted<(long A, string B, Guid C)> handle = Create((A: 1L, B: "two", C: Guid.Empty));

        Assert.AreEqual((1L, "two", Guid.Empty), handle.Value);
    }

    [TestMethod]
    public void AddReference_GivesAHandleOfItsOwn_AndCountsOneMore()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> first = CreateProbe(out Probe probe);
        RefCounted<Probe> second = first.AddReference();

        Assert.AreNotSame(first, second);
        Assert.AreSame(probe, second.Value);
        Assert.AreEqual(2, first.Count);

        second.Dispose();
        Assert.AreEqual(1, first.Count);
        Assert.IsTrue(second.IsDisposed);
        Assert.IsFalse(first.IsDisposed);
        Assert.IsFalse(probe.IsReleased);
    }

    [TestMethod]
    public void TryAddReference_WhileAlive_GivesAHandle()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> first = CreateProbe(out Probe probe);

        Assert.IsTrue(first.TryAddReference(out RefCounted<Probe>? second));
        Assert.AreEqual(2, first.Count);
        second.Dispose();
    }

    [TestMethod]
    public void Dispose_OfTheLastHandle_ReleasesOnce_WhicheverItIs()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> first = CreateProbe(out Probe probe);
        RefCounted<Probe> second = first.AddReference();

        first.Dispose();
        Assert.AreEqual(0, probe.Releases);
        Assert.AreSame(probe, second.Value);

        second.Dispose();
        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Dispose_Twice_TakesNobodyElsesReference()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> first = CreateProbe(out Probe probe);
        using RefCounted<Probe> second = first.AddReference();
        using RefCounted<Probe> third = first.AddReference();

        first.Dispose();
        first.Dispose();
        first.Dispose();

        Assert.AreEqual(2, second.Count);
        Assert.IsFalse(probe.IsReleased);
    }

    [TestMethod]
    public void AfterDispose_EveryUseOfTheHandle_NamesTheTypeAndSaysDisposed()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> handle = CreateProbe(out _);
        using RefCounted<Probe> other = handle.AddReference();
        handle.Dispose();

        Action[] uses =
        [
            () => _ = handle.Value,
            () => _ = handle.Count,
            () => handle.AddReference(),
            () => handle.CreateWeak(),
            () => handle.Borrow().Dispose(),
        ];
        foreach (Action use in uses)
        {
            ObjectDisposedException error = Assert.ThrowsExactly<ObjectDisposedException>(use);
            Assert.Contains(nameof(Probe), error.ObjectName);
        }

        Assert.IsFalse(handle.TryAddReference(out RefCounted<Probe>? none));
        Assert.IsNull(none);
        Assert.IsTrue(handle.IsDisposed);
        Assert.AreEqual(Mode, handle.Mode);
        Assert.AreEqual(1, other.Count);
    }

    [TestMethod]
    public void Count_AtItsMaximum_RefusesEveryKindOfReference_AndStaysAsItWas()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out Probe probe);
        WeakRefCounted<Probe> weak = handle.CreateWeak();
        handle.BlockForTest!.Word.SetForTest(int.MaxValue);

        Action[] takes =
        [
            () => handle.AddReference(),
            () => handle.TryAddReference(out _),
            () => handle.Borrow().Dispose(),
            () => weak.TryGetReference(out _),
        ];
        foreach (Action take in takes)
        {
            Assert.Contains("2147483647", Assert.ThrowsExactly<OverflowException>(take).Message);
            Assert.AreEqual(int.MaxValue, handle.Count);
        }

        handle.BlockForTest!.Word.SetForTest(int.MaxValue - 1);
        using (RefCounted<Probe> lastOne = handle.AddReference())
        {
            Assert.AreEqual(int.MaxValue, handle.Count);
        }

        handle.BlockForTest!.Word.SetForTest(1);
        Assert.IsFalse(probe.IsReleased);
    }

    [TestMethod]
    public void HandlesAndLeases_AllocateWhatTheyAre_AndNothingElse()
    {
        const int Rounds = 1000;
        if (RefCountDiagnostics.LeakDetection != LeakDetectionLevel.Disabled)
        {
            Assert.Inconclusive("Watching allocates: that is what it costs.");
        }

        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out _);
        Measure(Rounds);

        long leases = Measure(Rounds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            handle.AddReference().Dispose();
        }

        long handles = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.AreEqual(0, leases);
        Assert.IsLessThanOrEqualTo(3L * IntPtr.Size * Rounds, handles);

        long Measure(int rounds)
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < rounds; round++)
            {
                using RefCounted<Probe>.Lease lease = handle.Borrow();
                lease.Value.Use();
            }

            return GC.GetAllocatedBytesForCurrentThread() - start;
        }
    }

    private sealed class NothingToHold : IDisposable
    {
        internal static readonly NothingToHold Instance = new();

        public void Dispose()
        {
        }
    }
}
