using System.Runtime.CompilerServices;
using GilSharp.Diagnostics;
using GilSharp.Locking;

namespace GilSharp;

/// <content>Being seen.</content>
public sealed partial class GlobalInterpreterLock
{
    // Zero while nobody looks; read on the fast paths.
    private int _observation;
    private GlobalInterpreterLockTimeline[] _timelines = [];
    private bool _isSwitchRequestUntold;

    internal int WaitingNow => Waiting;

    internal bool TracksHeldTime => (Volatile.Read(ref _observation) & (int)Observation.HeldTime) != 0;

    private bool IsObserved
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _observation != 0;
    }

    internal void Observe(Observation what, bool on)
    {
        if (on)
            Interlocked.Or(ref _observation, (int)what);
        else
            Interlocked.And(ref _observation, ~(int)what);
    }

    internal void Attach(GlobalInterpreterLockTimeline timeline)
    {
        GlobalInterpreterLockTimeline[] old;
        do
            old = Volatile.Read(ref _timelines);
        while (Interlocked.CompareExchange(ref _timelines, [.. old, timeline], old) != old);
        ObserveTimelines();
    }

    internal void Detach(GlobalInterpreterLockTimeline timeline)
    {
        GlobalInterpreterLockTimeline[] old;
        do
        {
            old = Volatile.Read(ref _timelines);
        }
        while (Interlocked.CompareExchange(ref _timelines, [.. old.Where(other => other != timeline)], old) != old);
        ObserveTimelines();
    }

    // Several may come and go at once: whoever wrote last looks again whether it is still so.
    private void ObserveTimelines()
    {
        bool any;
        do
        {
            any = Volatile.Read(ref _timelines).Length != 0;
            Observe(Observation.Timeline, any);
        }
        while (any != (Volatile.Read(ref _timelines).Length != 0));
    }

    /// <summary>Tells the observers, if any. Never inside the gate: a listener is foreign code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Tell(LockEvent what)
    {
        int observation = Volatile.Read(ref _observation);
        if ((observation & (int)Observation.Timeline) != 0)
        {
            foreach (GlobalInterpreterLockTimeline timeline in Volatile.Read(ref _timelines))
                timeline.Record(what, MonotonicClock.Now, Thread.CurrentThread);
        }

        if ((observation & (int)Observation.Events) != 0)
            GilEventSource.Log.Tell(what, Name ?? "");
    }

    private void TellIfObserved(LockEvent what)
    {
        if (IsObserved)
            Tell(what);
    }

    private void TellSwitchRequest()
    {
        if (!IsObserved || !Volatile.Read(ref _isSwitchRequestUntold))
            return;
        Volatile.Write(ref _isSwitchRequestUntold, false);
        Tell(LockEvent.SwitchRequested);
    }

    /// <summary>What a thread that has just come in reports of its wait.</summary>
    private void ReportWait(long queuedAt)
    {
        if (GilMeter.WaitDuration.Enabled)
            GilMeter.RecordWait(this, MonotonicClock.Now - queuedAt);
        TellIfObserved(LockEvent.Acquired);
    }
}
