namespace GilSharp.Tests.RefCounting;

[TestClass]
public class GilCountedRefCountedTests : ExclusiveRefCountedContract, IDisposable
{
    private readonly GlobalInterpreterLock _gil = new();

    private protected override RefCountMode Mode => RefCountMode.GilCounted;

    private protected override int Rounds => Effort.Times(2_000);

    public void Dispose()
    {
        _gil.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override RefCounted<T> Create<T>(T value, Action<T>? onRelease = null) => RefCounted.Create(value, _gil, onRelease);

    private protected override RefCounted<T> CreateCyclic<T>(Func<WeakRefCounted<T>, T> factory) => RefCounted.CreateCyclic(factory, _gil);

    private protected override IDisposable Hold() => new Holding(_gil);

    private protected override IDisposable? LetOthersIn()
    {
        _gil.Checkpoint();
        return null;
    }

    [TestMethod]
    public void WithoutTheGil_EveryMemberThatLooksOrCounts_IsRefused()
    {
        RefCounted<string> handle = Create("value");
        WeakRefCounted<string> weak;
        using (Hold())
        {
            weak = handle.CreateWeak();
        }

        Action[] refused =
        [
            () => _ = handle.Value,
            () => _ = handle.Count,
            () => handle.AddReference(),
            () => handle.TryAddReference(out _),
            () => handle.Borrow().Dispose(),
            () => handle.CreateWeak(),
            () => _ = weak.IsAlive,
            () => weak.TryGetReference(out _),
        ];
        foreach (Action member in refused)
        {
            Assert.Contains("Enter it first", Assert.ThrowsExactly<SynchronizationLockException>(member).Message);
        }

        Assert.IsFalse(handle.IsDisposed);
        Assert.AreEqual(RefCountMode.GilCounted, handle.Mode);
        using (RefCounted<string>.Guard guard = handle.Lock())
        {
            Assert.AreEqual("value", guard.Value);
            Assert.AreEqual(2, handle.Count);
        }

        handle.Dispose();
        Assert.IsTrue(handle.IsDisposed);
    }

    [TestMethod]
    public void WithoutTheGil_ALeasesValueIsRefused()
    {
        using IDisposable hold = Hold();
        RefCounted<string> handle = Create("value");

        Assert.ThrowsExactly<SynchronizationLockException>(() =>
        {
            using RefCounted<string>.Lease lease = handle.Borrow();
            using (_gil.ReleaseScope())
            {
                _ = lease.Value;
            }
        });
        Assert.AreEqual(1, handle.Count);
    }

    /// <summary>The disposer goes on at once; the holder, who is in the middle of something, carries it out at its next checkpoint or exit.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WithoutTheGil_IsCarriedOutByTheHolder()
    {
        Probe probe = new();
        Thread? releasing = null;
        bool? held = null;
        RefCounted<Probe> handle = Create(probe, value =>
        {
            releasing = Thread.CurrentThread;
            held = _gil.IsHeldByCurrentThread;
            value.Release();
        });

        using (Hold())
        {
            Thread other = new(handle.Dispose);
            other.Start();
            other.Join();
            Assert.IsTrue(handle.IsDisposed);
            Assert.AreEqual(0, probe.Releases);

            _gil.Checkpoint();
            Assert.AreEqual(1, probe.Releases);
        }

        Assert.AreSame(Thread.CurrentThread, releasing);
        Assert.IsTrue(held);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WithoutTheGil_AndWithoutAHolder_IsCarriedOutByTheNextOne()
    {
        RefCounted<Probe> handle = Create(new Probe(), static value => value.Release());
        RefCounted<Probe> other;
        Probe probe;
        using (Hold())
        {
            probe = handle.Value;
            other = handle.AddReference();
        }

        handle.Dispose();

        using (Hold())
        {
            Assert.AreEqual(1, other.Count);
            other.Dispose();
            Assert.AreEqual(1, probe.Releases);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_WithoutTheGil_IsCarriedOutEvenIfNobodyEverComes()
    {
        using ManualResetEventSlim released = new();
        RefCounted<Probe> handle = Create(new Probe(), _ => released.Set());

        handle.Dispose();

        Assert.IsTrue(released.Wait(TimeSpan.FromSeconds(50)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Lease_EndedWithoutTheGil_IsGivenUpByTheNextHolder()
    {
        RefCounted<Probe> handle = Create(new Probe(), static value => value.Release());
        Probe probe;
        _gil.Enter();
        RefCounted<Probe>.Lease lease = handle.Borrow();
        probe = lease.Value;
        handle.Dispose();
        _gil.Exit();
        lease.Dispose();

        using (Hold())
        {
            Assert.AreEqual(1, probe.Releases);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void DisposeAsync_WithoutTheGil_EndsWhenTheHolderHasCarriedItOut()
    {
        AsyncProbe probe = new();
        RefCounted<AsyncProbe> handle = Create(probe);
        Task disposal;
        using (Hold())
        {
            disposal = Task.Run(() => handle.DisposeAsync().AsTask());
            while (!handle.IsDisposed)
            {
                Thread.Yield();
            }

            Assert.AreEqual(0, probe.Releases);
            Assert.IsFalse(disposal.IsCompleted);
        }

        disposal.GetAwaiter().GetResult();
        Assert.AreEqual(1, probe.Releases);
        Assert.IsTrue(probe.DisposedOnPool);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void DisposeAsync_WithoutTheGil_OfAnotherThanTheLast_EndsToo_AndAFailingReleaseReachesIt()
    {
        RefCounted<Probe> handle = Create(new Probe(), _ => throw new NotSupportedException());
        RefCounted<Probe> other;
        using (Hold())
        {
            other = handle.AddReference();
        }

        handle.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Task failing = other.DisposeAsync().AsTask();

        Assert.ThrowsExactly<NotSupportedException>(() => failing.GetAwaiter().GetResult());
    }

    /// <summary>The disposal needs the GIL; the holder waits for it, and would wait for ever if it kept the GIL meanwhile.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_OfAnAsyncOnlyValue_LetsTheGilGoWhileItWaits()
    {
        AsyncProbe probe = new(() =>
        {
            _gil.Run(() => { });
            return ValueTask.CompletedTask;
        });
        RefCounted<AsyncProbe> handle = Create(probe);

        using (Hold())
        {
            handle.Dispose();
            Assert.IsTrue(_gil.IsHeldByCurrentThread);
        }

        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_OfAnAsyncOnlyValue_WithoutTheGil_IsWaitedForByTheHolder_WhoLetsTheGilGo()
    {
        AsyncProbe probe = new(() =>
        {
            _gil.Run(() => { });
            return ValueTask.CompletedTask;
        });
        RefCounted<AsyncProbe> handle = Create(probe);

        using (Hold())
        {
            Thread other = new(handle.Dispose);
            other.Start();
            other.Join();
            _gil.Checkpoint();
            Assert.AreEqual(1, probe.Releases);
            Assert.IsTrue(_gil.IsHeldByCurrentThread);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void DeferredRelease_ThatReleasesAnother_AndLocks_DoesNotHang()
    {
        RefCounted<Probe> inner = CreateInner(out Probe innerProbe);
        Probe outerProbe = new();
        RefCounted<Probe> outer = Create(outerProbe, value =>
        {
            inner.Dispose();
            using (Hold())
            {
                value.Release();
            }
        });

        outer.Dispose();

        using (Hold())
        {
            Assert.AreEqual(1, outerProbe.Releases);
            Assert.AreEqual(1, innerProbe.Releases);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void DeferredRelease_ThatThrows_HarmsNeitherTheHolderNorTheOthers()
    {
        RefCounted<Probe> failing = Create(new Probe(), _ => throw new NotSupportedException());
        RefCounted<Probe> handle = CreateInner(out Probe probe);
        using (Hold())
        {
            Thread other = new(() =>
            {
                failing.Dispose();
                handle.Dispose();
            });
            other.Start();
            other.Join();
            _gil.Checkpoint();
            Assert.AreEqual(1, probe.Releases);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Dispose_FromAFinalizer_IsCarriedOut()
    {
        using ManualResetEventSlim released = new();
        Forget(released);

        while (!released.IsSet)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Forget(ManualResetEventSlim signal) => _ = new Owner(Create(new Probe(), _ => signal.Set()));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void DisposalOfTheLock_CarriesOutWhatIsLeft_AndLaterDisposalsStillRelease()
    {
        GlobalInterpreterLock gil = new();
        Probe first = new();
        using ManualResetEventSlim secondReleased = new();
        RefCounted<Probe> before = RefCounted.Create(first, gil, static value => value.Release());
        RefCounted<Probe> after = RefCounted.Create(new Probe(), gil, _ => secondReleased.Set());

        before.Dispose();
        gil.Dispose();
        Assert.IsTrue(SpinWait.SpinUntil(() => first.Releases == 1, TimeSpan.FromSeconds(50))); // at once, or by who was about to when the lock was disposed

        after.Dispose();
        Assert.IsTrue(secondReleased.Wait(TimeSpan.FromSeconds(50)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void PostedRelease_WhoseExceptionCannotBePrinted_LeavesTheLockInOrder()
    {
        using GlobalInterpreterLock gil = new();
        RefCounted<Probe> handle = RefCounted.Create(new Probe(), gil, static _ => throw new Unprintable());
        gil.Enter();
        Thread other = new(handle.Dispose);
        other.Start();
        other.Join(); // posted to who holds the lock
        gil.Exit();
        Assert.IsFalse(gil.IsHeldByCurrentThread);
        bool entered = false;
        other = new Thread(() =>
        {
            entered = gil.TryEnter();
            if (entered) gil.Exit();
        });
        other.Start();
        other.Join();
        Assert.IsTrue(entered);
    }

    private sealed class Unprintable : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }

    /// <summary>A guard excludes others until the holder lets them in by its own act.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void Guard_ExclusiveUse_EndsAtTheHoldersReleaseScope()
    {
        RefCounted<int[]> handle = Create(new int[1]);
        using RefCounted<int[]>.Guard guard = handle.Lock();
        using ManualResetEventSlim wrote = new();
        Thread other = new(() =>
        {
            using RefCounted<int[]>.Guard theirs = handle.Lock();
            theirs.Value[0] = 7;
            wrote.Set();
        });
        other.Start();

        using (_gil.ReleaseScope())
        {
            wrote.Wait();
        }

        other.Join();
        Assert.AreEqual(7, guard.Value[0]);
        handle.Dispose();
    }

    private RefCounted<Probe> CreateInner(out Probe probe)
    {
        probe = new Probe();
        return Create(probe, static value => value.Release());
    }

    private sealed class Owner(RefCounted<Probe> handle)
    {
        ~Owner() => handle.Dispose();
    }

    private sealed class Holding : IDisposable
    {
        private readonly GlobalInterpreterLock _gil;

        internal Holding(GlobalInterpreterLock gil)
        {
            _gil = gil;
            gil.Enter();
        }

        public void Dispose() => _gil.Exit();
    }
}
