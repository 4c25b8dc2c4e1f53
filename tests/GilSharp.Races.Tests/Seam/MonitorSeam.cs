using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of <see cref="Monitor"/>, and so of <c>lock</c>, in the explored code.</summary>
internal static class MonitorSeam
{
    public static void Enter(object target, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            Monitor.Enter(target);
            return;
        }

        Execution execution = me.Execution;
        execution.Point(me);
        if (Faults.At(site) == Fault.Skipped)
            return;
        MonitorState monitor = execution.MonitorOf(target);
        while (monitor.Owner is not null && monitor.Owner != me)
        {
            if (!execution.Wait(me, monitor) && me.IsInterrupted)
            {
                me.IsInterrupted = false;
                throw new ThreadInterruptedException();
            }
        }

        monitor.Owner = me;
        monitor.Depth++;
        me.View.Acquire(monitor.Released);
        execution.Log?.Add(me, "enter monitor", site, "");
    }

    public static void Enter(object target, ref bool taken, int site)
    {
        if (VirtualThread.Current is null)
        {
            Monitor.Enter(target, ref taken);
            return;
        }

        Enter(target, site);
        taken = true;
    }

    public static bool TryEnter(object target, int site)
    {
        if (VirtualThread.Current is not { } me)
            return Monitor.TryEnter(target);
        me.Execution.Point(me);
        MonitorState monitor = me.Execution.MonitorOf(target);
        if (monitor.Owner is not null && monitor.Owner != me)
            return false;
        monitor.Owner = me;
        monitor.Depth++;
        me.View.Acquire(monitor.Released);
        return true;
    }

    public static void Exit(object target, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            Monitor.Exit(target);
            return;
        }

        if (Faults.At(site) == Fault.Skipped)
            return;
        MonitorState monitor = me.Execution.MonitorOf(target);
        if (monitor.Owner != me)
            throw new SynchronizationLockException($"{me.Name} leaves a monitor that {monitor.Owner?.Name ?? "nobody"} owns, at {Sites.Describe(site)}");
        me.Execution.Log?.Add(me, "leave monitor", site, "");
        monitor.Released = me.View.Copy();
        me.View.Tick();
        if (--monitor.Depth == 0)
            monitor.Owner = null;
    }

    public static bool Wait(object target, int site) => Wait(target, Timeout.Infinite, site);

    public static bool Wait(object target, TimeSpan time, int site) => Wait(target, (int)time.TotalMilliseconds, site);

    public static bool Wait(object target, int milliseconds, int site)
    {
        if (VirtualThread.Current is not { } me)
            return Monitor.Wait(target, milliseconds);
        Execution execution = me.Execution;
        MonitorState monitor = execution.MonitorOf(target);
        PulseWait wait = new(monitor);
        monitor.Waiting.Add(wait);
        execution.Log?.Add(me, "wait for a pulse", site, "");
        int depth = monitor.Depth;
        monitor.Depth = 1;
        Exit(target, -1);
        bool pulsed = execution.Wait(me, wait, milliseconds < 0 ? -1 : milliseconds * 1_000_000L);
        monitor.Waiting.Remove(wait);
        Enter(target, -1);
        monitor.Depth = depth;
        return pulsed;
    }

    public static void Pulse(object target, int site)
    {
        if (VirtualThread.Current is not { } me)
            Monitor.Pulse(target);
        else if (Faults.At(site) == Fault.None)
            PulseFirst(me.Execution.MonitorOf(target), 1);
    }

    public static void PulseAll(object target, int site)
    {
        if (VirtualThread.Current is not { } me)
            Monitor.PulseAll(target);
        else if (Faults.At(site) == Fault.None)
            PulseFirst(me.Execution.MonitorOf(target), int.MaxValue);
    }

    private static void PulseFirst(MonitorState monitor, int most)
    {
        foreach (PulseWait wait in monitor.Waiting.Where(static wait => !wait.IsPulsed).Take(most))
            wait.IsPulsed = true;
    }
}
