using System.Collections.Concurrent;
using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Telemetry;

/// <summary>Listens in a worker to all activities of calls whose trace is recorded in the parent, and sends them there when they have ended.</summary>
/// <remarks>
/// The worker cannot know which sources the parent's listeners want. So the first activity of each source is sent, and the parent answers "not wanted"
/// for a source that nobody there listens to; that holds for a second, since a listener may come.
/// </remarks>
internal static class WorkerTracing
{
    private static FrameSender? s_send;
    private static ActivityListener? s_listener;

    /// <summary>Says where activities go. Loads nothing: most workers are never traced.</summary>
    internal static void SendTo(FrameSender send) => s_send = send;

    internal static void Listen()
    {
        if (s_listener is not null || s_send is null) return;
        s_listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) => Sample(options.Source, options.Parent.TraceFlags),
            SampleUsingParentId = static (ref ActivityCreationOptions<string> options) => Sample(options.Source, ActivityTraceFlags.None),
            ActivityStopped = Send,
        };
        ActivitySource.AddActivityListener(s_listener);
    }

    internal static void Ignore(ReadOnlySpan<byte> source)
    {
        string name = WireText.Read(ref source) ?? "";
        UnwantedSources.Until[(name, WireText.Read(ref source))] = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
    }

    private static ActivitySamplingResult Sample(ActivitySource source, ActivityTraceFlags parent)
    {
        if (IsUnwanted(source)) return ActivitySamplingResult.None;
        CallSpan? call = CallSpan.Current;
        if ((parent & ActivityTraceFlags.Recorded) != 0 || call is { Collects: true, IsRecorded: true }) return ActivitySamplingResult.AllDataAndRecorded;
        return call is { Collects: true } ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;
    }

    private static bool IsUnwanted(ActivitySource source)
    {
        if (UnwantedSources.Until.IsEmpty || !UnwantedSources.Until.TryGetValue((source.Name, source.Version), out long until)) return false;
        if (Stopwatch.GetTimestamp() < until) return true;
        UnwantedSources.Until.TryRemove((source.Name, source.Version), out _);
        return false;
    }

    private static void Send(Activity activity)
    {
        if (!activity.IsAllDataRequested || IsUnwanted(activity.Source) || activity.IdFormat != ActivityIdFormat.W3C) return;
        if (activity.Source.Name.Length == 0 && CallSpan.Current is not { Collects: true } && !activity.Recorded) return;
        FrameBuffer buffer = new(512);
        int frame = buffer.BeginFrame();
        ActivityRecord.Write(buffer, activity);
        buffer.EndFrame(frame, FrameKind.Activity, WorkerContext.CallId);
        s_send!(buffer.Written);
    }

    // On its own: made where there is a trace, and not in every worker before its first call.
    private static class UnwantedSources
    {
        internal static readonly ConcurrentDictionary<(string Name, string? Version), long> Until = new();
    }
}
