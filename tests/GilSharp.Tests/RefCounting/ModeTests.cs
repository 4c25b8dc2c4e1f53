namespace GilSharp.Tests.RefCounting;

[TestClass]
public class AtomicRefCountedTests : RefCountedContract
{
    private protected override RefCountMode Mode => RefCountMode.Atomic;

    private protected override RefCounted<T> Create<T>(T value, Action<T>? onRelease = null) => RefCounted.Create(value, onRelease: onRelease);

    private protected override RefCounted<T> CreateCyclic<T>(Func<WeakRefCounted<T>, T> factory) => RefCounted.CreateCyclic(factory);

    [TestMethod]
    public void Lock_IsRefused_AndNamesTheModeToChoose()
    {
        using RefCounted<string> handle = Create("value");

        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => handle.Lock().Dispose());

        Assert.Contains("LockGuarded", error.Message);
        Assert.AreEqual(1, handle.Count);
    }

    [TestMethod]
    public void Lock_OfADisposedHandle_SaysDisposed()
    {
        RefCounted<string> handle = Create("value");
        handle.Dispose();

        Assert.ThrowsExactly<ObjectDisposedException>(() => handle.Lock().Dispose());
    }

    [TestMethod]
    public void Create_InAModeThatNeedsTheLock_OrInNone_IsRefused()
    {
        ArgumentException withoutLock = Assert.ThrowsExactly<ArgumentException>(() => RefCounted.Create("value", RefCountMode.GilCounted));
        Assert.Contains("GlobalInterpreterLock", withoutLock.Message);
        Assert.Contains("77", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => RefCounted.Create("value", (RefCountMode)77)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => RefCounted.CreateCyclic<string>(_ => "value", RefCountMode.GilCounted));
        Assert.ThrowsExactly<ArgumentNullException>(() => RefCounted.Create("value", (GlobalInterpreterLock)null!));
    }
}

[TestClass]
public class LockGuardedRefCountedTests : ExclusiveRefCountedContract
{
    private protected override RefCountMode Mode => RefCountMode.LockGuarded;

    private protected override RefCounted<T> Create<T>(T value, Action<T>? onRelease = null) =>
        RefCounted.Create(value, RefCountMode.LockGuarded, onRelease);

    private protected override RefCounted<T> CreateCyclic<T>(Func<WeakRefCounted<T>, T> factory) =>
        RefCounted.CreateCyclic(factory, RefCountMode.LockGuarded);

    /// <summary>Who counts does not wait for who works: the count has a lock of its own.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void Guard_HeldForLong_HoldsUpNobodyWhoOnlyCounts()
    {
        using RefCounted<string> handle = Create("value");
        using RefCounted<string>.Guard guard = handle.Lock();

        Thread other = new(() =>
        {
            using RefCounted<string> another = handle.AddReference();
            using RefCounted<string>.Lease lease = another.Borrow();
        });
        other.Start();
        other.Join();

        Assert.AreEqual(2, handle.Count);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Release_ByAGuard_HappensOutsideTheLock()
    {
        bool? lockHeld = null;
        RefCounted<Probe> handle = null!;
        object? exclusive = null;
        handle = Create(new Probe(), _ => lockHeld = Monitor.IsEntered(exclusive!));
        exclusive = handle.BlockForTest!.Exclusive;

        using (RefCounted<Probe>.Guard guard = handle.Lock())
        {
            Assert.IsTrue(Monitor.IsEntered(exclusive!));
            handle.Dispose();
        }

        Assert.IsFalse(lockHeld);
    }
}
