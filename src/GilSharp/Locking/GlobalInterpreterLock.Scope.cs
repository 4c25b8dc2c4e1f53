using GilSharp.Locking;

namespace GilSharp;

/// <content>Holding as a scope.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>Enters the lock until the scope is disposed: <c>using (gil.EnterScope()) { … }</c>.</summary>
    /// <returns>A scope that cannot leave its thread.</returns>
    /// <exception cref="ObjectDisposedException">The lock is or was disposed.</exception>
    /// <exception cref="AbandonedMutexException">The owner before ended without leaving; unlike <see cref="Enter()"/> the caller does not own the lock.</exception>
    /// <exception cref="ThreadInterruptedException">The waiting thread was interrupted; it does not hold the lock.</exception>
    public Scope EnterScope()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me is null || !TryEnterAtOnce(me))
            EnterOrLeave(CancellationToken.None);
        return OpenScope();
    }

    /// <summary>Enters the lock until the scope is disposed, waiting for it until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends the wait. A token that is cancelled already wins over a free lock.</param>
    /// <returns>A scope that cannot leave its thread.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the caller does not hold the lock.</exception>
    /// <inheritdoc cref="EnterScope()" path="/exception"/>
    public Scope EnterScope(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me is null || !TryEnterAtOnce(me))
            EnterOrLeave(cancellationToken);
        return OpenScope();
    }

    private Scope OpenScope()
    {
        var scope = new Scope(this, ++_lastScope, _openScope, _depth);
        _openScope = _lastScope;
        return scope;
    }

    // Nobody could end a scope that was never returned, so an abandoned lock is left again.
    private void EnterOrLeave(CancellationToken cancellationToken)
    {
        try
        {
            EnterOrThrow(ThreadToken.Current, Timeout.Infinite, cancellationToken);
        }
        catch (AbandonedMutexException)
        {
            Leave(ThreadToken.Current);
            throw;
        }
    }

    private void CloseScope(long number, long outer, int depth)
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (IsHeldBy(me) && _openScope == number && _depth == depth)
        {
            _openScope = outer;
            Leave(me!);
            return;
        }

        // A checkpoint or a release found the lock disposed and said so; that exception is on its way through this scope.
        if (!IsHeldBy(me) && (Volatile.Read(ref _word) & LockWord.Disposed) != 0)
            return;
        throw new SynchronizationLockException(
            $"This scope is not the innermost one of the thread that holds the lock: one opened after it is still open, or it is a copy of a scope that has ended ({DebuggerDisplay}).");
    }

    /// <summary>The lock is held until this ends.</summary>
    public ref struct Scope
    {
        private readonly long _number;
        private readonly long _outer;
        private readonly int _depth;
        private GlobalInterpreterLock? _lock;

        internal Scope(GlobalInterpreterLock gil, long number, long outer, int depth)
        {
            _lock = gil;
            _number = number;
            _outer = outer;
            _depth = depth;
        }

        /// <summary>Leaves the lock; a second call does nothing.</summary>
        /// <exception cref="SynchronizationLockException">A scope opened after this one is still open, or this is a copy of a scope that has ended; nothing changes.</exception>
        public void Dispose()
        {
            if (_lock is not { } gil)
                return;
            gil.CloseScope(_number, _outer, _depth);
            _lock = null;
        }
    }
}
