using GilSharp.RefCounting;

namespace GilSharp;

/// <content>Exclusive use of the value.</content>
public sealed partial class RefCounted<T>
{
    /// <summary>Waits until nobody else has exclusive use of the value, and takes it. The guard is a reference to the value as well.</summary>
    /// <remarks>
    /// <para>Re-entrant on one thread. In lock-guarded mode it excludes other guards, not those who read <see cref="Value"/> without one, and nobody who
    /// only counts. In GIL-counted mode it enters the lock itself, so it excludes everybody who goes by the rules of that lock; the exclusive use ends
    /// at the holder's next <see cref="GlobalInterpreterLock.Checkpoint"/> or <see cref="GlobalInterpreterLock.ReleaseScope"/>, which let others in.</para>
    /// </remarks>
    /// <returns>The guard, which is to be disposed once, by this thread: <c>using</c> does that.</returns>
    /// <exception cref="InvalidOperationException">The mode is <see cref="RefCountMode.Atomic"/>, which has no lock.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed, or the lock that counts the value is.</exception>
    /// <exception cref="OverflowException">There are 2,147,483,647 references already; the count is unchanged.</exception>
    /// <exception cref="AbandonedMutexException">A thread ended while it held the lock that counts the value; it is not held by the caller.</exception>
    public Guard Lock()
    {
        ControlBlock block = DemandBlock(Volatile.Read(ref _anchor));
        return block.Mode switch
        {
            RefCountMode.LockGuarded => LockExclusive(block),
            RefCountMode.GilCounted => EnterGil(block, block.Gil!),
            _ => throw Refusals.LockInAtomicMode(typeof(T)),
        };
    }

    private Guard LockExclusive(ControlBlock block)
    {
        // First the reference, then the wait: what is waited for must be alive when the turn comes.
        RetainForGuard(block);
        try
        {
            Monitor.Enter(block.Exclusive!);
        }
        catch
        {
            block.Release();
            throw;
        }

        return new Guard(WatchGuard(block));
    }

    private Guard EnterGil(ControlBlock block, GlobalInterpreterLock gil)
    {
        GlobalInterpreterLock.Scope scope = gil.EnterScope();
        try
        {
            RetainForGuard(block);
        }
        catch
        {
            scope.Dispose();
            throw;
        }

        return new Guard(WatchGuard(block), scope);
    }

    private void RetainForGuard(ControlBlock block)
    {
        if (!block.TryRetain())
        {
            throw Refusals.HandleDisposed(typeof(T), Volatile.Read(ref _anchor));
        }
    }

    private Anchor WatchGuard(ControlBlock block) =>
        Volatile.Read(ref _anchor).Kind == AnchorKind.Tracked ? LeakSampling.WatchScope(block, typeof(T)) : block;

    /// <summary>Exclusive use of a value, and a reference to it, for as long as a scope lasts. It may not be copied.</summary>
    public ref struct Guard
    {
        private Anchor? _anchor;
        private GlobalInterpreterLock.Scope _scope;

        internal Guard(Anchor anchor, GlobalInterpreterLock.Scope scope = default)
        {
            _anchor = anchor;
            _scope = scope;
        }

        /// <summary>The value, for exclusive use until this guard is disposed.</summary>
        /// <exception cref="InvalidOperationException">This is a default guard, which refers to no value.</exception>
        /// <exception cref="ObjectDisposedException">This guard is disposed.</exception>
        /// <exception cref="SynchronizationLockException">The lock that counts the value was given up meanwhile and is not held now.</exception>
        public readonly T Value => ScopeAnchor.DemandBlock<T>(_anchor, nameof(Guard), nameof(Lock)).Value;

        /// <summary>
        /// Ends the exclusive use and the reference. If it was the last reference, the value is released before the call returns, as by
        /// <see cref="RefCounted{T}.Dispose"/>; a second call does nothing.
        /// </summary>
        /// <exception cref="InvalidOperationException">This guard is a copy of one that was disposed before.</exception>
        /// <exception cref="SynchronizationLockException">Another thread took the guard, or it ends before a scope that began after it.</exception>
        public void Dispose()
        {
            Anchor? anchor = _anchor;
            if (anchor is null)
            {
                return;
            }

            // A copy of a guard that has ended goes no further than this line, where that can be seen.
            ControlBlock? block = ScopeAnchor.End(anchor, nameof(Guard));
            _anchor = Tombstone.OfScopes;
            if (block?.Exclusive is { } exclusive)
            {
                // First out of the lock, then the release: no foreign code runs under it.
                Monitor.Exit(exclusive);
                block.Release();
                return;
            }

            try
            {
                block?.Release();
            }
            finally
            {
                // Under the GIL the release is the holder's, so leaving comes last, whatever the release threw. A guard that could not leave
                // because an inner scope was still open tries again with its next Dispose; in the other mode this scope is a default one.
                _scope.Dispose();
            }
        }
    }
}
