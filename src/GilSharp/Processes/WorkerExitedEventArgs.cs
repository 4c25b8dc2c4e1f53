namespace GilSharp;

/// <summary>A worker process has ended.</summary>
public sealed class WorkerExitedEventArgs : EventArgs
{
    /// <summary>The worker's number in the pool.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its exit code; 128 plus the signal's number where a signal ended it; -1 if unknown. On Windows also below 0.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The signal that ended it, by name; null where it exited by itself. On Windows the name of the status.</summary>
    public string? Signal { get; init; }

    /// <summary>Why it ended.</summary>
    public required WorkerExitReason Reason { get; init; }
}
