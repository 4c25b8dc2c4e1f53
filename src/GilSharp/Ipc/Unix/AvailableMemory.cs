using System.Globalization;

namespace GilSharp.Ipc.Unix;

/// <summary>How much memory can still be had without the system killing somebody for it.</summary>
/// <remarks>
/// The kernel promises more than there is and, where pages are reserved, ends processes before it says no. So we ask before: the machine, and the
/// control group that a container is.
/// </remarks>
internal static class AvailableMemory
{
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>In bytes; <see cref="long.MaxValue"/> where nothing says.</summary>
    internal static long Bytes
    {
        get
        {
            long available = OfMachine();
            long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            if (limit > 0) available = Math.Min(available, limit);
            string group = OwnGroup();
            available = Math.Min(available, OfGroup(Groups));
            return group.Length > 1 ? Math.Min(available, OfGroup(Groups + group)) : available;
        }
    }

    private static long OfMachine()
    {
        foreach (string line in Lines("/proc/meminfo"))
        {
            if (!line.StartsWith("MemAvailable:", StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> digits = line.AsSpan("MemAvailable:".Length).TrimStart();
            if (long.TryParse(digits[..digits.IndexOf(' ')], CultureInfo.InvariantCulture, out long kibibytes)) return kibibytes * 1024;
        }

        return long.MaxValue;
    }

    private static long OfGroup(string directory)
    {
        long limit = Number(directory + "/memory.max");
        if (limit < 0) return long.MaxValue;
        long used = Math.Max(0, Number(directory + "/memory.current"));
        return Math.Max(0, limit - used + FileCache(directory));
    }

    // What the group keeps of files goes when memory is wanted.
    private static long FileCache(string directory)
    {
        foreach (string line in Lines(directory + "/memory.stat"))
            if (line.StartsWith("inactive_file ", StringComparison.Ordinal) && long.TryParse(line.AsSpan("inactive_file ".Length), CultureInfo.InvariantCulture, out long bytes)) return bytes;
        return 0;
    }

    private static string OwnGroup()
    {
        foreach (string line in Lines("/proc/self/cgroup"))
            if (line.StartsWith("0::", StringComparison.Ordinal)) return line["0::".Length..];
        return "";
    }

    // "max" is no number.
    private static long Number(string path) =>
        Lines(path) is [{ } line, ..] && long.TryParse(line, CultureInfo.InvariantCulture, out long value) ? value : -1;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
