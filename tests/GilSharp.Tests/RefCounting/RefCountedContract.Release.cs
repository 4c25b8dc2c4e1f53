namespace GilSharp.Tests.RefCounting;

/// <content>What happens at the last reference.</content>
public abstract partial class RefCountedContract
{
    [TestMethod]
    public void Release_OfADisposableValue_DisposesIt()
    {
        using IDisposable hold = Hold();
        DisposableProbe probe = new();

        Create(probe).Dispose();

        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void Release_WithOnRelease_LeavesTheValuesOwnDisposalToIt()
    {
        using IDisposable hold = Hold();
        DisposableProbe probe = new();
        DisposableProbe? released = null;

        Create(probe, value => released = value).Dispose();

        Assert.AreSame(probe, released);
        Assert.AreEqual(0, probe.Releases);
    }

    [TestMethod]
    public void Release_OfAValueWithoutDisposal_DoesNothing()
    {
        using IDisposable hold = Hold();
        RefCounted<string> handle = Create("plain");

        handle.Dispose();

        Assert.IsTrue(handle.IsDisposed);
    }

    [TestMethod]
    public void Release_OfAStruct_GivesItToOnReleaseWhole()
    {
        using IDisposable hold = Hold();
        (nint, long, string) released = default;

        Create<(nint, long, string)>((1, 2, "three"), value => released = value).Dispose();

        Assert.AreEqual((1, 2L, "three"), released);
    }

    [TestMethod]
    public void Release_ThatThrows_ReachesTheDisposer_AndCountsAsDone()
    {
        using IDisposable hold = Hold();
        int releases = 0;
        RefCounted<Probe> handle = Create(new Probe(), _ =>
        {
            releases++;
            throw new NotSupportedException("from the release");
        });
        RefCounted<Probe> other = handle.AddReference();
        WeakRefCounted<Probe> weak = handle.CreateWeak();
        handle.Dispose();

        Assert.AreEqual("from the release", Assert.ThrowsExactly<NotSupportedException>(other.Dispose).Message);

        other.Dispose();
        handle.Dispose();
        Assert.IsFalse(weak.IsAlive);
        Assert.AreEqual(1, releases);
    }

    [TestMethod]
    public void Release_ThatThrows_ReachesTheEndOfTheLease()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe> handle = Create(new Probe(), _ => throw new NotSupportedException());

        Assert.ThrowsExactly<NotSupportedException>(() =>
        {
            using RefCounted<Probe>.Lease lease = handle.Borrow();
            handle.Dispose();
        });
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Release_ThatComesBackToTheHandle_MeetsNoLock()
    {
        using IDisposable hold = Hold();
        RefCounted<Probe>? handle = null;
        RefCounted<Probe> neighbour = CreateProbe(out Probe neighbourProbe);
        bool done = false;
        handle = Create(new Probe(), _ =>
        {
            handle!.Dispose();
            Assert.IsTrue(handle.IsDisposed);
            Assert.IsFalse(handle.TryAddReference(out RefCounted<Probe>? _));
            Assert.ThrowsExactly<ObjectDisposedException>(() => _ = handle.Value);
            neighbour.Dispose();
            Create(new DisposableProbe()).Dispose();
            done = true;
        });

        handle.Dispose();

        Assert.IsTrue(done);
        Assert.IsTrue(neighbourProbe.IsReleased);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Dispose_OfAnAsyncOnlyValue_RunsItOnThePool_AndWaits()
    {
        using IDisposable hold = Hold();
        AsyncProbe probe = new(async () => await Task.Yield());

        Create(probe).Dispose();

        Assert.AreEqual(1, probe.Releases);
        Assert.IsTrue(probe.DisposedOnPool);
        Assert.AreNotSame(Thread.CurrentThread, probe.DisposingThread);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Lease_ThatIsTheLastOfAnAsyncOnlyValue_WaitsForItsDisposal()
    {
        using IDisposable hold = Hold();
        AsyncProbe probe = new(async () => await Task.Yield());
        RefCounted<AsyncProbe> handle = Create(probe);

        using (RefCounted<AsyncProbe>.Lease lease = handle.Borrow())
        {
            handle.Dispose();
            Assert.IsFalse(probe.IsReleased);
        }

        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Dispose_OfAnAsyncOnlyValueThatThrows_ThrowsTheSame()
    {
        using IDisposable hold = Hold();
        RefCounted<AsyncProbe> handle = Create(new AsyncProbe(async () =>
        {
            await Task.Yield();
            throw new NotSupportedException("async release");
        }));

        Assert.AreEqual("async release", Assert.ThrowsExactly<NotSupportedException>(handle.Dispose).Message);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void DisposeAsync_OfTheLast_EndsWhenTheValueIsReleased_AndNotBefore()
    {
        using IDisposable hold = Hold();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AsyncProbe probe = new(() => new ValueTask(gate.Task));

        Task disposal = Create(probe).DisposeAsync().AsTask();
        Assert.IsFalse(disposal.IsCompleted);
        Assert.IsFalse(probe.IsReleased);

        gate.SetResult();
        disposal.GetAwaiter().GetResult();
        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    public void DisposeAsync_OfAnother_EndsAtOnce()
    {
        using IDisposable hold = Hold();
        AsyncProbe probe = new();
        RefCounted<AsyncProbe> handle = Create(probe);
        RefCounted<AsyncProbe> other = handle.AddReference();

        AssertEndedAtOnce(handle.DisposeAsync());
        AssertEndedAtOnce(handle.DisposeAsync());
        Assert.IsFalse(probe.IsReleased);
        Assert.AreEqual(1, other.Count);
        other.Dispose();
    }

    [TestMethod]
    public void DisposeAsync_OfAValueWithBothWays_TakesTheAsynchronousOne_AndDisposeTheOther()
    {
        using IDisposable hold = Hold();
        BothProbe byAsync = new();
        BothProbe bySync = new();

        AssertEndedAtOnce(Create(byAsync).DisposeAsync());
        Create(bySync).Dispose();

        Assert.AreEqual((1, true), (byAsync.Releases, byAsync.WasAsync));
        Assert.AreEqual((1, false), (bySync.Releases, bySync.WasAsync));
    }

    [TestMethod]
    public void MixedDisposals_TheLastOneDecidesHow()
    {
        using IDisposable hold = Hold();
        BothProbe lastIsAsync = new();
        RefCounted<BothProbe> first = Create(lastIsAsync);
        RefCounted<BothProbe> second = first.AddReference();
        first.Dispose();
        AssertEndedAtOnce(second.DisposeAsync());

        BothProbe lastIsSync = new();
        first = Create(lastIsSync);
        second = first.AddReference();
        AssertEndedAtOnce(first.DisposeAsync());
        second.Dispose();

        Assert.AreEqual((1, true), (lastIsAsync.Releases, lastIsAsync.WasAsync));
        Assert.AreEqual((1, false), (lastIsSync.Releases, lastIsSync.WasAsync));
    }

    [TestMethod]
    public void DisposeAsync_WithADisposableValueOrOnRelease_RunsThoseInPlace()
    {
        using IDisposable hold = Hold();
        DisposableProbe disposable = new();
        AsyncProbe viaOnRelease = new();
        int calls = 0;

        AssertEndedAtOnce(Create(disposable).DisposeAsync());
        AssertEndedAtOnce(Create(viaOnRelease, _ => calls++).DisposeAsync());

        Assert.AreEqual(1, disposable.Releases);
        Assert.AreEqual((1, 0), (calls, viaOnRelease.Releases));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void DisposeAsync_WhoseReleaseThrows_FailsInTheTask_NotAtTheCall()
    {
        using IDisposable hold = Hold();
        Task bySync = Create(new Probe(), _ => throw new NotSupportedException()).DisposeAsync().AsTask();
        Task byAsync = Create(new AsyncProbe(() => throw new NotSupportedException())).DisposeAsync().AsTask();

        Assert.ThrowsExactly<NotSupportedException>(() => bySync.GetAwaiter().GetResult());
        Assert.ThrowsExactly<NotSupportedException>(() => byAsync.GetAwaiter().GetResult());
    }

    private static void AssertEndedAtOnce(ValueTask disposal) => Assert.IsTrue(disposal.IsCompletedSuccessfully);
}
