namespace GilSharp.Tests.RefCounting;

/// <summary>What the modes with a lock promise besides.</summary>
public abstract class ExclusiveRefCountedContract : RefCountedContract
{
    [TestMethod]
    public void Lock_IsAReference_AndGivesTheValue()
    {
        using RefCounted<string> handle = Create("value");
        using (RefCounted<string>.Guard guard = handle.Lock())
        {
            Assert.AreEqual("value", guard.Value);
            using IDisposable hold = Hold();
            Assert.AreEqual(2, handle.Count);
        }

        using (Hold())
        {
            Assert.AreEqual(1, handle.Count);
        }
    }

    [TestMethod]
    public void Guard_OutlivingEveryHandle_KeepsTheValue_AndReleasesItAtItsEnd()
    {
        Probe probe = new();
        RefCounted<Probe> handle = Create(probe, static value => value.Release());
        using (RefCounted<Probe>.Guard guard = handle.Lock())
        {
            handle.Dispose();
            guard.Value.Use();
        }

        Assert.AreEqual(1, probe.Releases);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Guard_WhoseReleaseThrows_LetsTheExceptionOut_AndLetsOthersIn()
    {
        RefCounted<Probe> handle = Create(new Probe(), _ => throw new NotSupportedException());

        Assert.ThrowsExactly<NotSupportedException>(() =>
        {
            using RefCounted<Probe>.Guard guard = handle.Lock();
            handle.Dispose();
        });

        Thread other = new(() => Hold().Dispose());
        other.Start();
        other.Join();
    }

    [TestMethod]
    public void Guard_DisposedTwice_GivesUpOneReference()
    {
        using RefCounted<string> handle = Create("value");
        using RefCounted<string>.Guard outer = handle.Lock();
        using (RefCounted<string>.Guard inner = handle.Lock())
        {
            inner.Dispose();
            inner.Dispose();
        }

        using IDisposable hold = Hold();
        Assert.AreEqual(2, handle.Count);
    }

    [TestMethod]
    public void Guard_DefaultOrEnded_HasNoValue()
    {
        using RefCounted<string> handle = Create("value");
        RefCounted<string>.Guard none = default;
        none.Dispose();

        Assert.Contains("Lock", Assert.ThrowsExactly<InvalidOperationException>(() => _ = default(RefCounted<string>.Guard).Value).Message);
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            RefCounted<string>.Guard guard = handle.Lock();
            guard.Dispose();
            _ = guard.Value;
        });
    }

    [TestMethod]
    public void Lock_OfADisposedHandle_OrAFullCount_LeavesNothingLocked()
    {
        RefCounted<string> handle = Create("value");
        RefCounted<string> other;
        using (Hold())
        {
            other = handle.AddReference();
        }

        other.BlockForTest!.Word.SetForTest(int.MaxValue);
        Assert.ThrowsExactly<OverflowException>(() => handle.Lock().Dispose());
        other.BlockForTest!.Word.SetForTest(2);
        handle.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => handle.Lock().Dispose());

        Thread thread = new(() =>
        {
            using RefCounted<string>.Guard guard = other.Lock();
        });
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromSeconds(60)));
        using (Hold())
        {
            Assert.AreEqual(1, other.Count);
            other.Dispose();
        }
    }

    /// <summary>A plain counter in the value: without exclusive use it would lose some.</summary>
    [TestMethod]
    [Timeout(120_000)]
    public void Guards_OfTwoThreads_ExcludeEachOther()
    {
        int times = Rounds;
        using RefCounted<int[]> handle = Create(new int[1]);

        CountingWorkload.Run(times, () =>
        {
            using RefCounted<int[]>.Guard guard = handle.Lock();
            guard.Value[0]++;
        });

        using RefCounted<int[]>.Guard last = handle.Lock();
        Assert.AreEqual(CountingWorkload.Threads * times, last.Value[0]);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Lock_WhileAnotherThreadHasIt_WaitsUntilItsEnd()
    {
        using RefCounted<int[]> handle = Create(new int[1]);
        using ManualResetEventSlim about = new();
        int seen = -1;
        Thread other = new(() =>
        {
            about.Set();
            using RefCounted<int[]>.Guard guard = handle.Lock();
            seen = guard.Value[0];
        });

        using (RefCounted<int[]>.Guard guard = handle.Lock())
        {
            other.Start();
            about.Wait();

            // The other is waiting by now or soon; in either case it comes after the write.
            guard.Value[0] = 42;
        }

        other.Join();
        Assert.AreEqual(42, seen);
    }
}
