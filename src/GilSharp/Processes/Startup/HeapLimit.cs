using System.Globalization;

namespace GilSharp.Processes.Startup;

/// <summary>How large the heap of a worker may grow.</summary>
/// <remarks>
/// <code>
/// WorkerMemoryLimit is set           so much: an allocation beyond it fails at once, not when the pool looks the next time
/// this process runs in a container   its own limit (the runtime's is 75 % of the container's) divided by the workers and this process: together
///   that limits memory               they stay below what would make the kernel kill them all
/// neither, or the user has set a     nothing is said
///   limit of the collector
/// </code>
/// </remarks>
internal static class HeapLimit
{
    internal const string Variable = "DOTNET_GCHeapHardLimit";

    /// <summary>A runtime needs so much to start at all.</summary>
    private const long Least = 32L << 20;

    /// <summary>Hexadecimal, as the runtime reads it; null to say nothing.</summary>
    internal static string? For(ProcessPoolOptions options, Func<string, bool> isSet)
    {
        if (isSet(Variable) || isSet("DOTNET_GCHeapHardLimitPercent") || isSet("COMPlus_GCHeapHardLimit")) return null;
        long? limit = options.WorkerMemoryLimit ?? (IsConfigured ? null : Share(options.Workers + options.StandbyWorkers));
        return limit is { } bytes ? "0x" + Math.Max(Least, bytes).ToString("x", CultureInfo.InvariantCulture) : null;
    }

    private static bool IsConfigured =>
        AppContext.GetData("System.GC.HeapHardLimit") is not null || AppContext.GetData("System.GC.HeapHardLimitPercent") is not null;

    private static long? Share(int workers) =>
        GC.GetConfigurationVariables().TryGetValue("GCHeapHardLimit", out object? value) && Convert.ToInt64(value, CultureInfo.InvariantCulture) is > 0 and long own
            ? own / (workers + 1)
            : null;
}
