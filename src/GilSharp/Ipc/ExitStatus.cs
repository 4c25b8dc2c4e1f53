namespace GilSharp.Ipc;

/// <summary>How a process ended, as the system tells it: by a code of its own or by force, never mixed up.</summary>
/// <param name="ExitCode">Its code; 128 and the number of the signal on Unix; -1 if it is not known. On Windows also below 0.</param>
/// <param name="SignalName">SIGKILL for 9, as in signal(7), STATUS_ACCESS_VIOLATION and the like on Windows; null where the process ended by itself.</param>
/// <param name="IsKnown">False where nobody can tell how it ended.</param>
internal readonly record struct ExitStatus(int ExitCode, string? SignalName, bool IsKnown = true)
{
    /// <summary>Somebody else collected the status, or the process could not be waited for.</summary>
    internal static ExitStatus Unknown => new(-1, null, IsKnown: false);
}
