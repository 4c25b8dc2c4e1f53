using System.Diagnostics;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of threads, events, the thread pool, the clock and the processor's count in the explored code.</summary>
internal static class ThreadSeam
{
    // Thread-static fields outside an execution.
    [ThreadStatic]
    private static Dictionary<int, object?>? t_statics;

    public static bool WaitOne(WaitHandle handle, int milliseconds, int site)
    {
        if (VirtualThread.Current is not { } me)
            return handle.WaitOne(milliseconds);
        Execution execution = me.Execution;
        execution.Point(me);
        execution.Log?.Add(me, milliseconds < 0 ? "sleep" : $"sleep for {milliseconds} ms", site, "");
        EventState state = execution.EventOf(handle);
        bool set = execution.Wait(me, state, milliseconds < 0 ? -1 : milliseconds * 1_000_000L);
        if (!set && me.IsInterrupted)
        {
            me.IsInterrupted = false;
            throw new ThreadInterruptedException();
        }

        if (set)
        {
            state.IsSet = false;
            me.View.Acquire(state.Released);
        }

        execution.Log?.Add(me, set ? "woken" : "slept long enough", site, "");
        return set;
    }

    public static bool Set(EventWaitHandle handle, int site)
    {
        if (VirtualThread.Current is not { } me)
            return handle.Set();
        me.Execution.Point(me);
        Fault fault = Faults.At(site);
        me.Execution.Log?.Add(me, fault == Fault.None ? "wake up" : "FAULT: does not wake up", site, me.Execution.EventOf(handle).ToString());
        if (fault != Fault.None)
            return true;
        EventState state = me.Execution.EventOf(handle);
        state.IsSet = true;
        state.Released = me.View.Copy();
        me.View.Tick();
        return true;
    }

    public static Thread NewThread(ThreadStart start, int site) => NewThread(start, 0, site);

    public static Thread NewThread(ThreadStart start, int stackSize, int site)
    {
        Thread thread = new(start, stackSize);
        VirtualThread.Current?.Execution.Unstarted.Add(thread, start);
        return thread;
    }

    public static void UnsafeStart(Thread thread, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            thread.UnsafeStart();
            return;
        }

        me.Execution.Unstarted.Remove(thread, out ThreadStart? start);
        string name = thread.Name ?? "thread";
        if ((name == "GilSharp ticker" && !me.Execution.Settings.HasTicker) || name.Contains(" worker ", StringComparison.Ordinal))
            return;
        me.Execution.Add(name.Replace("GilSharp ", "", StringComparison.Ordinal), isDaemon: true, () => start!());
    }

    public static bool get_IsAlive(Thread thread, int site)
    {
        if (VirtualThread.Current is not { } me)
            return thread.IsAlive;
        me.Execution.Point(me);
        VirtualThread? asked = me.Execution.Find(thread);
        if (Faults.At(site) != Fault.None)
            return true;
        if (asked is null || !asked.HasEnded)
            return true;
        me.View.Acquire(asked.View.Now);
        return false;
    }

    public static void Interrupt(Thread thread, int site)
    {
        if (VirtualThread.Current is not { } me)
            thread.Interrupt();
        else if (me.Execution.Find(thread) is { } other)
            other.IsInterrupted = true;
    }

    public static void SpinWait(int iterations, int site)
    {
        if (VirtualThread.Current is { } me)
            me.Execution.Yield(me, 30_000);
        else
            Thread.SpinWait(iterations);
    }

    public static void SpinOnce(ref SpinWait spin, int site)
    {
        if (VirtualThread.Current is { } me)
            me.Execution.Yield(me, 30_000);
        else
            spin.SpinOnce();
    }

    public static bool Yield(int site)
    {
        if (VirtualThread.Current is not { } me)
            return Thread.Yield();
        me.Execution.Yield(me, 1_000);
        return true;
    }

    public static bool UnsafeQueueUserWorkItem(IThreadPoolWorkItem item, bool preferLocal, int site)
    {
        if (VirtualThread.Current is null)
            return ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal);
        return Queue(item.Execute, site);
    }

    public static bool UnsafeQueueUserWorkItem<TState>(Action<TState> item, TState state, bool preferLocal, int site)
    {
        if (VirtualThread.Current is null)
            return ThreadPool.UnsafeQueueUserWorkItem(item, state, preferLocal);
        return Queue(() => item(state), site);
    }

    public static bool UnsafeQueueUserWorkItem(WaitCallback item, object? state, int site)
    {
        if (VirtualThread.Current is null)
            return ThreadPool.UnsafeQueueUserWorkItem(item, state);
        return Queue(() => item(state), site);
    }

    public static long GetTimestamp(int site) =>
        VirtualThread.Current is { } me ? (long)(me.Execution.Now * (Stopwatch.Frequency / 1e9)) : Stopwatch.GetTimestamp();

    public static TimeSpan GetElapsedTime(long since, int site) => Stopwatch.GetElapsedTime(since, GetTimestamp(site));

    public static TimeSpan GetElapsedTime(long since, long until, int site) => Stopwatch.GetElapsedTime(since, until);

    public static bool CanSpin(int site) => VirtualThread.Current is { } me && me.Execution.Settings.CanSpin;

    public static T GetStatic<T>(int field)
        where T : class? => Statics.TryGetValue(field, out object? value) ? (T)value! : null!;

    public static void SetStatic<T>(T value, int field)
        where T : class? => Statics[field] = value;

    private static Dictionary<int, object?> Statics => VirtualThread.Current?.Statics ?? (t_statics ??= []);

    private static bool Queue(Action body, int site)
    {
        VirtualThread me = VirtualThread.Current!;
        me.Execution.Point(me);
        if (Faults.At(site) != Fault.None)
            return true;
        VirtualThread thread = me.Execution.Add("pool", isDaemon: false, body);
        me.Execution.Log?.Add(me, $"queue a pool thread ({thread.Id})", site, "");
        return true;
    }
}
