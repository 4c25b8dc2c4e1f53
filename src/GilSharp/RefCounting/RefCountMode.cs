namespace GilSharp;

/// <summary>How the references to a shared value are counted.</summary>
public enum RefCountMode
{
    /// <summary>By interlocked instructions: any thread, no lock, nothing to wait for. The default.</summary>
    Atomic,

    /// <summary>
    /// Under a lock that belongs to the value; <see cref="RefCounted{T}.Lock"/> then gives exclusive use of the value, under a second lock of
    /// its own, so that a long exclusive use holds up nobody who only counts.
    /// </summary>
    LockGuarded,

    /// <summary>
    /// As CPython does: a plain count that is touched only by the holder of a <see cref="GlobalInterpreterLock"/>. Chosen by the overload of
    /// <see cref="RefCounted.Create{T}(T, GlobalInterpreterLock, Action{T})"/> that takes the lock.
    /// </summary>
    GilCounted,
}
