namespace GilSharp;

/// <summary>An exception of a worker whose own type can't be rebuilt here; it stands in for it.</summary>
public sealed class RemoteException : ProcessPoolException
{
    /// <summary>Creates an exception that stands in for one of another process.</summary>
    /// <param name="typeName">The full name of the exception's type in the other process.</param>
    /// <param name="message">The message there.</param>
    /// <param name="remoteStackTrace">The stack trace there, if there was one.</param>
    /// <param name="innerException">The cause, rebuilt.</param>
    public RemoteException(string typeName, string? message, string? remoteStackTrace, Exception? innerException = null)
        : base(message, innerException)
    {
        TypeName = typeName;
        RemoteStackTrace = remoteStackTrace;
    }

    /// <summary>The full name of the exception's type in the worker.</summary>
    public string TypeName { get; }

    /// <summary>The stack trace in the worker, if there was one.</summary>
    public string? RemoteStackTrace { get; }
}
