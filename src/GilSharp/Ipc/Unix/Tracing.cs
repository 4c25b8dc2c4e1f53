namespace GilSharp.Ipc.Unix;

/// <summary>Native debuggers, which a process itself does not notice.</summary>
internal static class Tracing
{
    /// <summary>Whether a process is traced: by gdb, lldb, strace.</summary>
    internal static bool IsTraced(int processId)
    {
        try
        {
            return File.ReadLines($"/proc/{processId}/status").Any(static line =>
                line.StartsWith("TracerPid:", StringComparison.Ordinal) && line.AsSpan("TracerPid:".Length).Trim() is not "0");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
