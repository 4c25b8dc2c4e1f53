using GilSharp.Locking;

namespace GilSharp;

/// <content>Work items: queued without a thread, fetched by one pool thread when their turn has come.</content>
public sealed partial class GlobalInterpreterLock
{
    private readonly DedicatedRunner? _dedicated;

    private ItemRunner? _runner;
    private int _functionsUnderway;

    // Guarded by the gate: with which state the reserved item is granted, and whether its pool thread lost the
    // reservation because it took too long to come.
    private WaitState _itemState;
    private bool _runnerIsLate;

    private ItemRunner Runner => _runner ??= new ItemRunner(this);

    /// <summary>The next stretch of a function that has begun.</summary>
    internal void QueueContinuation(ContinuationItem item) => TryQueue(item);

    /// <summary>Removes an item that has not begun; false if it has, or left the queue otherwise.</summary>
    internal bool TryTakeBack(WorkItem item)
    {
        QueueEntry? next;
        _gate.Enter();
        try
        {
            if (item.State != WaitState.Queued)
                return false;
            long now = MonotonicClock.Now;
            ChargeHolderNeedsGate(now);
            _items.Remove(item);
            item.State = WaitState.Withdrawn;
            next = WithdrawRequestNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        WakeUp(next);
        return true;
    }

    /// <summary>Runs the action now, or once the work item that the calling thread runs has left the lock, be it that function's stretch or another's.</summary>
    internal void RunAfterLeaving(WorkItem function, Action action)
    {
        ThreadToken? me = ThreadToken.CurrentOrNull;
        if (me?.AfterLeaving is { } later && (IsHeldBy(me) || me.Running == function))
            later.Add(action);
        else
            action();
    }

    internal void FunctionBegan() => Interlocked.Increment(ref _functionsUnderway);

    internal void FunctionEnded()
    {
        if (Interlocked.Decrement(ref _functionsUnderway) == 0)
            _dedicated?.SignalEnd();
    }

    private Task<TResult> Queue<TResult>(WorkItem<TResult> item)
    {
        if (item.CancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(item.CancellationToken);
        if (TryQueue(item))
            item.ListenForCancellation();
        else
            item.Fail(Disposed());
        return item.Task;
    }

    private bool TryQueue(WorkItem item)
    {
        QueueEntry? next;
        bool watch;
        _gate.Enter();
        try
        {
            if ((Volatile.Read(ref _word) & LockWord.Disposed) != 0 && !item.IsContinuation)
                return false;

            long now = MonotonicClock.Now;
            item.State = WaitState.Queued;
            item.QueuedAt = now;
            item.Arrival = ++_arrivals;
            ChargeHolderNeedsGate(now);
            item.Deadline = _schedule.Join(_schedule.WorkItems);
            _items.Add(item);
            watch = SettleQueueNeedsGate(now);
            next = ServeNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        WakeUp(next);
        if (watch)
            Ticker.Watch(this);
        _dedicated?.Signal();
        return true;
    }

    /// <summary>A pool thread has come: runs items as long as they are next.</summary>
    private void RunItems()
    {
        ThreadToken me = ThreadToken.Current;
        WorkItem? item = FetchReserved(me, out bool owns, out WaitState state);
        if (item is null)
        {
            if (owns)
                LeaveContended(me, state: state);
            return;
        }

        while (item is not null)
            item = RunItem(me, item, mayContinue: true);
    }

    /// <summary>Runs one item under the lock, leaves the lock, and tells the caller. Returns the next item if that is next and the thread may go on.</summary>
    private WorkItem? RunItem(ThreadToken me, WorkItem item, bool mayContinue)
    {
        bool abandoned = item.State == WaitState.GrantedAbandoned;
        // Completions that this thread collected while it ran an item of another lock stay where they are.
        List<Action>? outer = me.AfterLeaving;
        List<Action> afterLeaving = me.AfterLeaving = [];
        WorkItem? outerItem = me.Running;
        me.Running = item.Function;
        WorkItem? next = null;
        try
        {
            if (mayContinue)
                ReportWait(item.QueuedAt);
            RunPostedReleases(me);
            if (abandoned && !item.IsContinuation)
            {
                item.StopListening();
                item.Blame(Abandoned("The delegate has not run"));
            }
            else
            {
                item.Run();
            }

            if (IsHeldBy(me))
            {
                if (_depth != OutermostDepth)
                    item.Blame(new SynchronizationLockException($"The delegate entered the lock {_depth - OutermostDepth} times more than it left it."));
                _depth = OutermostDepth;
                // A continuation cannot be failed, so the news of the abandonment goes to the next in the queue.
                WaitState state = abandoned && item.IsContinuation ? WaitState.GrantedAbandoned : WaitState.Granted;
                next = LeaveContended(me, mayContinue, state);
            }
            else if ((Volatile.Read(ref _word) & LockWord.Disposed) == 0)
            {
                item.Blame(new SynchronizationLockException("The delegate left the lock that it was run under."));
            }
        }
        finally
        {
            (me.AfterLeaving, me.Running) = (outer, outerItem);
        }

        item.Complete();
        foreach (Action action in afterLeaving)
            action();
        return next;
    }

    private WorkItem? FetchReserved(ThreadToken me, out bool owns, out WaitState state)
    {
        owns = false;
        state = WaitState.Granted;
        _gate.Enter();
        try
        {
            _runnerIsLate = false;
            long word = Volatile.Read(ref _word);
            if (LockWord.OwnerOf(word) == LockWord.Reserved)
                state = _itemState;
            else if (!TryClaimNeedsGate())
                return null;

            // Counted when it was reserved, or now if the reservation was lost and the lock is free all the same.
            long now = MonotonicClock.Now;
            if (LockWord.IsUnowned(word))
            {
                _acquisitions++;
                _grantedAt = now;
            }

            owns = true;
            (_holder, _depth, _holderSeat) = (me, OutermostDepth, _schedule.WorkItems);
            (_chargedAcquisition, _chargedFrom) = (_acquisitions, now);
            _heldSince = IsObserved ? now : 0;
            WorkItem? item = TakeFirstItemNeedsGate(state);
            SetOwnerNeedsGate(me.Id);
            return item;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private WorkItem? TakeFirstItemNeedsGate(WaitState state)
    {
        if (_items.First is not { } item)
            return null;
        _items.Remove(item);
        item.State = state;
        return item;
    }

    /// <summary>What the thread pool is given when an item is next.</summary>
    private sealed class ItemRunner(GlobalInterpreterLock gil) : IThreadPoolWorkItem
    {
        public void Execute() => gil.RunItems();
    }

    /// <summary>The one thread on which items run, for interpreters that are bound to theirs. To the lock it is a thread like any other.</summary>
    private sealed class DedicatedRunner(GlobalInterpreterLock gil, int maxStackSize)
    {
        private readonly Parker _news = new();
        private int _started;

        internal void Signal()
        {
            if (Interlocked.Exchange(ref _started, 1) == 0)
                new Thread(Run, maxStackSize) { Name = $"GilSharp {gil.Name ?? "lock"}", IsBackground = true }.UnsafeStart();
            _news.Unpark();
        }

        /// <summary>The lock was disposed: a thread that was started ends.</summary>
        internal void SignalEnd()
        {
            if (Volatile.Read(ref _started) != 0)
                _news.Unpark();
        }

        private void Run()
        {
            ThreadToken me = ThreadToken.Current;
            while (true)
            {
                while (gil.HasItems)
                    RunNext(me);
                if (gil.IsFinished && MayEnd())
                    return;
                try
                {
                    _news.Park(Timeout.Infinite);
                }
                catch (ThreadInterruptedException)
                {
                    // Meant for a delegate that did not wait any more.
                }
            }
        }

        // A continuation may still be posted after the disposal: it starts a thread anew, or is seen here.
        private bool MayEnd()
        {
            Interlocked.Exchange(ref _started, 0);
            return !gil.HasItems || Interlocked.Exchange(ref _started, 1) != 0;
        }

        private void RunNext(ThreadToken me)
        {
            Entry entry = gil.EnterContended(me, Timeout.Infinite, CancellationToken.None, evenIfDisposed: true, mustEnter: true);
            if (entry == Entry.Disposed)
                return;
            WaitState state = entry == Entry.EnteredAbandoned ? WaitState.GrantedAbandoned : WaitState.Granted;
            if (gil.TakeFirstItem(state) is { } item)
                gil.RunItem(me, item, mayContinue: false);
            else
                gil.LeaveContended(me, state: state);
        }
    }

    private bool HasItems
    {
        get
        {
            _gate.Enter();
            try
            {
                return !_items.IsEmpty;
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    private bool IsFinished => (Volatile.Read(ref _word) & LockWord.Disposed) != 0 && Volatile.Read(ref _functionsUnderway) == 0 && !HasItems;

    private WorkItem? TakeFirstItem(WaitState state)
    {
        _gate.Enter();
        try
        {
            WorkItem? item = TakeFirstItemNeedsGate(state);
            UpdateContendedNeedsGate();
            return item;
        }
        finally
        {
            _gate.Exit();
        }
    }
}
