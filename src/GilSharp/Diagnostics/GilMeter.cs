using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>The metrics of the locks; the meter is called <c>GilSharp</c>.</summary>
internal static class GilMeter
{
    private const string NameTag = "gil.name";

    private static readonly Meter Meter = new("GilSharp");

    internal static readonly Histogram<double> WaitDuration =
        Meter.CreateHistogram<double>("gilsharp.gil.wait.duration", "s", "How long threads waited for a lock.");

    private static readonly Counter<long> Switches =
        Meter.CreateCounter<long>("gilsharp.gil.switches", "{switch}", "How often a checkpoint gave way.");

    private static readonly ObservableUpDownCounter<int> Waiters = Meter.CreateObservableUpDownCounter(
        "gilsharp.gil.waiters",
        () => LockObserver.LivingLocks().Select(gil => new Measurement<int>(gil.WaitingNow, TagOf(gil))),
        "{waiter}",
        "Threads and work items that wait now.");

    private static readonly ObservableCounter<double> Held = Meter.CreateObservableCounter(
        "gilsharp.gil.held.time",
        () => LockObserver.LivingLocks().Where(gil => gil.TracksHeldTime).Select(gil => new Measurement<double>(gil.GetStatistics().HeldTime.TotalSeconds, TagOf(gil))),
        "s",
        "How long locks were held, where that is tracked.");

    internal static void EnsureCreated() => RuntimeHelpers.RunClassConstructor(typeof(GilMeter).TypeHandle);

    internal static void RecordWait(GlobalInterpreterLock gil, long ticks) => WaitDuration.Record(new TimeSpan(ticks).TotalSeconds, TagOf(gil));

    internal static void CountSwitch(GlobalInterpreterLock gil)
    {
        if (Switches.Enabled)
            Switches.Add(1, TagOf(gil));
    }

    private static KeyValuePair<string, object?> TagOf(GlobalInterpreterLock gil) => new(NameTag, gil.Name);
}
