using System.Runtime.CompilerServices;
using GilSharp.RefCounting;

namespace GilSharp;

/// <content>References that live on the stack.</content>
public sealed partial class RefCounted<T>
{
    /// <summary>Keeps the value alive for a scope, without a handle and without an allocation.</summary>
    /// <returns>The lease, which is to be disposed once: <c>using</c> does that.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    /// <exception cref="OverflowException">There are 2,147,483,647 references already; the count is unchanged.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    /// <example><code>
    /// using RefCounted&lt;byte[]&gt;.Lease lease = buffer.Borrow();   // whoever disposes the handle now, the array is not released
    /// Console.WriteLine(lease.Value.Length);
    /// </code></example>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lease Borrow()
    {
        Anchor anchor = Volatile.Read(ref _anchor);
        if (anchor.Kind == AnchorKind.Atomic)
        {
            if (Unsafe.As<ControlBlock>(anchor).TryRetain())
            {
                return new Lease(anchor, 0);
            }
        }
        else if (anchor.Kind == AnchorKind.GilCounted)
        {
            long holder = Unsafe.As<ControlBlock>(anchor).Gil!.HolderIfCurrent;
            if (holder != 0 && Unsafe.As<ControlBlock>(anchor).Word.TryIncrementUnderLock())
            {
                return new Lease(anchor, holder);
            }
        }

        return BorrowRarely(anchor);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Lease BorrowRarely(Anchor anchor)
    {
        if (anchor.Block is { } block && block.TryRetain())
        {
            Anchor watched = anchor.Kind == AnchorKind.Tracked ? LeakSampling.WatchScope(block, typeof(T)) : block;
            return new Lease(watched, block.Gil is { } gil ? gil.HolderIfCurrent : 0);
        }

        // Disposed, or disposed by another thread since the first look; ours was not counted in either case.
        throw Refusals.HandleDisposed(typeof(T), Volatile.Read(ref _anchor));
    }

    /// <summary>One reference to a value, for as long as a scope lasts. It may not be copied: each <see cref="Borrow"/> is disposed once.</summary>
    /// <remarks>
    /// A copy that is disposed as well gives up a reference that belongs to somebody else. The compiler refuses it through the analyzer in this package;
    /// at run time it is found when <see cref="RefCountDiagnostics.LeakDetection"/> is <see cref="LeakDetectionLevel.Full"/>.
    /// </remarks>
    public ref struct Lease
    {
        // Null: a default lease. A control block: counted there. Else watched, or ended.
        private Anchor? _anchor;

        // In GIL-counted mode the number of the thread that borrowed. A lease can't leave its thread, so it need not ask again who that is.
        private readonly long _holder;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Lease(Anchor anchor, long holder)
        {
            _anchor = anchor;
            _holder = holder;
        }

        /// <summary>The value, which is alive until this lease is disposed.</summary>
        /// <exception cref="InvalidOperationException">This is a default lease, which refers to no value.</exception>
        /// <exception cref="ObjectDisposedException">This lease is disposed.</exception>
        /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
        public readonly T Value
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                Anchor? anchor = _anchor;
                return anchor is not null
                    && (anchor.Kind <= AnchorKind.LockGuarded || (anchor.Kind == AnchorKind.GilCounted && IsHeld(anchor)))
                    ? Unsafe.As<ControlBlock<T>>(anchor).Value
                    : ScopeAnchor.DemandBlock<T>(anchor, nameof(Lease), nameof(Borrow)).Value;
            }
        }

        /// <summary>
        /// Ends the lease. If it was the last reference, the value is released before the call returns, as by
        /// <see cref="RefCounted{T}.Dispose"/>; a second call does nothing.
        /// </summary>
        /// <exception cref="InvalidOperationException">This lease is a copy of one that was disposed before.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            Anchor? anchor = _anchor;
            if (anchor is null)
            {
                return;
            }

            _anchor = Tombstone.OfScopes;
            if (anchor.Kind != AnchorKind.GilCounted || !IsHeld(anchor) || !Unsafe.As<ControlBlock>(anchor).Word.TryDecrementUnderLock())
            {
                ScopeAnchor.Release(anchor, nameof(Lease));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly bool IsHeld(Anchor counted) => Unsafe.As<ControlBlock>(counted).Gil!.IsHeldByMe(_holder);
    }
}
