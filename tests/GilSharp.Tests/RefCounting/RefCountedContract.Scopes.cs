namespace GilSharp.Tests.RefCounting;

/// <content>Leases and weak handles.</content>
public abstract partial class RefCountedContract
{
    [TestMethod]
    public void Borrow_CountsForItsScope()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out Probe probe);

        using (RefCounted<Probe>.Lease lease = handle.Borrow())
        {
            Assert.AreSame(probe, lease.Value);
            Assert.AreEqual(2, handle.Count);
        }

        Assert.AreEqual(1, handle.Count);
    }

    [TestMethod]
    public void Lease_OutlivingEveryHandle_KeepsTheValue_AndReleasesItAtItsEnd()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> handle = CreateProbe(out Probe probe);
        RefCounted<Probe>.Lease lease = handle.Borrow();

        handle.Dispose();
        Assert.IsFalse(probe.IsReleased);
        Assert.AreSame(probe, lease.Value);

        lease.Dispose();
        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Lease_DisposedTwice_GivesUpOneReference()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out Probe probe);
        using RefCounted<Probe> other = handle.AddReference();

        // Once by name and once by the end of its using: the compiler must not work on a copy.
        using (RefCounted<Probe>.Lease lease = handle.Borrow())
        {
            lease.Dispose();
        }

        Assert.AreEqual(2, handle.Count);
        Assert.IsFalse(probe.IsReleased);
    }

    [TestMethod]
    public void Lease_AfterItsEnd_HasNoValue()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out _);

        ObjectDisposedException error = Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            RefCounted<Probe>.Lease lease = handle.Borrow();
            lease.Dispose();
            _ = lease.Value;
        });
        Assert.Contains(nameof(Probe), error.ObjectName);
    }

    [TestMethod]
    public void Lease_Default_DisposesToNothing_AndHasNoValue()
    {
        RefCounted<Probe>.Lease lease = default;
        lease.Dispose();
        lease.Dispose();

        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => _ = default(RefCounted<Probe>.Lease).Value);
        Assert.Contains("Borrow", error.Message);
    }

    [TestMethod]
    public void ReleaseByACopiedLease_AfterTheRelease_IsRefusedAndSaid()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> handle = CreateProbe(out Probe probe);

        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            RefCounted<Probe>.Lease lease = handle.Borrow();
            RefCounted<Probe>.Lease copy = lease;
            handle.Dispose();
            lease.Dispose();
            copy.Dispose();
        });

        Assert.Contains("copied", error.Message);
        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Weak_DoesNotCount_AndGetsAReferenceWhileThereIsAnother()
    {
        using IDisposable hold = Hold();
        using RefCounted<Probe> handle = CreateProbe(out Probe probe);
        WeakRefCounted<Probe> weak = handle.CreateWeak();

        Assert.AreEqual(1, handle.Count);
        Assert.IsTrue(weak.IsAlive);
        Assert.IsTrue(weak.TryGetReference(out RefCounted<Probe>? reference));
        Assert.AreSame(probe, reference.Value);
        Assert.AreEqual(2, handle.Count);

        handle.Dispose();
        Assert.IsFalse(probe.IsReleased);
        reference.Dispose();
        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Weak_AfterTheRelease_NeverResurrects()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> handle = CreateProbe(out Probe probe);
        WeakRefCounted<Probe> weak = handle.CreateWeak();
        handle.Dispose();

        for (int attempt = 0; attempt < 1000; attempt++)
        {
            Assert.IsFalse(weak.TryGetReference(out RefCounted<Probe>? reference));
            Assert.IsNull(reference);
            Assert.IsFalse(weak.IsAlive);
        }

        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Weak_FromWithinTheReleaseItself_IsDead()
    {
        using IDisposable hold = Hold();
        WeakRefCounted<Probe>? weak = null;
        bool? aliveInside = null;
        bool? gotOne = null;
        RefCounted<Probe> handle = Create(new Probe(), _ =>
        {
            aliveInside = weak!.IsAlive;
            gotOne = weak.TryGetReference(out RefCounted<Probe>? _);
        });
        weak = handle.CreateWeak();

        handle.Dispose();

        Assert.IsFalse(aliveInside);
        Assert.IsFalse(gotOne);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Weak_AfterTheRelease_DoesNotKeepTheValueInMemory()
    {
        (WeakRefCounted<byte[]> weak, WeakReference<byte[]> memory) = Release();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.IsFalse(memory.TryGetTarget(out _));
        GC.KeepAlive(weak);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        (WeakRefCounted<byte[]>, WeakReference<byte[]>) Release()
        {
            using IDisposable hold = Hold();
            byte[] bytes = new byte[1000];
            using RefCounted<byte[]> handle = Create(bytes);
            return (handle.CreateWeak(), new WeakReference<byte[]>(bytes));
        }
    }

    [TestMethod]
    public void CreateCyclic_WhileTheValueIsMade_NobodyGetsAReference()
    {
        using IDisposable hold = Hold();
        WeakRefCounted<Probe>? self = null;
        using RefCounted<Probe> handle = CreateCyclic<Probe>(weak =>
        {
            self = weak;
            Assert.IsFalse(weak.IsAlive);
            Assert.IsFalse(weak.TryGetReference(out _));
            return new Probe();
        });

        Assert.IsTrue(self!.IsAlive);
        Assert.AreEqual(1, handle.Count);
        Assert.IsTrue(self.TryGetReference(out RefCounted<Probe>? reference));
        Assert.AreEqual(2, handle.Count);
        reference.Dispose();
    }

    [TestMethod]
    public void CreateCyclic_WhoseFactoryThrows_LeavesNothingAlive()
    {
        using IDisposable hold = Hold();
        WeakRefCounted<Probe>? self = null;

        Assert.ThrowsExactly<NotSupportedException>(() => CreateCyclic<Probe>(weak =>
        {
            self = weak;
            throw new NotSupportedException();
        }));

        Assert.IsFalse(self!.IsAlive);
        Assert.IsFalse(self.TryGetReference(out _));
    }
}
