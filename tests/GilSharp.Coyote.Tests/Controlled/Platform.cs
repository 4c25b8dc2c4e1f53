namespace GilSharp.Locking;

/// <summary>Time that passes only by being looked at, so that a schedule is the same each time it is played.</summary>
internal static class MonotonicClock
{
    private static long s_now;

    internal static long Now => s_now += TimeSpan.TicksPerMicrosecond * 10;

    /// <summary>Each execution begins at the same moment.</summary>
    internal static void Begin() => s_now = TimeSpan.TicksPerSecond;
}

/// <summary>Tells nobody: what only time brings about, a scenario brings about itself, as one more thread.</summary>
internal static class Ticker
{
    internal static void Watch(GlobalInterpreterLock gil)
    {
    }

    internal static void WakeBy(long time)
    {
    }
}

/// <summary>Sleeps until woken. A sleep with a limit may be over at once: under Coyote time never passes.</summary>
internal sealed class Parker
{
    private readonly AutoResetEvent _wakeUp = new(initialState: false);

    internal void Park(int milliseconds)
    {
        if (milliseconds == Timeout.Infinite)
            _wakeUp.WaitOne();
    }

    internal void Unpark() => _wakeUp.Set();
}
