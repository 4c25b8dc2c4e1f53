using GilSharp.Locking;

namespace GilSharp;

/// <content>Where somebody has to wait: taking a place, being chosen, giving up.</content>
public sealed partial class GlobalInterpreterLock
{
    private enum Entry
    {
        Entered,
        EnteredAbandoned,
        TimedOut,
        Canceled,
        Disposed,
    }

    /// <summary>Enters with or without waiting.</summary>
    /// <param name="me">The calling thread.</param>
    /// <param name="milliseconds">0 does not wait, -1 waits without limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="evenIfDisposed">For the lock's own business: what was accepted is carried out after the disposal too.</param>
    /// <param name="mustEnter">For one who comes back: an interruption hits the thread afterwards.</param>
    private Entry EnterContended(
        ThreadToken me, int milliseconds, CancellationToken cancellationToken, bool evenIfDisposed = false, bool mustEnter = false)
    {
        if (TryTakeOrQueue(me, mayWait: milliseconds != 0, evenIfDisposed, out Entry entry, out Waiter? waiter))
        {
            TellIfObserved(LockEvent.Acquired);
        }
        else
        {
            if (waiter is null)
                return entry;
            WakeTicker();
            TellIfObserved(LockEvent.Requested);
            TellSwitchRequest();
            entry = Await(waiter, milliseconds, mustEnter, cancellationToken);
            me.ReturnWaiter(waiter);
        }

        if (entry is Entry.Entered or Entry.EnteredAbandoned)
            RunPostedReleases(me);
        else
            TellIfObserved(LockEvent.GaveUp);
        return entry;
    }

    /// <summary>True if it took the lock; otherwise a place in the queue, or none and the reason.</summary>
    private bool TryTakeOrQueue(ThreadToken me, bool mayWait, bool evenIfDisposed, out Entry entry, out Waiter? waiter)
    {
        bool watch;
        waiter = null;
        _gate.Enter();
        try
        {
            entry = Entry.Disposed;
            if ((Volatile.Read(ref _word) & LockWord.Disposed) != 0 && !evenIfDisposed)
                return false;
            if (TryTakeNeedsGate(me, out entry))
                return true;
            entry = Entry.TimedOut;
            if (!mayWait)
                return false;
            waiter = me.RentWaiter();
            watch = EnqueueNeedsGate(waiter, MonotonicClock.Now);
        }
        finally
        {
            _gate.Exit();
        }

        if (watch)
            Ticker.Watch(this);
        return false;
    }

    /// <summary>Takes the lock if nobody owns it, or if its owner has ended; otherwise makes sure that the owner finds the queue.</summary>
    private bool TryTakeNeedsGate(ThreadToken me, out Entry entry)
    {
        entry = Entry.Entered;
        while (true)
        {
            long word = Volatile.Read(ref _word);
            bool isOwnerDead = HasOwnerEnded(word);
            if (!LockWord.IsUnowned(word) && !isOwnerDead)
                return false;
            if (Interlocked.CompareExchange(ref _word, (word & ~LockWord.OwnerMask) | me.Id, word) != word)
                continue;

            ChargeAbsenceNeedsGate(word, me);
            // One who ended without leaving may have left any depth.
            _depth = OutermostDepth;
            BecomeHolder(me);
            if (isOwnerDead)
                entry = Entry.EnteredAbandoned;
            return true;
        }
    }

    private bool HasOwnerEnded(long word)
    {
        ThreadToken? holder = _holder;
        return holder is not null && holder.Id == LockWord.OwnerOf(word) && !holder.Thread.IsAlive;
    }

    /// <summary>Takes a place in the queue; true if the ticker must be told that there is one.</summary>
    private bool EnqueueNeedsGate(Waiter waiter, long now)
    {
        waiter.State = WaitState.Queued;
        waiter.QueuedAt = now;
        waiter.Arrival = ++_arrivals;
        ChargeHolderNeedsGate(now);
        waiter.Deadline = _schedule.Join(_schedule.SeatOf(waiter.Token));
        _threads.AddByDeadline(waiter);
        Volatile.Write(ref _onDeck, _threads.First);
        return SettleQueueNeedsGate(now);
    }

