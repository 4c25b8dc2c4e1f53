using GilSharp.Locking;

namespace GilSharp;

/// <content>Releases that wait for whoever holds the lock next.</content>
public sealed partial class GlobalInterpreterLock
{
    // A stack that anybody pushes to.
    private DeferredRelease? _posted;
    private int _isDrainQueued;

    // The posted ones in order, written by the holder only: if an item lets others in, they go on where it stopped.
    private DeferredRelease? _firstReady;
    private DeferredRelease? _lastReady;

    /// <summary>Posts a release to be run under the lock: by the holder at its next checkpoint or outermost exit, or by the next holder before its own code.</summary>
    /// <remarks>Callable from any thread, a finalizer too: it never blocks and runs nothing foreign. If nobody comes, a pool thread does it.</remarks>
    internal void Defer(DeferredRelease release)
    {
        DeferredRelease? last;
        do
        {
            last = Volatile.Read(ref _posted);
            release.Next = last;
        }
        while (Interlocked.CompareExchange(ref _posted, release, last) != last);

        // After the push and not before: who clears P takes all that was pushed before. The attention comes before P and is
        // cleared after it, so that it does not stay behind alone and keep checkpoints slow.
        Interlocked.Or(ref _attention, RunPosted);
        long word = Interlocked.Or(ref _word, LockWord.Posted);
        if (LockWord.IsUnowned(word))
            QueueDrain();
    }

    private void QueueDrain()
    {
        if (Interlocked.Exchange(ref _isDrainQueued, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static gil => gil.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        Volatile.Write(ref _isDrainQueued, 0);
        ThreadToken me = ThreadToken.Current;
        // Entering runs what is posted. If somebody else holds the lock by now, that is theirs to do.
        Entry entry = EnterContended(me, 0, CancellationToken.None, evenIfDisposed: true);
        if (entry == Entry.Entered)
            Leave(me);
        else if (entry == Entry.EnteredAbandoned)
            LeaveContended(me, state: WaitState.GrantedAbandoned);
    }

    /// <summary>Runs what is posted, in order. For the holder, who holds the lock afterwards too, whatever the releases did.</summary>
    private void RunPostedReleases(ThreadToken me)
    {
        if ((Volatile.Read(ref _word) & LockWord.Posted) == 0 || me.RunsReleasesOf(this))
            return;

        (int depth, long openScope) = (_depth, _openScope);
        bool interrupted = false;
        me.BeginReleasesOf(this);
        try
        {
            // P stays until nothing is left, so that somebody goes on if an item gives the lock up.
            while (TakeNextRelease() is { } release)
            {
                interrupted |= !RunGuarded(release);
                if (!IsHeldBy(me))
                    ComeBackFromRelease(me);
            }
        }
        finally
        {
            me.EndReleases();
        }

        // A release that entered the lock once too often does not change what the holder has.
        (_depth, _openScope) = (depth, openScope);
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }

    // A release left the lock once too often, or met its disposal. The others and the holder's own code rely on it.
    private void ComeBackFromRelease(ThreadToken me)
    {
        // Refused only if the disposal empties the queue while we are in it.
        while (EnterContended(me, Timeout.Infinite, CancellationToken.None, evenIfDisposed: true, mustEnter: true) == Entry.Disposed)
        {
        }
    }

    private DeferredRelease? TakeNextRelease()
    {
        while (true)
        {
            if (_firstReady is { } next)
            {
                _firstReady = next.Next;
                next.Next = null;
                return next;
            }

            Interlocked.And(ref _word, ~LockWord.Posted);
            Interlocked.And(ref _attention, ~RunPosted);
            DeferredRelease? newest = Interlocked.Exchange(ref _posted, null);
            if (newest is null)
                return null;
            MakeReady(newest);
            // Only the holder clears P, and it is set as long as something is ready.
            Interlocked.Or(ref _word, LockWord.Posted);
        }
    }

    private void MakeReady(DeferredRelease newest)
    {
        _lastReady = newest;
        DeferredRelease? first = null;
        for (DeferredRelease? release = newest; release is not null;)
        {
            DeferredRelease? older = release.Next;
            release.Next = first;
            first = release;
            release = older;
        }

        _firstReady = first;
    }

    // False if it was interrupted, which was meant for the thread and not for the release.
    private static bool RunGuarded(DeferredRelease release)
    {
        try
        {
            release.Run();
            return true;
        }
        catch (Exception exception)
        {
            LockObserver.DeferredReleaseFailed(exception);
            return exception is not ThreadInterruptedException;
        }
    }
}
