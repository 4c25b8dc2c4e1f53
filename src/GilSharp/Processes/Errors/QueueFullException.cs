namespace GilSharp;

/// <summary>The pool's queue holds <see cref="ProcessPoolOptions.QueueCapacity"/> calls and <see cref="ProcessPoolOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</summary>
public class QueueFullException : ProcessPoolException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public QueueFullException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public QueueFullException(string? message) : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public QueueFullException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}
