using GilSharp.Locking;

namespace GilSharp;

/// <content>The end, and the figures.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>Reads the figures of this lock.</summary>
    /// <returns>A snapshot.</returns>
    public GlobalInterpreterLockStatistics GetStatistics()
    {
        _gate.Enter();
        try
        {
            return new GlobalInterpreterLockStatistics
            {
                Acquisitions = Volatile.Read(ref _acquisitions),
                ContendedAcquisitions = _contendedAcquisitions,
                ForcedSwitches = _forcedSwitches,
                VoluntaryReleases = Volatile.Read(ref _voluntaryReleases),
                Waiting = _threads.Count + _items.Count,
                WaitTime = new TimeSpan(_waitTicks),
                HeldTime = new TimeSpan(Volatile.Read(ref _heldTicks)),
            };
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Ends the lock: whoever waits gets <see cref="ObjectDisposedException"/>, and whoever holds it may leave. On <see cref="Shared"/> and the locks of <see cref="For"/> it does nothing.</summary>
    public void Dispose()
    {
        if (_isProcessWide)
            return;

        List<Waiter> waiters = [];
        List<WorkItem> items = [];
        _gate.Enter();
        try
        {
            if ((Interlocked.Or(ref _word, LockWord.Disposed) & LockWord.Disposed) != 0)
                return;
            EmptyQueuesNeedsGate(waiters, items);
            UpdateContendedNeedsGate();
            Interlocked.And(ref _attention, ~GiveWay);
            Interlocked.Or(ref _attention, LookAtDisposal);
        }
        finally
        {
            _gate.Exit();
        }

        foreach (Waiter waiter in waiters)
            waiter.WakeUp();
        foreach (WorkItem item in items)
        {
            item.StopListening();
            item.Fail(Disposed());
        }

        // What was posted is run by the holder as it leaves; if there is none, by us.
        if ((Volatile.Read(ref _word) & LockWord.Posted) != 0)
            Drain();
        _dedicated?.SignalEnd();
    }

    private void EmptyQueuesNeedsGate(List<Waiter> waiters, List<WorkItem> items)
    {
        while (_threads.First is { } waiter)
        {
            _threads.Remove(waiter);
            waiter.State = WaitState.Disposed;
            waiters.Add(waiter);
        }

        WorkItem? item = _items.First;
        while (item is not null)
        {
            var next = (WorkItem?)item.Next;
            // A function that has begun is carried on to its end: nothing else could end its task.
            if (!item.IsContinuation)
            {
                _items.Remove(item);
                item.State = WaitState.Disposed;
                items.Add(item);
            }

            item = next;
        }
    }
}
