using GilSharp.Ipc.Unix;

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

    private const int EAGAINOfMac = 35; // the others have the same number on Linux and macOS; 35 is EDEADLK on Linux, which nothing here gives

    internal static bool IsLimit(int error) => error is Libc.EMFILE or Libc.ENFILE or Libc.EAGAIN or EAGAINOfMac or Libc.ENOMEM or Libc.ENOSPC;

    /// <summary>What to do about it, for those who can.</summary>
    internal static string Advice(int error) => error switch
    {
        Libc.EMFILE => " This process has as many descriptors open as it may (ulimit -n); a worker takes six.",
        Libc.ENFILE => " The system has as many files open as it can.",
        Libc.EAGAIN or EAGAINOfMac => " No more processes or threads may be had (ulimit -u, or pids.max of the control group).",
        Libc.ENOMEM => " There is not enough memory.",
        Libc.ENOSPC => " There is no room left.",
        _ => "",
    };

    internal static IOException For(string failure, int error) => IsLimit(error) ? new SystemLimitException(failure + "." + Advice(error)) : new IOException(failure);
}
