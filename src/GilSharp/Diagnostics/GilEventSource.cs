using System.Diagnostics.Tracing;
using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>The events of this library, for dotnet-trace, PerfView and event listeners.</summary>
[EventSource(Name = "GilSharp")]
internal sealed class GilEventSource : EventSource
{
    internal static readonly GilEventSource Log = new();

    [Event(1, Level = EventLevel.Error, Message = "A release that was posted to a lock threw: {0}")]
    public void DeferredReleaseFailed(string exception) => WriteEvent(1, exception);

    [Event(2, Keywords = Keywords.Lock)]
    public void LockRequested(string name) => WriteEvent(2, name);

    [Event(3, Keywords = Keywords.Lock)]
    public void LockAcquired(string name) => WriteEvent(3, name);

    [Event(4, Keywords = Keywords.Lock)]
    public void LockReleased(string name) => WriteEvent(4, name);

    [Event(5, Keywords = Keywords.Lock)]
    public void LockForcedOut(string name) => WriteEvent(5, name);

    [Event(6, Keywords = Keywords.Lock)]
    public void LockGivenUp(string name) => WriteEvent(6, name);

    [Event(7, Keywords = Keywords.Lock)]
    public void SwitchRequested(string name) => WriteEvent(7, name);

    [NonEvent]
    internal void Tell(LockEvent what, string name)
    {
        switch (what)
        {
            case LockEvent.Requested:
                LockRequested(name);
                break;
            case LockEvent.Acquired:
                LockAcquired(name);
                break;
            case LockEvent.Released:
                LockReleased(name);
                break;
            case LockEvent.ForcedOut:
                LockForcedOut(name);
                break;
            case LockEvent.GaveUp:
                LockGivenUp(name);
                break;
            default:
                SwitchRequested(name);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnEventCommand(EventCommandEventArgs command) => LockObserver.EventsEnabled(IsEnabled(EventLevel.Informational, Keywords.Lock));

    /// <summary>Which events a listener may ask for.</summary>
    public static class Keywords
    {
        /// <summary>Every acquisition and release of every lock: many.</summary>
        public const EventKeywords Lock = (EventKeywords)1;
    }
}
