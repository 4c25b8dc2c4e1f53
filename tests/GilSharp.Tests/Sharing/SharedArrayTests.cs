using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Ipc;

namespace GilSharp.Tests.Sharing;

/// <summary>Shared arrays within one process: handles, counts, windows, and what is refused.</summary>
[TestClass]
public sealed class SharedArrayTests
{
    private int _before;

    [TestInitialize]
    public void CountMappings()
    {
        // What carried large values in other tests ends some seconds later: that would be counted, too.
        Assert.IsTrue(SpinWait.SpinUntil(() =>
        {
            GilSharp.Sharing.RegionPool.Shared.EndUnused();
            return GilSharp.Sharing.RegionPool.Shared.Count == 0;
        }, TimeSpan.FromSeconds(30)));
        _before = SharedMappings.Count();
    }

    // Less where what another test has left ends meanwhile.
    [TestCleanup]
    public void NothingIsLeft() => Assert.IsLessThanOrEqualTo(_before, SharedMappings.Count());

    [TestMethod]
    public void NewArray_IsZeroed_AndKeepsWhatIsWritten()
    {
        using SharedArray<int> array = new(1000);
        Assert.AreEqual(1000, array.Length);
        Assert.IsFalse(array.Span.ContainsAnyExcept(0));
        array[999] = 7;
        array.Span[0] = 3;
        Assert.AreEqual((3, 7), (array[0], array.Span[999]));
    }

    [TestMethod]
    public void ArrayOfElements_HasThem()
    {
        using SharedArray<double> array = new([1.5, 2.5, 3.5]);
        CollectionAssert.AreEqual(new[] { 1.5, 2.5, 3.5 }, array.Span.ToArray());
    }

    [TestMethod]
    public void EmptyArray_IsAllowed()
    {
        using SharedArray<Guid> array = new(0);
        Assert.AreEqual(0, array.Span.Length);
        using SharedArray<Guid> slice = array.Slice(0, 0);
        Assert.AreEqual(0, slice.Memory.Length);
    }

    [TestMethod]
    public void NegativeLength_IsRefusedByName() =>
        Assert.AreEqual("length", Assert.ThrowsExactly<ArgumentOutOfRangeException>(static () => new SharedArray<int>(-1)).ParamName);

    [TestMethod]
    public void MoreThanTheMemory_IsAnExceptionThatSaysHowMuch_NotACrash()
    {
        InsufficientMemoryException error = Assert.ThrowsExactly<InsufficientMemoryException>(static () => new SharedArray<Block>(int.MaxValue));
        Assert.Contains("2,199,023,254,528", error.Message);
    }

    [TestMethod]
    public void AfterDispose_EverythingThrows_ButLengthAndDispose()
    {
        SharedArray<int> array = new(4);
        Memory<int> memory = array.Memory;
        array.Dispose();
        array.Dispose();
        Assert.IsTrue(array.IsDisposed);
        Assert.AreEqual(4, array.Length);
        Assert.Contains("AddReference", Assert.ThrowsExactly<ObjectDisposedException>(() => array.Span.Length).Message);
        Assert.ThrowsExactly<ObjectDisposedException>(() => array.Memory);
        Assert.ThrowsExactly<ObjectDisposedException>(() => memory.Span.Length);
        Assert.ThrowsExactly<ObjectDisposedException>(() => memory.Pin());
        Assert.ThrowsExactly<ObjectDisposedException>(() => array[0]);
        Assert.ThrowsExactly<ObjectDisposedException>(() => array.Count);
        Assert.ThrowsExactly<ObjectDisposedException>(() => array.AddReference());
        Assert.ThrowsExactly<ObjectDisposedException>(() => array.Slice(1));
        Assert.ThrowsExactly<ObjectDisposedException>(() => array.AsReadOnly());
        Assert.ThrowsExactly<ObjectDisposedException>(() => { using SharedArray<int>.Lease lease = array.Borrow(); });
        Assert.IsFalse(array.TryAddReference(out _));
    }

    [TestMethod]
    public void MemoryStays_UntilTheLastHandleIsDisposed_AndGoesThen()
    {
        SharedArray<int> first = new(10);
        SharedArray<int> second = first.AddReference();
        SharedArray<int> slice = second.Slice(5);
        Assert.AreEqual(3, first.Count);
        first[5] = 42;
        first.Dispose();
        Assert.AreEqual((42, 42, 2), (second[5], slice[0], slice.Count));
        second.Dispose();
        Assert.AreEqual(42, slice[0]);
        Assert.IsGreaterThan(_before, SharedMappings.Count());
        slice.Dispose();
        Assert.IsLessThanOrEqualTo(_before, SharedMappings.Count());
    }

    [TestMethod]
    public void DisposingAHandleTwice_TakesNothingFromTheOthers()
    {
        SharedArray<int> first = new(1);
        using SharedArray<int> second = first.AddReference();
        first.Dispose();
        first.Dispose();
        Assert.AreEqual(1, second.Count);
        second[0] = 1;
    }

