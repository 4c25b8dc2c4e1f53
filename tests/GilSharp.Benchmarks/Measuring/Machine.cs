using System.Globalization;
using System.Runtime.InteropServices;

namespace GilSharp.Benchmarks.Measuring;

/// <summary>What was measured on, and what else ran there: the load is how many threads wanted to run, over the last minute.</summary>
internal sealed record Machine(
    string Date, string Commit, string Processor, int Processors, double MemoryGiB, string System, string Runtime, string LoadBefore)
{
    public string LoadAfter { get; init; } = "";

    internal static Machine Describe() => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC",
        Clone.Commit(),
        Value("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        Math.Round(Kibibytes("/proc/meminfo", "MemTotal") / 1024.0 / 1024, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Load());

    /// <summary>The load averages of 1, 5 and 15 minutes.</summary>
    internal static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    /// <summary>One paragraph for a page.</summary>
    internal string Sentence() => string.Create(CultureInfo.InvariantCulture,
        $"Measured {Date} at commit {Commit}: {Processors} processors ({Processor}), {MemoryGiB:F1} GiB, {System}, {Runtime}; load before {LoadBefore}, after {LoadAfter} (that of the benchmarks included).");

    /// <summary>A value in KiB from a file such as /proc/self/status; 0 if it is not there.</summary>
    internal static long Kibibytes(string file, string name) =>
        long.TryParse(Value(file, name).Split(' ')[0], CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static string Value(string file, string name)
    {
        if (!File.Exists(file)) return "unknown";
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
