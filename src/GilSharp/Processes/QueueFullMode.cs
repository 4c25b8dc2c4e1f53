namespace GilSharp;

/// <summary>What happens to a call when the queue is full.</summary>
public enum QueueFullMode
{
    /// <summary>It is accepted, and its arguments serialised, when there is room; the caller's task waits, no thread does.</summary>
    Wait,

    /// <summary>It ends at once with <see cref="QueueFullException"/>.</summary>
    Reject,
}
