namespace GilSharp.Tests.RefCounting;

/// <summary>Every promise once more with every reference watched: who looks for a leak must not get another program.</summary>
[TestClass]
public sealed class WatchedAtomicRefCountedTests : AtomicRefCountedTests
{
    private protected override int Rounds => Effort.Times(20);

    [TestInitialize]
    public void Watch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;

    [TestCleanup]
    public void Unwatch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;
}

[TestClass]
public sealed class WatchedLockGuardedRefCountedTests : LockGuardedRefCountedTests
{
    private protected override int Rounds => Effort.Times(20);

    [TestInitialize]
    public void Watch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;

    [TestCleanup]
    public void Unwatch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;
}

[TestClass]
public sealed class WatchedGilCountedRefCountedTests : GilCountedRefCountedTests
{
    private protected override int Rounds => Effort.Times(20);

    [TestInitialize]
    public void Watch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;

    [TestCleanup]
    public void Unwatch() => RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;

    [TestMethod]
    public void ACopiedGuard_IsFound_AndGivesUpNeitherReferenceNorLock()
    {
        RefCounted<string> handle = Create("value");
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
}
