using GilSharp.Locking;

namespace GilSharp;

/// <content>
/// Short releases: a thread that usually comes back within microseconds lends the lock instead of handing it over, so that its
/// release costs no context switch (the idea of PyPy's <c>rpy_fastgil</c> and of Ruby's hot thread).
/// </content>
/// <remarks>
/// While it is lent the word is free with C set. The first in the queue is woken without the baton; on its way, or spinning, it
/// takes the lock as soon as the loan has lasted <see cref="LoanTime"/>. So a loan that turns out long delays nobody by more than
/// that, and a waiter is passed over by loans for no longer than <see cref="LongestBypass"/>.
/// </remarks>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>How long a loan is left alone: 20 µs.</summary>
    internal const long LoanTime = 20 * TimeSpan.TicksPerMicrosecond;

    /// <summary>How long one waiter may be passed over by loans: half a millisecond, as parking_lot's eventual fairness has it.</summary>
    internal const long LongestBypass = 500 * TimeSpan.TicksPerMicrosecond;

    /// <summary>So many short releases in a row make a thread trustworthy.</summary>
    private const int ShortReleasesForALoan = 3;

    // Guarded by the gate: the waiter that is being passed over and since when, and when the lock was lent last.
    private Waiter? _passedOver;
    private long _passedOverSince;

    private long _lentAt;

    /// <summary>Leaves the word free, though somebody waits. For the owner.</summary>
    private bool TryLendNeedsGate(ThreadToken me, Waiter first, long now)
    {
        if (me.ShortReleases < ShortReleasesForALoan || !CanSpin)
            return false;
        if (_passedOver != first || _passedOverSince < first.QueuedAt)
            (_passedOver, _passedOverSince) = (first, now);
        else if (now - _passedOverSince > LongestBypass)
            return false;

        Volatile.Write(ref _lentAt, now);
        // Nobody may queue behind a loan without this thread or the waiter looking after it, so a posted release refuses the loan.
        return TryLeaveToNobodyNeedsGate(evenIfPosted: false);
    }

    /// <summary>Comes back from a loan that nobody has taken up: one compare-and-swap.</summary>
    private bool TryTakeLoanBack(ThreadToken me)
    {
        if (Volatile.Read(ref _word) != LockWord.Contended
            || Interlocked.CompareExchange(ref _word, LockWord.Contended | me.Id, LockWord.Contended) != LockWord.Contended)
        {
            return false;
        }

        // Nobody else had it meanwhile: the same acquisition goes on, and the absence is charged to whoever was absent.
        if (_holder != me)
            BecomeHolder(me);
        else if (IsObserved)
            _heldSince = MonotonicClock.Now;
        TellIfObserved(LockEvent.Acquired);
        return true;
    }

    /// <summary>For the first in the queue: ends a loan that has lasted too long, in favour of whoever deserves the lock most.</summary>
    private void TryEndLoan(long now)
    {
        if (!LockWord.IsUnowned(Volatile.Read(ref _word)) || now - Volatile.Read(ref _lentAt) < LoanTime)
            return;

        QueueEntry? next;
        _gate.Enter();
        try
        {
            next = ServeNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        WakeUp(next);
    }

    /// <summary>Gives a lock that nobody owns to the queue; null if somebody owns it or nobody can be served.</summary>
    private QueueEntry? ServeNeedsGate(long now)
    {
        if (!LockWord.IsUnowned(Volatile.Read(ref _word)) || ChooseNeedsGate() is not { } next || !TryClaimNeedsGate())
            return null;
        GrantNeedsGate(next, now, WaitState.Granted);
        return next;
    }

    /// <summary>Owns a free lock in nobody's name: the thread that lent it may come back at any moment.</summary>
    private bool TryClaimNeedsGate()
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            if (!LockWord.IsUnowned(word))
                return false;
            if (Interlocked.CompareExchange(ref _word, word | LockWord.Reserved, word) == word)
                return true;
        }
    }
}
