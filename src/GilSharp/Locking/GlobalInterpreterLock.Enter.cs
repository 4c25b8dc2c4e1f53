using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp;

/// <content>The doors.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>Enters the lock, waiting for it if need be; a thread that holds it enters once more.</summary>
    /// <exception cref="ObjectDisposedException">The lock is or was disposed.</exception>
    /// <exception cref="AbandonedMutexException">The owner before ended without leaving; the caller owns the lock all the same.</exception>
    /// <exception cref="ThreadInterruptedException">The waiting thread was interrupted; it does not hold the lock.</exception>
    public void Enter()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me is null || !TryEnterAtOnce(me))
            EnterOrThrow(ThreadToken.Current, Timeout.Infinite, CancellationToken.None);
    }

    /// <summary>Enters the lock, waiting for it until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends the wait. A token that is cancelled already wins over a free lock.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; the caller does not hold the lock.</exception>
    /// <inheritdoc cref="Enter()" path="/exception"/>
    public void Enter(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me is null || !TryEnterAtOnce(me))
            EnterOrThrow(ThreadToken.Current, Timeout.Infinite, cancellationToken);
    }

    /// <summary>Enters the lock if that needs no waiting.</summary>
    /// <returns>Whether the calling thread entered.</returns>
    /// <exception cref="ObjectDisposedException">The lock is disposed.</exception>
    /// <exception cref="AbandonedMutexException">The owner before ended without leaving; the caller owns the lock all the same.</exception>
    public bool TryEnter()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        return (me is not null && TryEnterAtOnce(me)) || EnterOrThrow(ThreadToken.Current, 0, CancellationToken.None);
    }

    /// <summary>Enters the lock, waiting no longer than the timeout.</summary>
    /// <param name="timeout">Zero does not wait; <see cref="Timeout.InfiniteTimeSpan"/> waits without limit. Counted in milliseconds, rounded up.</param>
    /// <returns>Whether the calling thread entered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite, or longer than <see cref="int.MaxValue"/> milliseconds.</exception>
    /// <inheritdoc cref="Enter()" path="/exception"/>
    public bool TryEnter(TimeSpan timeout)
    {
        int milliseconds = MillisecondsOf(timeout);
        ThreadToken? me = ThreadToken.CurrentOrNull;
        return (me is not null && TryEnterAtOnce(me)) || EnterOrThrow(ThreadToken.Current, milliseconds, CancellationToken.None);
    }

    /// <summary>Leaves the lock: undoes one enter of the calling thread.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold the lock; whoever does keeps it.</exception>
    public void Exit()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        // One compare-and-swap: it fails if anybody queued, posted or disposed in the meantime, and for one who is not the owner.
        if (me is null || _depth != OutermostDepth || IsObserved || Interlocked.CompareExchange(ref _word, LockWord.Free, me.Id) != me.Id)
            ExitOrThrow(me);
    }

    /// <summary>Enters at once where that takes one compare-and-swap, or none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnterAtOnce(ThreadToken me)
    {
        long word = Interlocked.CompareExchange(ref _word, me.Id, LockWord.Free);
        if (word == LockWord.Free)
        {
            BecomeHolder(me);
            TellIfObserved(LockEvent.Acquired);
            return true;
        }

        if (LockWord.OwnerOf(word) != me.Id || (word & LockWord.Disposed) != 0)
            return false;
        _depth = checked(_depth + 1);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BecomeHolder(ThreadToken me)
    {
        // Compared first: the write of a reference costs more than the read, and the same thread often comes again.
        if (_holder != me)
            _holder = me;
        _acquisitions++;
        if (IsObserved)
            _heldSince = MonotonicClock.Now;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExitOrThrow(ThreadToken? me)
    {
        if (!IsHeldBy(me))
            throw NotTheHolder(nameof(Exit));
        Leave(me!);
    }

    /// <summary>Undoes one enter of the calling thread, which holds the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave(ThreadToken me)
    {
        if (_depth != OutermostDepth)
            _depth--;
        else if (IsObserved || Interlocked.CompareExchange(ref _word, LockWord.Free, me.Id) != me.Id)
            LeaveContended(me);
    }

    private bool EnterOrThrow(ThreadToken me, int milliseconds, CancellationToken cancellationToken)
    {
        switch (EnterContended(me, milliseconds, cancellationToken))
        {
            case Entry.Entered:
                return true;
            case Entry.EnteredAbandoned:
                throw Abandoned("The calling thread owns it now");
            case Entry.TimedOut:
                return false;
            case Entry.Canceled:
                throw new OperationCanceledException(cancellationToken);
            default:
                throw Disposed();
        }
    }

    private static int MillisecondsOf(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return Timeout.Infinite;
        double milliseconds = Math.Ceiling(timeout.TotalMilliseconds);
        if (timeout < TimeSpan.Zero || milliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout,
                $"The timeout must be between zero and {int.MaxValue} milliseconds, or Timeout.InfiniteTimeSpan, but is {timeout}.");
        }

        return (int)milliseconds;
    }

    private SynchronizationLockException NotTheHolder(string what) => new(
        $"{what} was called by thread {Environment.CurrentManagedThreadId}, which does not hold the lock ({DebuggerDisplay}).");

    private ObjectDisposedException Disposed() => new(nameof(GlobalInterpreterLock), $"The lock '{Name}' has been disposed.");

    private AbandonedMutexException Abandoned(string consequence) => new(
        $"A thread ended while it held the lock '{Name}', so what the lock protects may be half done. {consequence}.");
}
