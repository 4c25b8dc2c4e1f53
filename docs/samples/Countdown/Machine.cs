using System.Globalization;
using System.Runtime.InteropServices;

namespace GilSharp.Samples.Countdown;

/// <summary>Where the figures were measured.</summary>
internal sealed record Machine(string Processor, int Processors, double MemoryGiB, string System, string Runtime, string Build)
{
    public static Machine Describe() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        IsOptimized() ? "Release" : "Debug: the figures mean little; add -c Release");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Processor}, {Processors} logical processors, {MemoryGiB} GiB; {System}; {Runtime}; {Build}");

    // Only Linux tells the name in a file; elsewhere the architecture has to do.
    private static string ProcessorName()
    {
        const string Description = "/proc/cpuinfo";
        string? line = File.Exists(Description)
            ? File.ReadLines(Description).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static bool IsOptimized()
    {
#if DEBUG
        return false;
#else
        return true;
#endif
    }
}
