using GilSharp.Diagnostics;

namespace GilSharp.Locking;

/// <summary>What a lock tells its observers.</summary>
internal enum LockEvent
{
    /// <summary>Somebody begins to wait.</summary>
    Requested = 1,

    /// <summary>Somebody has the lock.</summary>
    Acquired = 2,

    /// <summary>The holder leaves, for good or for a blocking call.</summary>
    Released = 3,

    /// <summary>The holder gives way at a checkpoint.</summary>
    ForcedOut = 4,

    /// <summary>Somebody gave up waiting.</summary>
    GaveUp = 5,

    /// <summary>The holder is asked to give way at its next checkpoint.</summary>
    SwitchRequested = 6,
}

/// <summary>The one door through which locks tell what happens to them. Nothing is told from inside a gate.</summary>
/// <remarks>
/// A lock asks a field of its own whether it is observed, so that nobody pays while nobody looks; this class sets that field on
/// every living lock when an event listener comes or goes.
/// </remarks>
internal static class LockObserver
{
    private static readonly object Sync = new();
    private static readonly List<WeakReference<GlobalInterpreterLock>> Locks = [];
    private static bool s_eventsEnabled;

    internal static void Register(GlobalInterpreterLock gil)
    {
        // Listeners find a source by its name once it exists.
        _ = GilEventSource.Log;
        lock (Sync)
        {
            // Doubling makes the sweep cost nothing on the average.
            if (Locks.Count == Locks.Capacity)
                Locks.RemoveAll(static entry => !entry.TryGetTarget(out _));
            Locks.Add(new WeakReference<GlobalInterpreterLock>(gil));
            gil.Observe(Observation.Events, s_eventsEnabled);
        }

        // Its instruments exist from the first lock on.
        GilMeter.EnsureCreated();
    }

    internal static void EventsEnabled(bool enabled)
    {
        lock (Sync)
        {
            s_eventsEnabled = enabled;
            foreach (WeakReference<GlobalInterpreterLock> entry in Locks)
            {
                if (entry.TryGetTarget(out GlobalInterpreterLock? gil))
                    gil.Observe(Observation.Events, enabled);
            }
        }
    }

    internal static List<GlobalInterpreterLock> LivingLocks()
    {
        List<GlobalInterpreterLock> living = [];
        lock (Sync)
        {
            foreach (WeakReference<GlobalInterpreterLock> entry in Locks)
            {
                if (entry.TryGetTarget(out GlobalInterpreterLock? gil))
                    living.Add(gil);
            }
        }

        return living;
    }

    /// <summary>A posted release threw. Whoever held the lock is not to blame, so it is told to the listeners only.</summary>
    internal static void DeferredReleaseFailed(Exception exception)
    {
        if (!GilEventSource.Log.IsEnabled())
            return;
        string text;
        try
        {
            text = exception.ToString();
        }
        catch (Exception)
        {
            text = exception.GetType().ToString(); // its own code; whoever runs the releases holds the lock, and must get on
        }

        GilEventSource.Log.DeferredReleaseFailed(text);
    }
}

/// <summary>Why a lock takes the slower doors.</summary>
[Flags]
internal enum Observation
{
    None = 0,
    HeldTime = 1,
    Events = 2,
    Timeline = 4,
}
