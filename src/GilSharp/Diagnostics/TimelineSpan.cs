using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>A time during which a thread held the lock or waited for it; in ticks from the beginning of the recording.</summary>
internal readonly record struct TimelineSpan(int ThreadId, string? ThreadName, bool Holds, long Begin, long End)
{
    internal string Label => ThreadName is null ? $"thread {ThreadId}" : $"{ThreadName} ({ThreadId})";
}

/// <summary>Something that happened at an instant.</summary>
internal readonly record struct TimelineMark(int ThreadId, long Time, LockEvent What);
