namespace GilSharp;

/// <summary>The pool was terminated while the call waited or ran.</summary>
public class ProcessPoolTerminatedException : OperationCanceledException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public ProcessPoolTerminatedException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public ProcessPoolTerminatedException(string? message) : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ProcessPoolTerminatedException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}
