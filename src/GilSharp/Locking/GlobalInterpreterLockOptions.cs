namespace GilSharp;

/// <summary>How a <see cref="GlobalInterpreterLock"/> behaves.</summary>
public sealed class GlobalInterpreterLockOptions
{
    /// <summary>The name that metrics, events and the debugger show; none by default.</summary>
    public string? Name { get; set; }

    /// <summary>How long a thread may compute while another waits before its next checkpoint gives way. 5 milliseconds by default; it takes effect in steps of about a millisecond.</summary>
    public TimeSpan SwitchInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Whether <see cref="GlobalInterpreterLockStatistics.HeldTime"/> is counted. Off by default: two timestamps cost more than the lock itself.</summary>
    public bool TrackHeldTime { get; set; }

    /// <summary>Whether the bodies of <c>RunAsync</c> all run on one thread of the lock's own, for interpreters that are bound to theirs. Off by default: they run on the thread pool.</summary>
    public bool DedicatedThread { get; set; }

    /// <summary>The stack size of the dedicated thread in bytes; 0, the default, is the platform's own size.</summary>
    public int MaxStackSize { get; set; }
}
