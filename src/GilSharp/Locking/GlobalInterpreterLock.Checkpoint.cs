using System.Runtime.CompilerServices;
using GilSharp.Diagnostics;
using GilSharp.Locking;

namespace GilSharp;

/// <content>Giving the lock up for a while and coming back, whatever the depth.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>Lets others in if they have waited long enough; code that computes under the lock calls it often. It costs about one read while nobody waits.</summary>
    /// <returns>True if it gave the lock up and came back, whatever the depth; false if it did nothing, also on a thread that does not hold the lock.</returns>
    /// <exception cref="ObjectDisposedException">The lock was disposed: the calling thread no longer holds it, and its scopes end silently.</exception>
    /// <exception cref="AbandonedMutexException">A thread that was let in ended without leaving; the caller holds the lock again.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Checkpoint() => Volatile.Read(ref _attention) != 0 && CheckpointWithAttention();

    /// <summary>Gives the lock up, whatever the depth, until the scope is disposed: for blocking calls.</summary>
    /// <returns>A scope whose end waits for the lock and restores the depth.</returns>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold the lock.</exception>
    public ReleasedScope ReleaseScope()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (!IsHeldBy(me))
            throw NotTheHolder(nameof(ReleaseScope));

        (int depth, long openScope) = (_depth, _openScope);
        long number = me!.OpenRelease(this);
        _voluntaryReleases++;
        // The scopes around this release cannot end inside it, also if the thread enters again: they are out of reach until it ends.
        (_depth, _openScope) = (OutermostDepth, 0);
        long leftAt = 0;
        if (IsObserved || Interlocked.CompareExchange(ref _word, LockWord.Free, me.Id) != me.Id)
        {
            leftAt = MonotonicClock.Now;
            LeaveContended(me, mayLend: true);
        }

        return new ReleasedScope(this, number, depth, openScope, leftAt);
    }

    private void EndRelease(long number, int depth, long openScope, long leftAt)
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me is null || !me.IsInnermostRelease(this, number))
            throw new SynchronizationLockException($"This release scope has ended already, or one opened after it is still open ({DebuggerDisplay}).");
        if (IsHeldBy(me))
            throw new SynchronizationLockException($"The lock was entered inside this release scope and not left again ({DebuggerDisplay}).");

        me.CloseRelease(number);
        if (leftAt != 0)
            me.ShortReleases = MonotonicClock.Now - leftAt < LoanTime ? Math.Min(me.ShortReleases + 1, ShortReleasesForALoan) : 0;
        if (!TryTakeLoanBack(me) && !TryEnterAtOnce(me))
            ComeBack(EnterContended(me, Timeout.Infinite, CancellationToken.None, mustEnter: true), depth, openScope);
        else
            (_depth, _openScope) = (depth, openScope);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CheckpointWithAttention()
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (!IsHeldBy(me))
            return false;
        int attention = Volatile.Read(ref _attention);
        if ((attention & LookAtDisposal) != 0)
        {
            _depth = OutermostDepth;
            Leave(me!);
            throw Disposed();
        }

        if ((attention & RunPosted) != 0)
            RunPostedReleases(me!);
        return (attention & GiveWay) != 0 && TryGiveWay(me!);
    }

    /// <summary>The forced switch: another has the lock before the calling thread has it again.</summary>
    private bool TryGiveWay(ThreadToken me)
    {
        (int depth, long openScope) = (_depth, _openScope);
        Waiter waiter = me.RentWaiter();
        QueueEntry? next;
        _gate.Enter();
        try
        {
            long now = MonotonicClock.Now;
            ChargeHolderNeedsGate(now);
            next = ChooseNeedsGate();
            if (next is null)
            {
                Interlocked.And(ref _attention, ~GiveWay);
                me.ReturnWaiter(waiter);
                return false;
            }

            CountHeldTime(now);
            _forcedSwitches++;
            bool early = !_sliceIsSpent;
            // Chosen before we queue, so it is not ourselves; and we queue before it is granted, so that it finds us.
            EnqueueNeedsGate(waiter, now);
            _openScope = 0;
            GrantNeedsGate(next, now, WaitState.Granted);
            if (early)
                _schedule.Fine(_holderSeat!, MinimumSlice);
        }
        finally
        {
            _gate.Exit();
        }

        // Woken before anybody is told: a listener is foreign code, and the lock must not wait for it.
        WakeUp(next);
        TellIfObserved(LockEvent.ForcedOut);
        Entry entry = Await(waiter, Timeout.Infinite, mustEnter: true, CancellationToken.None);
        me.ReturnWaiter(waiter);
        GilMeter.CountSwitch(this);
        if (entry is Entry.Entered or Entry.EnteredAbandoned)
            RunPostedReleases(me);
        ComeBack(entry, depth, openScope);
        return true;
    }

    private void ComeBack(Entry entry, int depth, long openScope)
    {
        if (entry == Entry.Disposed)
            throw Disposed();
        (_depth, _openScope) = (depth, openScope);
        if (entry == Entry.EnteredAbandoned)
            throw Abandoned("The calling thread owns it again");
    }

    /// <summary>The lock is given up until this ends.</summary>
    public ref struct ReleasedScope
    {
        private readonly long _number;
        private readonly long _openScope;
        private readonly long _leftAt;
        private readonly int _depth;
        private GlobalInterpreterLock? _lock;

        internal ReleasedScope(GlobalInterpreterLock gil, long number, int depth, long openScope, long leftAt)
        {
            _lock = gil;
            _number = number;
            _depth = depth;
            _openScope = openScope;
            _leftAt = leftAt;
        }

        /// <summary>Waits for the lock and restores the depth; a second call does nothing. An interruption hits the thread after it has come back.</summary>
        /// <exception cref="ObjectDisposedException">The lock was disposed meanwhile: the calling thread does not hold it, and its outer scopes end silently.</exception>
        /// <exception cref="SynchronizationLockException">This is a copy of a scope that has ended, a release opened after it is still open, or the lock was entered inside it and not left.</exception>
        /// <exception cref="AbandonedMutexException">The owner before ended without leaving; the caller holds the lock again.</exception>
        public void Dispose()
        {
            if (_lock is not { } gil)
                return;
            _lock = null;
            try
            {
                gil.EndRelease(_number, _depth, _openScope, _leftAt);
            }
            catch (SynchronizationLockException)
            {
                // Nothing has changed: it can still be ended. With any other exception it has ended.
                _lock = gil;
                throw;
            }
        }
    }
}
