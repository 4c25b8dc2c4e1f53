namespace GilSharp.Locking;

/// <summary>The only timer: one background thread for all locks and all their waiters, asleep while nobody waits anywhere.</summary>
/// <remarks>Not a timer of the thread pool: a pool whose threads all wait for a lock would never fire the timer that frees them.</remarks>
internal static class Ticker
{
    private static readonly Gate Gate = new();
    private static readonly Parker Parker = new();

    // Guarded by the gate.
    private static readonly List<GlobalInterpreterLock> Watched = [];
    private static bool s_started;

    // Or one of the two below.
    private static long s_wakesAt = long.MaxValue;
    private const long Running = -1;
    private const long Told = 0;

    /// <summary>Looks after a lock until nobody waits for it.</summary>
    internal static void Watch(GlobalInterpreterLock gil)
    {
        bool start;
        Gate.Enter();
        try
        {
            Watched.Add(gil);
            start = !s_started;
            s_started = true;
        }
        finally
        {
            Gate.Exit();
        }

        if (start)
            new Thread(Run) { Name = "GilSharp ticker", IsBackground = true }.UnsafeStart();
        WakeBy(0);
    }

    /// <summary>Makes sure that the ticker looks no later than about then.</summary>
    internal static void WakeBy(long time)
    {
        long wakesAt = Volatile.Read(ref s_wakesAt);
        bool tooLate = wakesAt == Running || wakesAt - TimeSpan.TicksPerMillisecond > time;
        if (tooLate && Interlocked.Exchange(ref s_wakesAt, Told) != Told)
            Parker.Unpark();
    }

    private static void Run()
    {
        List<GlobalInterpreterLock> locks = [];
        while (true)
        {
            Interlocked.Exchange(ref s_wakesAt, Running);
            Copy(locks);
            long now = MonotonicClock.Now;
            long next = long.MaxValue;
            foreach (GlobalInterpreterLock gil in locks)
            {
                long again = gil.Tick(now);
                if (again == long.MaxValue)
                    Forget(gil);
                next = Math.Min(next, again);
            }

            locks.Clear();
            Sleep(next);
        }
    }

    private static void Sleep(long until)
    {
        // Whoever told us something while we looked has left a wake-up with the parker, so the park returns at once.
        Interlocked.Exchange(ref s_wakesAt, until);
        if (until == long.MaxValue)
            Parker.Park(Timeout.Infinite);
        else
            Parker.Park((int)Math.Clamp((until - MonotonicClock.Now + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond, 1, 1000));
    }

    private static void Copy(List<GlobalInterpreterLock> locks)
    {
        Gate.Enter();
        try
        {
            locks.AddRange(Watched);
        }
        finally
        {
            Gate.Exit();
        }
    }

    // Removes one entry: if the lock is contended again by now, it has been added once more.
    private static void Forget(GlobalInterpreterLock gil)
    {
        Gate.Enter();
        try
        {
            Watched.Remove(gil);
        }
        finally
        {
            Gate.Exit();
        }
    }
}
