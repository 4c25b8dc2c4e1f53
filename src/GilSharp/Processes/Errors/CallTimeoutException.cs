namespace GilSharp;

/// <summary>A call ran longer than its <see cref="CallOptions.Timeout"/>, counted from the moment a worker started it.</summary>
public class CallTimeoutException : TimeoutException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public CallTimeoutException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public CallTimeoutException(string? message) : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public CallTimeoutException(string? message, Exception? innerException) : base(message, innerException)
    {
    }
}
