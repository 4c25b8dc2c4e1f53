using System.Diagnostics.CodeAnalysis;

namespace GilSharp.Locking;

/// <summary>Puts one thread to sleep until another wakes it; a wake-up that comes first is not lost.</summary>
/// <remarks>
/// An event and not a monitor: setting it can neither block nor be interrupted, so a thread that leaves a lock never fails at
/// waking its successor. A wake-up may be stale, so callers look again at what they wait for.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as its thread's token, which nobody disposes; the event's handle has a finalizer of its own.")]
internal sealed class Parker
{
    private readonly AutoResetEvent _wakeUp = new(initialState: false);

    /// <summary>Sleeps until woken or until the milliseconds have passed; -1 sleeps without limit.</summary>
    /// <exception cref="ThreadInterruptedException">Another thread interrupted this one.</exception>
    internal void Park(int milliseconds) => _wakeUp.WaitOne(milliseconds);

    internal void Unpark() => _wakeUp.Set();
}
