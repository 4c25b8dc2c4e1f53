namespace GilSharp.Locking;

/// <summary>The one door through which the lock tells what happens to it.</summary>
internal static partial class LockObserver
{
    /// <summary>A posted release threw. Whoever held the lock is not to blame, so it is told to the listeners only.</summary>
    internal static void DeferredReleaseFailed(Exception exception) => Diagnostics.GilEventSource.Log.DeferredReleaseFailed(exception.ToString());
}
