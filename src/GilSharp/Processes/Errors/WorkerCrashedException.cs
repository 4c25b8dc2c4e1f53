namespace GilSharp;

/// <summary>The worker process that had the call ended before the call did. Other calls and other workers are not affected.</summary>
/// <remarks>Where the call was run again (<see cref="CallOptions.Retries"/>), the inner exception holds what became of the earlier attempts.</remarks>
public class WorkerCrashedException : ProcessPoolException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public WorkerCrashedException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public WorkerCrashedException(string? message) : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public WorkerCrashedException(string? message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>The process that ended.</summary>
    public int ProcessId { get; init; }

    /// <summary>Its exit code; 128 plus the signal's number where a signal ended it; -1 if unknown. On Windows also below 0.</summary>
    public int ExitCode { get; init; }

    /// <summary>The signal that ended it, by name, as SIGKILL; null where it exited by itself. exit(137) is not SIGKILL. On Windows the name of the status, as STATUS_ACCESS_VIOLATION.</summary>
    public string? Signal { get; init; }

    /// <summary>Why it ended, as far as the pool can tell.</summary>
    public WorkerExitReason Reason { get; init; }

    /// <summary>The end, at most 4 KiB, of what the process had written to its standard error.</summary>
    public string StandardError { get; init; } = "";

    /// <summary>Whether the call may have done something before the process ended.</summary>
    public CallCertainty Certainty { get; init; }
}
