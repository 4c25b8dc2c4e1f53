namespace GilSharp;

/// <summary>Code in a worker has printed something.</summary>
public sealed class WorkerOutputEventArgs : EventArgs
{
    /// <summary>The worker's number in the pool.</summary>
    public required int WorkerId { get; init; }

    /// <summary>The call that ran when the text arrived; 0 between calls.</summary>
    public required long CallId { get; init; }

    /// <summary>True for standard error, false for standard output.</summary>
    public required bool IsError { get; init; }

    /// <summary>What was printed, in the pieces in which it arrived; characters are never cut.</summary>
    public required string Text { get; init; }
}
