using System.Buffers.Text;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace GilSharp.Ipc.Unix;

/// <summary>How much memory a process holds.</summary>
internal static class ResidentMemory
{
    /// <summary>Resident bytes of a process; 0 if it is gone or the system does not say.</summary>
    /// <param name="processId">Which.</param>
    /// <param name="withoutShared">Leave out shared memory, which is nobody's own; costs a little more to find out.</param>
    internal static long Of(int processId, bool withoutShared)
    {
        long resident = Of(processId);
        return withoutShared ? Math.Max(0, resident - Shared(processId)) : resident;
    }

    private static long Shared(int processId)
    {
        try
        {
            const string Label = "RssShmem:";
            foreach (string line in File.ReadLines($"/proc/{processId}/status"))
            {
                if (!line.StartsWith(Label, StringComparison.Ordinal)) continue;
                ReadOnlySpan<char> digits = line.AsSpan(Label.Length).Trim();
                return long.TryParse(digits[..digits.IndexOf(' ')], CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes * 1024 : 0;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }

        return 0;
    }

    /// <summary>Resident bytes of a process; 0 if it is gone or the system does not say.</summary>
    internal static long Of(int processId)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle($"/proc/{processId}/statm");
            Span<byte> text = stackalloc byte[128];
            ReadOnlySpan<byte> read = text[..RandomAccess.Read(file, text, 0)];
            read = read[(read.IndexOf((byte)' ') + 1)..]; // behind the size of the address space
            return Utf8Parser.TryParse(read, out long pages, out _) ? pages * Environment.SystemPageSize : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
