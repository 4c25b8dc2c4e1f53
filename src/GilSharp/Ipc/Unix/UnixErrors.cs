using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>Which errors mean that the system has no more of something at the moment, and what to do about it.</summary>
internal static class UnixErrors
{
    private const int EAGAINOfMac = 35; // the others have the same number on Linux and macOS; 35 is EDEADLK on Linux, which nothing here gives

    internal static IOException For(string failure, int error)
    {
        string message = $"{failure}: {Marshal.GetPInvokeErrorMessage(error)}";
        return IsLimit(error) ? new SystemLimitException(message + "." + Advice(error)) : new IOException(message);
    }

    private static bool IsLimit(int error) => error is Libc.EMFILE or Libc.ENFILE or Libc.EAGAIN or EAGAINOfMac or Libc.ENOMEM or Libc.ENOSPC;

    // For those who can.
    private static string Advice(int error) => error switch
    {
        Libc.EMFILE => " This process has as many descriptors open as it may (ulimit -n); a worker takes six.",
        Libc.ENFILE => " The system has as many files open as it can.",
        Libc.EAGAIN or EAGAINOfMac => " No more processes or threads may be had (ulimit -u, or pids.max of the control group).",
        Libc.ENOMEM => " There is not enough memory.",
        Libc.ENOSPC => " There is no room left.",
        _ => "",
    };
}