    /// <summary>After somebody queued: shows it to the owner, and serves the queue if there is no owner.</summary>
    private bool SettleQueueNeedsGate(long now)
    {
        UpdateContendedNeedsGate();
        RequestSwitchNeedsGate(now);
        bool watch = !_isWatched;
        _isWatched = true;
        return watch;
    }

    private Entry Await(Waiter waiter, int milliseconds, bool mustEnter, CancellationToken cancellationToken)
    {
        bool interrupted = false;
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static waiter => ((Waiter)waiter!).WakeUp(), waiter);
        try
        {
            long end = milliseconds < 0 ? long.MaxValue : waiter.QueuedAt + milliseconds * TimeSpan.TicksPerMillisecond;
            SpinBeforeParking(waiter);
            while (waiter.State == WaitState.Queued)
            {
                int rest = Timeout.Infinite;
                if (end != long.MaxValue)
                    rest = (int)Math.Clamp((end - MonotonicClock.Now + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond, 0, int.MaxValue);
                if (rest == 0 && TryWithdraw(waiter))
                    return Entry.TimedOut;
                if (cancellationToken.IsCancellationRequested && TryWithdraw(waiter))
                    return Entry.Canceled;

                try
                {
                    // The lender of a free lock has woken the first in the queue, if it slept by then.
                    waiter.AnnounceSleep();
                    if (waiter.State == WaitState.Queued && !cancellationToken.IsCancellationRequested && !MayEndLoan(waiter))
                        waiter.Sleep(rest);
                    waiter.EndSleep();
                    if (waiter.State == WaitState.Queued && MayEndLoan(waiter))
                        SpinOnLoan(waiter);
                }
                catch (ThreadInterruptedException) when (mustEnter)
                {
                    interrupted = true;
                }
                catch (ThreadInterruptedException)
                {
                    if (TryWithdraw(waiter))
                    {
                        TellIfObserved(LockEvent.GaveUp);
                        throw;
                    }

                    // The baton came first: the lock is ours, and the interruption hits the next wait.
                    interrupted = true;
                }
            }
        }
        finally
        {
            registration.Dispose();
        }

        if (interrupted)
            Thread.CurrentThread.Interrupt();
        if (waiter.State is WaitState.Granted or WaitState.GrantedAbandoned)
            ReportWait(waiter.QueuedAt);
        return waiter.State switch
        {
            WaitState.Granted => Entry.Entered,
            WaitState.GrantedAbandoned => Entry.EnteredAbandoned,
            _ => Entry.Disposed,
        };
    }