    [TestMethod]
    [DataRow(-1, 1, "start")]
    [DataRow(11, 0, "start")]
    [DataRow(0, 11, "length")]
    [DataRow(5, 6, "length")]
    [DataRow(5, -1, "length")]
    public void SliceOutsideOfTheArray_IsRefused(int start, int length, string name)
    {
        using SharedArray<int> array = new(10);
        Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => array.Slice(start, length)).ParamName);
    }

    [TestMethod]
    public void SliceOfASlice_CountsFromTheSlice()
    {
        using SharedArray<int> array = new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        using SharedArray<int> outer = array.Slice(2, 6);
        using SharedArray<int> inner = outer.Slice(3);
        CollectionAssert.AreEqual(new[] { 5, 6, 7 }, inner.Span.ToArray());
        inner[0] = 50;
        Assert.AreEqual(50, array[5]);
    }

    [TestMethod]
    public void IndexOutside_Throws()
    {
        using SharedArray<int> array = new(2);
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => array[2]);
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => array[-1]);
    }

    [TestMethod]
    public void Lease_KeepsTheMemory_WhenTheHandleIsDisposedUnderIt()
    {
        SharedArray<int> array = new([1, 2, 3]);
        using (SharedArray<int>.Lease lease = array.Borrow())
        {
            array.Dispose();
            Assert.AreEqual(3, lease.Span[2]);
            Assert.IsGreaterThan(_before, SharedMappings.Count());
        }

        Assert.IsLessThanOrEqualTo(_before, SharedMappings.Count());
    }

    [TestMethod]
    public void LeaseThatIsDefaultOrOver_Throws()
    {
        Assert.ThrowsExactly<InvalidOperationException>(static () => default(SharedArray<int>.Lease).Span.Length);
        using SharedArray<int> array = new(1);
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            SharedArray<int>.Lease lease = array.Borrow();
            lease.Dispose();
            lease.Dispose();
            return lease.Span.Length;
        });
    }

    [TestMethod]
    public unsafe void PinOfMemory_IsAReference()
    {
        SharedArray<int> array = new([1, 2, 3]);
        MemoryHandle pin = array.Memory[1..].Pin();
        array.Dispose();
        Assert.AreEqual(2, *(int*)pin.Pointer);
        Assert.IsGreaterThan(_before, SharedMappings.Count());
        pin.Dispose();
        pin.Dispose();
        Assert.IsLessThanOrEqualTo(_before, SharedMappings.Count());
    }

    [TestMethod]
    public void ReadOnlyView_ShowsWhatOthersWrite_AndCountsAsAHandle()
    {
        using SharedArray<int> array = new([1, 2, 3, 4]);
        using (ReadOnlySharedArray<int> view = array.AsReadOnly())
        using (ReadOnlySharedArray<int> slice = view.Slice(1, 2))
        {
            array[1] = 20;
            Assert.AreEqual((20, 20, 3), (view[1], slice.Span[0], array.Count));
            CollectionAssert.AreEqual(new[] { 20, 3 }, slice.Memory.ToArray());
            using ReadOnlySharedArray<int>.Lease lease = slice.Borrow();
            Assert.AreEqual(3, lease.Span[1]);
        }

        Assert.AreEqual(1, array.Count);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void WhereASystemForbidsTheBestWay_TheNextOneServes(int best)
    {
        SharedMemory.BestForTest = (SharedMemoryKind)best;
        try
        {
            using SharedArray<long> array = new([1, 2, 3]);
            array[2] = 30;
            Assert.AreEqual(30, array.AddReferenceAndRead(2));
        }
        finally
        {
            SharedMemory.BestForTest = default;
        }

        Assert.IsEmpty(Directory.GetFiles("/dev/shm", "gilsharp-array*"));
        Assert.IsEmpty(Directory.GetFiles(Path.GetTempPath(), "gilsharp-array*"));
    }

    [TestMethod]
    public void SizeOfTheMemory_CantChange()
    {
        using SharedArray<byte> array = new(5000);
        using FileStream file = new($"/proc/self/fd/{((GilSharp.Sharing.ISharedWindow)array).Region.Value.Descriptor}", FileMode.Open, FileAccess.ReadWrite);
        Assert.AreEqual(5000, file.Length);
        Assert.Throws<Exception>(() => file.SetLength(0));
        Assert.Throws<Exception>(() => file.SetLength(10_000));
        array[4999] = 1;
    }

    [TestMethod]
    public void ForgottenHandle_IsReported_AndTheMemoryStays()
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        using ManualResetEventSlim reported = new();
        EventHandler<RefCountLeakEventArgs> note = (_, args) =>
        {
            if (args.CreationStackTrace?.Contains(nameof(ForgetASlice), StringComparison.Ordinal) == true) reported.Set();
        };
        RefCountDiagnostics.LeakDetected += note;
        try
        {
            using SharedArray<int> array = new(4);
            ForgetASlice(array);
            for (int i = 0; i < 500 && !reported.IsSet; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                reported.Wait(10);
            }

            Assert.IsTrue(reported.IsSet);
            Assert.AreEqual(2, array.Count);
            RefCounted<GilSharp.Sharing.SharedRegion> region = ((GilSharp.Sharing.ISharedWindow)array).Region;
            region.BlockForTest!.Release(); // nobody else can any more
        }
        finally
        {
            RefCountDiagnostics.LeakDetected -= note;
            RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;
        }
    }

    [TestMethod]
    public void ManyThreads_TakingAndEndingHandles_FreeTheMemoryOnce()
    {
        SharedArray<int> array = new(100);
        Parallel.For(0, 2000 * TestEffort.Factor, i =>
        {
            if (!array.TryAddReference(out SharedArray<int>? reference)) return;
            using SharedArray<int> slice = reference.Slice(i % 100);
            reference.Dispose();
            _ = slice.Length == 0 ? 0 : slice[0];
        });
        Assert.AreEqual(1, array.Count);
        array.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetASlice(SharedArray<int> array) => _ = array.Slice(1);

    [StructLayout(LayoutKind.Sequential, Size = 1024)]
    private struct Block;
}

internal static class SharedArrayReading
{
    internal static T AddReferenceAndRead<T>(this SharedArray<T> array, int index) where T : unmanaged
    {
        using SharedArray<T> reference = array.AddReference();
        return reference[index];
    }
}
