using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>The meter, called <c>GilSharp</c>, and the metrics of the locks.</summary>
internal static class GilMeter
{
    private const string NameTag = "gil.name";

    internal static readonly Meter Meter = new("GilSharp");

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

    // A measurement runs the listeners' callbacks at once, and the caller is in the middle of entering or leaving the lock: a
    // listener's failure must not leave the lock stuck.
    internal static void RecordWait(GlobalInterpreterLock gil, long ticks)
    {
        try
        {
            WaitDuration.Record(new TimeSpan(ticks).TotalSeconds, TagOf(gil));
        }
        catch (Exception)
        {
            // A measurement is lost, the lock is not.
        }
    }

    internal static void CountSwitch(GlobalInterpreterLock gil)
    {
        if (!Switches.Enabled)
            return;
        try
        {
            Switches.Add(1, TagOf(gil));
        }
        catch (Exception)
        {
            // As above.
        }
    }

    private static KeyValuePair<string, object?> TagOf(GlobalInterpreterLock gil) => new(NameTag, gil.Name);
}
