using System.Diagnostics.Tracing;

namespace GilSharp.Diagnostics;

/// <summary>The events of this library, for dotnet-trace, PerfView and event listeners.</summary>
[EventSource(Name = "GilSharp")]
internal sealed class GilEventSource : EventSource
{
    internal static readonly GilEventSource Log = new();

    [Event(1, Level = EventLevel.Error, Message = "A release that was posted to a lock threw: {0}")]
    public void DeferredReleaseFailed(string exception) => WriteEvent(1, exception);
}
