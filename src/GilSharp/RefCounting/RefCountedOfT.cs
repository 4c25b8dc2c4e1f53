using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GilSharp.RefCounting;

namespace GilSharp;

/// <summary>A counted handle to a shared value, which is released exactly once, when its last handle is disposed.</summary>
/// <remarks>
/// <para>Give every owner a handle of its own with <see cref="AddReference"/>; who only looks takes a <see cref="Borrow"/>. A handle may be used by
/// several threads at once, also while one of them disposes it: a call either comes before the disposal or finds the handle disposed.</para>
/// <para>A value that was created under a <see cref="GlobalInterpreterLock"/> is looked at and counted by the holder of that lock only; every member
/// but <see cref="Dispose"/>, <see cref="DisposeAsync"/>, <see cref="IsDisposed"/>, <see cref="Mode"/> and <see cref="Lock"/> throws
/// <see cref="SynchronizationLockException"/> on other threads.</para>
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class RefCounted<T> : IDisposable, IAsyncDisposable
    where T : notnull
{
    // Changes once in its life, from where the reference is counted to a tombstone: the exchange is the disposal of this handle.
    private Anchor _anchor;

    private RefCounted(Anchor anchor) => _anchor = anchor;

    /// <summary>The shared value.</summary>
    /// <remarks>
    /// It stays alive as long as this handle does. Code that may run while somebody else disposes this handle takes a <see cref="Borrow"/>.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Anchor anchor = Volatile.Read(ref _anchor);
            ControlBlock block = anchor.Kind <= AnchorKind.GilCounted && Unsafe.As<ControlBlock>(anchor).MayBeLookedAt
                ? Unsafe.As<ControlBlock>(anchor)
                : DemandBlockToLookAt(anchor);
            T value = Unsafe.As<ControlBlock<T>>(block).Value;

            // The order matters: had the handle been disposed before the value was read, the value might have been released and taken out of the
            // block. The barrier keeps the first read before the second.
            Volatile.ReadBarrier();
            return ReferenceEquals(Volatile.Read(ref _anchor), anchor) ? value : throw Refusals.HandleDisposed(typeof(T), _anchor);
        }
    }

    /// <summary>How many references there are at this moment, this one included: handles, leases and guards; weak handles do not count.</summary>
    /// <remarks>For diagnosis. By the time the number is looked at, other threads may have changed it.</remarks>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public int Count
    {
        get
        {
            Anchor anchor = Volatile.Read(ref _anchor);
            int count = DemandBlockToLookAt(anchor).Word.Count;

            // A count from after the disposal may say 0, which no living handle has ever seen.
            return ReferenceEquals(Volatile.Read(ref _anchor), anchor) ? count : throw Refusals.HandleDisposed(typeof(T), _anchor);
        }
    }

    /// <summary>True once this handle is disposed; the value may live on through others.</summary>
    public bool IsDisposed => Volatile.Read(ref _anchor).Kind == AnchorKind.Ended;

    /// <summary>How references to the value are counted.</summary>
    public RefCountMode Mode => Volatile.Read(ref _anchor).Mode;

    /// <summary>Takes another reference to the value, as a handle of its own.</summary>
    /// <returns>The new handle; <see cref="Count"/> is one more.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    /// <exception cref="OverflowException">There are 2,147,483,647 references already; the count is unchanged.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public RefCounted<T> AddReference()
    {
        Anchor anchor = Volatile.Read(ref _anchor);
        ControlBlock block = DemandBlock(anchor);
        return block.TryRetain() ? Fasten(block) : throw Refusals.HandleDisposed(typeof(T), Volatile.Read(ref _anchor));
    }

    /// <summary>Takes another reference to the value, unless this handle is disposed.</summary>
    /// <param name="reference">The new handle, or null.</param>
    /// <returns>True if there is a new handle.</returns>
    /// <exception cref="OverflowException">There are 2,147,483,647 references already; the count is unchanged.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public bool TryAddReference([NotNullWhen(true)] out RefCounted<T>? reference)
    {
        ControlBlock? block = Volatile.Read(ref _anchor).Block;
        reference = block is not null && block.TryRetain() ? Fasten(block) : null;
        return reference is not null;
    }

    /// <summary>Makes a handle that does not keep the value alive.</summary>
    /// <returns>The weak handle, which needs no disposal.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public WeakRefCounted<T> CreateWeak()
    {
        ControlBlock block = DemandBlockToLookAt(Volatile.Read(ref _anchor));
        return new WeakRefCounted<T>(Unsafe.As<ControlBlock<T>>(block));
    }

    /// <summary>Ends this handle. The one that was the last releases the value before it returns; a second call does nothing.</summary>
    /// <remarks>
    /// <para>The value is released by <c>onRelease</c> if there is one, else by its own <c>Dispose</c>, else by its own <c>DisposeAsync</c>, which then
    /// runs on the thread pool while this call waits. An exception from any of them reaches the caller; the value counts as released.</para>
    /// <para>A value counted under a lock that the calling thread does not hold: the call returns at once, and the next holder of the lock carries the
    /// disposal out.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">A lease or guard was copied and has given up the reference of this handle.</exception>
    public void Dispose()
    {
        if (TryEnd(out ControlBlock? block))
        {
            block.Release();
        }
    }

    /// <summary>Ends this handle. If it was the last, the task ends when the value is released; a second call does nothing.</summary>
    /// <remarks>
    /// <para>The value is released by <c>onRelease</c> if there is one, else by its own <c>DisposeAsync</c>, else by its own <c>Dispose</c>. An exception from
    /// any of them comes in the task; the value counts as released.</para>
    /// <para>A value counted under a lock that the calling thread does not hold: the task ends when the next holder of the lock has carried the disposal
    /// out, so the holder itself must not wait for it.</para>
    /// </remarks>
    /// <returns>The end of the disposal.</returns>
    public ValueTask DisposeAsync() => TryEnd(out ControlBlock? block) ? block.ReleaseAsync() : ValueTask.CompletedTask;

    /// <summary>A handle for a reference that has been counted already.</summary>
    internal static RefCounted<T> Fasten(ControlBlock block) =>
        new(RefCountDiagnostics.IsDisabled ? block : LeakSampling.Watch(block, typeof(T)));

    // For the tests, which put counts where no program gets them in time.
    internal ControlBlock? BlockForTest => Volatile.Read(ref _anchor).Block;

    // Without the checks of Value and Count: the debugger holds no lock, and looks at handles that have ended too.
    private string DebuggerDisplay =>
        Volatile.Read(ref _anchor).Block is not { } block ? $"{typeof(T).Name}: disposed"
        : $"{((ControlBlock<T>)block).Value}: {block.Word.Count} references";

    private bool TryEnd([NotNullWhen(true)] out ControlBlock? block)
    {
        Anchor anchor = Volatile.Read(ref _anchor);
        if (anchor.Kind != AnchorKind.Ended && Interlocked.CompareExchange(ref _anchor, Tombstone.For(anchor), anchor) == anchor)
        {
            // Interlocked: of two disposals at once only one may give the reference up, or the other gives up somebody else's.
            block = anchor.Kind == AnchorKind.Tracked ? ((TrackedReference)anchor).End() : Unsafe.As<ControlBlock>(anchor);
            return block is not null;
        }

        block = null;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ControlBlock DemandBlock(Anchor anchor) =>
        anchor.Kind <= AnchorKind.GilCounted ? Unsafe.As<ControlBlock>(anchor) : DemandBlockBehind(anchor);

    private static ControlBlock DemandBlockBehind(Anchor anchor) => anchor.Block ?? throw Refusals.HandleDisposed(typeof(T), anchor);

    private static ControlBlock DemandBlockToLookAt(Anchor anchor)
    {
        ControlBlock block = DemandBlock(anchor);
        block.DemandGil();
        return block;
    }
}
