using GilSharp.Locking;

namespace GilSharp;

/// <content>Who is charged for what, and when a holder is asked to give way.</content>
public sealed partial class GlobalInterpreterLock
{
    // How long a pool thread may take to fetch the item that holds the reservation while threads wait.
    private const long RunnerPatience = 10 * TimeSpan.TicksPerMillisecond;

    private static readonly long LongestTick = TimeSpan.FromMilliseconds(250).Ticks;
    private bool _isWatched;

    // Deadlines are a few intervals ahead of the present and must not overflow; longer than a day is as good as for ever.
    private static long ScheduledTicks(long switchInterval) => Math.Min(switchInterval, TimeSpan.TicksPerDay);

    /// <summary>Whether the holder's next checkpoint would give way.</summary>
    internal bool IsAskedToGiveWay => (Volatile.Read(ref _attention) & GiveWay) != 0;

    /// <summary>Charges the holder for the time since it was last charged.</summary>
    private void ChargeHolderNeedsGate(long now)
    {
        long word = Volatile.Read(ref _word);
        if (LockWord.IsUnowned(word))
            return;

        if (_chargedAcquisition == Volatile.Read(ref _acquisitions))
        {
            _sliceIsSpent |= _schedule.Charge(_holderSeat!, now - _chargedFrom, CompetitorsNeedsGate);
            _chargedFrom = now;
            return;
        }

        // It came in on the fast path, which takes no timestamp. For a moment its token may not be written yet: then the next time.
        ThreadToken? holder = _holder;
        if (holder is null || holder.Id != LockWord.OwnerOf(word))
            return;
        _chargedAcquisition = Volatile.Read(ref _acquisitions);
        _holderSeat = _schedule.SeatOf(holder);
        _schedule.JoinAsHolder(_holderSeat);
        _chargedFrom = now;
        _grantedAt = 0;
        _sliceIsSpent = false;
    }

    /// <summary>Somebody takes a lock that nobody owned though there is a queue.</summary>
    private void ChargeAbsenceNeedsGate(long word, ThreadToken me)
    {
        if ((word & LockWord.Contended) == 0)
            return;
        // BecomeHolder counts one more; the taker is charged from now on.
        _holderSeat = _schedule.SeatOf(me);
        _chargedAcquisition = _acquisitions + 1;
        _chargedFrom = _grantedAt = MonotonicClock.Now;
        _sliceIsSpent = false;
    }

    /// <summary>Asks the holder to give way at its next checkpoint, if the first in the queue deserves the lock more.</summary>
    private void RequestSwitchNeedsGate(long now)
    {
        if (_chargedAcquisition != Volatile.Read(ref _acquisitions) || _holderSeat is null || ChooseNeedsGate() is not { } next)
            return;
        if (DeservesMore(next, _holderSeat) && now - _grantedAt >= MinimumSlice)
            RequestSwitch();
    }

    private void RequestSwitch()
    {
        if ((Interlocked.Or(ref _attention, GiveWay) & GiveWay) == 0)
            Volatile.Write(ref _isSwitchRequestUntold, true);
    }

    private bool DeservesMore(QueueEntry next, Seat holder) =>
        next.Deadline < holder.Deadline || (next.Deadline == holder.Deadline && _sliceIsSpent);

    /// <summary>What only time brings about: slices that end, owners that have ended, pool threads that do not come.</summary>
    /// <returns>When to look again; <see cref="long.MaxValue"/> if nobody waits.</returns>
    internal long Tick(long now)
    {
        QueueEntry? next = null;
        long again;
        _gate.Enter();
        try
        {
            if (!IsAnybodyQueuedNeedsGate)
            {
                _isWatched = false;
                return long.MaxValue;
            }

            long word = Volatile.Read(ref _word);
            if (LockWord.IsUnowned(word))
                next = now - Volatile.Read(ref _lentAt) < LoanTime ? null : ServeNeedsGate(now);
            else if (ShouldHandOver(word, now, out WaitState state) && (next = ChooseNeedsGate()) is not null)
                GrantNeedsGate(next, now, state);
            again = NextTickNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        TellSwitchRequest();
        WakeUp(next);
        return again;
    }

    private bool ShouldHandOver(long word, long now, out WaitState state)
    {
        state = WaitState.Granted;
        if (LockWord.OwnerOf(word) == LockWord.Reserved)
        {
            // The pool is busy. The threads go first, and the items come back into the choice when their runner has come.
            if (_threads.IsEmpty || now - _grantedAt < RunnerPatience)
                return false;
            state = _itemState;
            return _runnerIsLate = true;
        }

        if (!HasOwnerEnded(word))
            return false;
        state = WaitState.GrantedAbandoned;
        return true;
    }

    private long NextTickNeedsGate(long now)
    {
        ChargeHolderNeedsGate(now);
        RequestSwitchNeedsGate(now);
        long word = Volatile.Read(ref _word);
        if (LockWord.IsUnowned(word))
            return now + TimeSpan.TicksPerMillisecond;
        if (LockWord.OwnerOf(word) == LockWord.Reserved)
            return now + RunnerPatience;
        if ((Volatile.Read(ref _attention) & GiveWay) != 0 || _holderSeat is null)
            return now + LongestTick;
        return now + Math.Clamp(_schedule.Interval - _holderSeat.Used, TimeSpan.TicksPerMillisecond, LongestTick);
    }

    /// <summary>Makes the ticker look in time at a slice that begins now.</summary>
    private void WakeTicker() => Ticker.WakeBy(MonotonicClock.Now + ScheduledTicks(Volatile.Read(ref _switchIntervalTicks)));

    private void ChangeSwitchInterval(long ticks)
    {
        _gate.Enter();
        try
        {
            ChargeHolderNeedsGate(MonotonicClock.Now);
            Volatile.Write(ref _switchIntervalTicks, ticks);
            _schedule.ChangeInterval(ScheduledTicks(ticks));
            for (QueueEntry? entry = _threads.First; entry is not null; entry = entry.Next)
                entry.Deadline = _schedule.Clamp(entry.Deadline);
            for (QueueEntry? entry = _items.First; entry is not null; entry = entry.Next)
                entry.Deadline = _schedule.Clamp(entry.Deadline);
        }
        finally
        {
            _gate.Exit();
        }

        Ticker.WakeBy(MonotonicClock.Now);
    }
}