    /// <summary>Takes a request back (cpython#96387: one who left without that could be waited for for ever); false if it was answered already.</summary>
    private bool TryWithdraw(Waiter waiter)
    {
        QueueEntry? next;
        _gate.Enter();
        try
        {
            if (waiter.State != WaitState.Queued)
                return false;
            long now = MonotonicClock.Now;
            ChargeHolderNeedsGate(now);
            _threads.Remove(waiter);
            Volatile.Write(ref _onDeck, _threads.First);
            waiter.State = WaitState.Withdrawn;
            next = WithdrawRequestNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        WakeUp(next);
        return true;
    }

    /// <summary>Somebody left the queue: the holder must not give way to one who is no longer there, nor a loan wait for him.</summary>
    private QueueEntry? WithdrawRequestNeedsGate(long now)
    {
        UpdateContendedNeedsGate();
        Interlocked.And(ref _attention, ~GiveWay);
        RequestSwitchNeedsGate(now);
        return ServeNeedsGate(now);
    }

    /// <summary>Leaves for good: the chosen successor receives the lock, it does not race for it.</summary>
    /// <param name="me">The calling thread, which owns the lock.</param>
    /// <param name="runsItems">If the next is a work item, the calling thread keeps the lock and is given the item.</param>
    /// <param name="state">What the successor is told.</param>
    /// <param name="mayLend">The caller means to come back soon.</param>
    private WorkItem? LeaveContended(ThreadToken me, bool runsItems = false, WaitState state = WaitState.Granted, bool mayLend = false)
    {
        TellIfObserved(LockEvent.Released);
        while (true)
        {
            RunPostedReleases(me);
            QueueEntry? next;
            bool lent = false;
            _gate.Enter();
            try
            {
                long now = MonotonicClock.Now;
                ChargeHolderNeedsGate(now);
                CountHeldTime(now);
                next = ChooseNeedsGate();
                if (next is Waiter waiter && mayLend && TryLendNeedsGate(me, waiter, now))
                    lent = true;
                else if (next is not null)
                    GrantNeedsGate(next, now, state, runsItems ? me : null);
                else if (!TryLeaveToNobodyNeedsGate(evenIfPosted: me.RunsReleasesOf(this)))
                    continue;
            }
            finally
            {
                _gate.Exit();
            }

            if (runsItems && next is WorkItem item)
            {
                WakeTicker();
                return item;
            }

            // One who has lent the lock wakes the waiter without the baton: it takes the lock itself if we are not back by then.
            if (lent)
                ((Waiter)next!).WakeUp();
            else
                WakeUp(next);
            // A release that gives the lock up leaves those behind it; they need not wait for it if nobody comes.
            if (next is null && (Volatile.Read(ref _word) & LockWord.Posted) != 0)
                QueueDrain();
            return null;
        }
    }

    // False if a release was posted after the last were run: its poster relies on this holder. One that gives the
    // lock up in the middle of a posted release comes back itself.
    private bool TryLeaveToNobodyNeedsGate(bool evenIfPosted)
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            if ((word & LockWord.Posted) != 0 && !evenIfPosted)
                return false;
            if (Interlocked.CompareExchange(ref _word, word & ~LockWord.OwnerMask, word) == word)
                return true;
        }
    }

    /// <summary>The entry with the earliest deadline; between equal ones, who came first.</summary>
    private QueueEntry? ChooseNeedsGate()
    {
        Waiter? thread = _threads.First;
        WorkItem? item = _dedicated is null && !_runnerIsLate ? _items.First : null;
        if (thread is null || item is null)
            return (QueueEntry?)thread ?? item;

        long itemDeadline = Math.Max(item.Deadline, _schedule.WorkItems.Deadline);
        bool threadFirst = thread.Deadline < itemDeadline || (thread.Deadline == itemDeadline && thread.Arrival < item.Arrival);
        return threadFirst ? thread : item;
    }

    /// <summary>Makes an entry the owner. For the owner, or where there is none, inside the gate; wake the entry up after leaving it.</summary>
    private void GrantNeedsGate(QueueEntry next, long now, WaitState state, ThreadToken? runner = null)
    {
        ThreadToken? token;
        if (next is Waiter waiter)
        {
            _threads.Remove(waiter);
            token = waiter.Token;
            _holderSeat = _schedule.SeatOf(token);
        }
        else
        {
            // Without a runner the item stays in the queue until its pool thread comes to fetch it.
            if (runner is not null)
                _items.Remove((WorkItem)next);
            _itemState = state;
            token = runner;
            _holderSeat = _schedule.WorkItems;
        }

        _depth = OutermostDepth;
        if (token is not null)
            BecomeHolder(token);
        else
            _acquisitions++;
        _contendedAcquisitions++;
        _waitTicks += now - next.QueuedAt;
        _chargedAcquisition = _acquisitions;
        _chargedFrom = _grantedAt = now;
        _sliceIsSpent = false;
        _passedOver = null;
        Interlocked.And(ref _attention, ~GiveWay);
        Volatile.Write(ref _onDeck, _threads.First);
        SetOwnerNeedsGate(token?.Id ?? LockWord.Reserved);
        if (token is not null)
            next.State = state;
    }

    /// <summary>Tells the chosen one. Outside the gate, so that it does not run into it.</summary>
    private void WakeUp(QueueEntry? next)
    {
        if (next is Waiter waiter)
            waiter.WakeUp();
        else if (next is not null)
            ThreadPool.UnsafeQueueUserWorkItem(Runner, preferLocal: false);
        if (next is not null)
            WakeTicker();
    }

    private void CountHeldTime(long now)
    {
        if (_heldSince == 0)
            return;
        if (TracksHeldTime)
            _heldTicks += now - _heldSince;
        _heldSince = 0;
    }
}
