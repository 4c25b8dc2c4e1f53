using System.Diagnostics;

namespace GilSharp;

/// <summary>The figures of a pool at one moment.</summary>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public readonly record struct ProcessPoolStatistics
{
    /// <summary>Worker processes that are starting, idle, busy or leaving.</summary>
    public int Workers { get; init; }

    /// <summary>Workers that wait for a call.</summary>
    public int Idle { get; init; }

    /// <summary>Accepted calls that no worker runs yet.</summary>
    public int Queued { get; init; }

    /// <summary>Calls that run in a worker.</summary>
    public int Running { get; init; }

    /// <summary>Calls that returned a value.</summary>
    public long Completed { get; init; }

    /// <summary>Calls that ended with an exception other than a cancellation.</summary>
    public long Failed { get; init; }

    /// <summary>Calls that were cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>Workers that were started in place of one that was lost, or had served its time.</summary>
    public long Restarts { get; init; }

    /// <summary>Starts of workers that failed, and workers that ended before they had served a single call.</summary>
    public long FailedStarts { get; init; }

    /// <summary>How long the pool still holds the next start back, because such things happened one after the other. Zero if it does not.</summary>
    public TimeSpan StartBackoff { get; init; }

    /// <summary>Bytes of frames sent to workers.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes of frames received from workers.</summary>
    public long BytesReceived { get; init; }

    private string DebuggerDisplay => $"{Workers} workers, {Running} running, {Queued} queued; {Completed} completed, {Failed} failed, {Cancelled} cancelled";
}
