namespace GilSharp.Locking;

/// <summary>How a wait stands.</summary>
internal enum WaitState
{
    /// <summary>In the queue.</summary>
    Queued,

    /// <summary>Out of the queue: the lock is this waiter's.</summary>
    Granted,

    /// <summary>As <see cref="Granted"/>, and the owner before had ended without leaving.</summary>
    GrantedAbandoned,

    /// <summary>Out of the queue: the lock was disposed.</summary>
    Disposed,

    /// <summary>Out of the queue: the waiter gave up and took its request back.</summary>
    Withdrawn,
}

/// <summary>A place in the queue: a thread that waits, or a work item that no thread waits for.</summary>
internal abstract class QueueEntry
{
    private int _state;

    /// <summary>Neighbours in the queue; guarded by the lock's gate.</summary>
    internal QueueEntry? Previous, Next;

    /// <summary>The virtual time by which the entry should have been served; orders the queue. Guarded by the gate.</summary>
    internal long Deadline;

    /// <summary>When it queued. Written before it is queued.</summary>
    internal long QueuedAt;

    /// <summary>Its number in order of arrival, which decides between equal deadlines.</summary>
    internal long Arrival;

    /// <summary>Changed inside the gate only; read outside by the waiter, who then sees all that its granter wrote before.</summary>
    internal WaitState State
    {
        get => (WaitState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }
}

/// <summary>A thread's place in the queue, and where it sleeps.</summary>
internal sealed class Waiter(ThreadToken token) : QueueEntry
{
    private readonly Parker _parker = new();
    private int _parked;

    internal ThreadToken Token { get; } = token;

    /// <summary>From here on <see cref="WakeUp"/> wakes the thread; it looks once more at what it waits for and then sleeps.</summary>
    /// <remarks>Interlocked, as WakeUp's exchange is: either the waker sees that we sleep or we see what it changed before.</remarks>
    internal void AnnounceSleep() => Interlocked.Exchange(ref _parked, 1);

    /// <summary>Sleeps. May return early: the caller looks at the state again.</summary>
    /// <exception cref="ThreadInterruptedException">Another thread interrupted this one.</exception>
    internal void Sleep(int milliseconds) => _parker.Park(milliseconds);

    internal void EndSleep() => Interlocked.Exchange(ref _parked, 0);

    /// <summary>Wakes the thread if it sleeps; one that is still spinning costs no system call.</summary>
    internal void WakeUp()
    {
        if (Interlocked.Exchange(ref _parked, 0) == 1)
            _parker.Unpark();
    }
}
