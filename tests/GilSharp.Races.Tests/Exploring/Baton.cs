namespace GilSharp.Races.Exploring;

/// <summary>The right to run. One thread waits for it, another gives it.</summary>
internal sealed class Baton
{
    private const int Looks = 60;

    private readonly object _sleep = new();
    private int _given;
    private bool _sleeps;

    internal void Give()
    {
        Interlocked.Exchange(ref _given, 1);
        if (!Volatile.Read(ref _sleeps))
            return;
        lock (_sleep)
            Monitor.Pulse(_sleep);
    }

    internal void Take()
    {
        // On one processor a yield hands over several times faster than a sleep and a wake-up.
        for (int looks = 0; looks < Looks; looks++)
        {
            if (Interlocked.Exchange(ref _given, 0) == 1)
                return;
            Thread.Yield();
        }

        lock (_sleep)
        {
            Volatile.Write(ref _sleeps, true);
            Interlocked.MemoryBarrier();
            while (Interlocked.Exchange(ref _given, 0) == 0)
                Monitor.Wait(_sleep);
            Volatile.Write(ref _sleeps, false);
        }
    }
}
