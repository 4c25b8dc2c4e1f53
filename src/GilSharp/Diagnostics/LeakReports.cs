using System.Diagnostics.Metrics;

namespace GilSharp.Diagnostics;

/// <summary>Brings leaks from the finalizer thread to those who want to know, each place once.</summary>
internal static class LeakReports
{
    private const int MaxPlaces = 1024;

    private static readonly Meter Meter = new("GilSharp");
    private static readonly Counter<long> Leaks = Meter.CreateCounter<long>(
        "gilsharp.refcount.leaks", "{reference}", "Watched references that were collected before they were disposed.");

    // Guarded by itself.
    private static readonly HashSet<(Type, string)> Places = [];

    /// <summary>Called by a finalizer: posts the report and never throws.</summary>
    internal static void Post(Type valueType, int count, CodePlace beginning)
    {
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static leak => Publish(leak.valueType, leak.count, leak.beginning), (valueType, count, beginning), preferLocal: false);
        }
        catch (Exception)
        {
            // Out of memory, at worst: a report is lost, the process is not.
        }
    }

    private static void Publish(Type valueType, int count, CodePlace beginning)
    {
        string? place = Describe(beginning);
        Count(valueType);
        if (IsNew(valueType, place ?? ""))
        {
            RefCountDiagnostics.Raise(new RefCountLeakEventArgs(valueType, count, place));
        }
    }

    private static void Count(Type valueType)
    {
        try
        {
            Leaks.Add(1, new KeyValuePair<string, object?>("gilsharp.refcount.value_type", valueType.ToString()));
        }
        catch (Exception)
        {
            // A listener's failure must not end the process.
        }
    }

    // A runtime without the names of methods can still say what leaked.
    private static string? Describe(CodePlace beginning)
    {
        try
        {
            return beginning.ToString() is { Length: > 0 } place ? place : null;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static bool IsNew(Type valueType, string place)
    {
        lock (Places)
        {
            return Places.Count < MaxPlaces && Places.Add((valueType, place));
        }
    }
}
