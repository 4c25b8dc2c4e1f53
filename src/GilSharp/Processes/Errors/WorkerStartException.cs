namespace GilSharp;

/// <summary>No worker can be started, or its initializer fails: the cause is the inner exception, the message says what to do.</summary>
public class WorkerStartException : ProcessPoolException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public WorkerStartException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public WorkerStartException(string? message) : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public WorkerStartException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}
