namespace GilSharp;

/// <summary>The base of what goes wrong with a call in another process, as opposed to in the called function.</summary>
public class ProcessPoolException : Exception
{
    /// <summary>Creates an exception without a message of its own.</summary>
    public ProcessPoolException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public ProcessPoolException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public ProcessPoolException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
