using Microsoft.Extensions.ObjectPool;

namespace GilSharp.Tests.RefCounting;

[TestClass]
public sealed class PoolingTests
{
    [TestMethod]
    public void LastRelease_ReturnsTheValueToItsPool_AndNotBefore()
    {
        OneValuePool pool = new();
        RefCounted<Probe> first = pool.GetCounted();
        RefCounted<Probe> second = first.AddReference();

        first.Dispose();
        Assert.AreEqual(0, pool.Returned);

        second.Dispose();
        second.Dispose();
        Assert.AreEqual(1, pool.Returned);
    }

    [TestMethod]
    [DataRow(RefCountMode.Atomic)]
    [DataRow(RefCountMode.LockGuarded)]
    public void LateHandles_NeverReachTheValueOfTheNextUser(RefCountMode mode)
    {
        OneValuePool pool = new();
        RefCounted<Probe> late = pool.GetCounted(mode);
        WeakRefCounted<Probe> lateWeak = late.CreateWeak();
        late.Dispose();

        using RefCounted<Probe> next = pool.GetCounted(mode);
        Assert.AreSame(pool.TheValue, next.Value);

        Assert.ThrowsExactly<ObjectDisposedException>(() => _ = late.Value);
        Assert.ThrowsExactly<ObjectDisposedException>(() => late.Borrow().Dispose());
        Assert.IsFalse(late.TryAddReference(out _));
        Assert.IsFalse(lateWeak.TryGetReference(out _));
        late.Dispose();
        Assert.AreEqual(1, next.Count);
        Assert.AreEqual(1, pool.Returned);
    }

    [TestMethod]
    public void AReleaseThatMeetsItsOldBlock_FindsNoValueInIt()
    {
        WeakRefCounted<Probe>? weak = null;
        bool? gotOne = null;
        OneValuePool pool = new() { OnReturn = () => gotOne = weak!.TryGetReference(out _) };
        RefCounted<Probe> handle = pool.GetCounted();
        weak = handle.CreateWeak();

        handle.Dispose();

        Assert.IsFalse(gotOne);
    }

    [TestMethod]
    public void GilCounted_ReturnsTheValueUnderTheGil()
    {
        using GlobalInterpreterLock gil = new();
        bool? held = null;
        OneValuePool pool = new() { OnReturn = () => held = gil.IsHeldByCurrentThread };

        gil.Enter();
        pool.GetCounted(gil).Dispose();
        gil.Exit();

        Assert.IsTrue(held);
    }

    [TestMethod]
    public void WrongMode_IsRefused_BeforeAnythingIsTakenOut()
    {
        OneValuePool pool = new();

        Assert.ThrowsExactly<ArgumentException>(() => pool.GetCounted(RefCountMode.GilCounted));
        Assert.ThrowsExactly<ArgumentNullException>(() => pool.GetCounted((GlobalInterpreterLock)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => ((ObjectPool<Probe>)null!).GetCounted());

        Assert.AreEqual(0, pool.Taken);
    }

    /// <summary>Two threads that share pooled values by handles: nobody uses one that another one has got meanwhile.</summary>
    [TestMethod]
    [Timeout(120_000)]
    public void PooledValue_IsNeverInTwoHandsAtOnce()
    {
        DefaultObjectPool<int[]> pool = new(new ArrayPolicy(), maximumRetained: 2);
        CountingWorkload.Run(Effort.Times(20_000), () =>
        {
            using RefCounted<int[]> handle = pool.GetCounted();
            using RefCounted<int[]>.Lease lease = handle.Borrow();
            Assert.AreEqual(1, Interlocked.Increment(ref lease.Value[0]));
            handle.Dispose();
            Assert.AreEqual(0, Interlocked.Decrement(ref lease.Value[0]));
        });
    }

    private sealed class OneValuePool : ObjectPool<Probe>
    {
        internal Probe TheValue { get; } = new();

        internal int Taken { get; private set; }

        internal int Returned { get; private set; }

        internal Action? OnReturn { get; init; }

        public override Probe Get()
        {
            Taken++;
            return TheValue;
        }

        public override void Return(Probe obj)
        {
            Assert.AreSame(TheValue, obj);
            Returned++;
            OnReturn?.Invoke();
        }
    }

    private sealed class ArrayPolicy : PooledObjectPolicy<int[]>
    {
        public override int[] Create() => new int[1];

        public override bool Return(int[] obj) => true;
    }
}
