namespace GilSharp.Ipc;

/// <summary>The system has no more of something now, and may have some again later: descriptors, processes, threads, memory.</summary>
internal sealed class SystemLimitException : IOException
{
    internal SystemLimitException(string message) : base(message)
    {
    }

    internal SystemLimitException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
