namespace GilSharp.Locking;

/// <summary>Something to be done by whoever holds the lock next; posted with <see cref="GlobalInterpreterLock.Defer"/>.</summary>
internal abstract class DeferredRelease
{
    /// <summary>The release posted before or after this one; belongs to the lock from the moment of posting.</summary>
    internal DeferredRelease? Next;

    /// <summary>Runs once, while the running thread holds the lock. An exception is reported and harms nobody.</summary>
    internal abstract void Run();
}
