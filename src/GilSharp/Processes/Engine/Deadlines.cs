using System.Diagnostics;

namespace GilSharp.Processes.Engine;

/// <summary>Something that is to be looked at when its time has come.</summary>
internal interface IDeadline
{
    /// <summary>Nothing will have to be looked at any more. Read from any thread.</summary>
    bool IsOver => false;

    /// <summary>Runs on the deadlines' own thread and must be short, and nothing foreign.</summary>
    void Due();
}

/// <summary>The one thread that looks after all deadlines of all pools in this process.</summary>
/// <remarks>
/// Not a timer: timers fire on the thread pool, and a starved thread pool must not keep a runaway worker alive. Nearly all calls end long before their
/// timeout: what is over stays until it is due, or until there are twice as many as there were to look at when they were last swept.
/// </remarks>
internal static class Deadlines
{
    private static readonly object Gate = new();
    private static readonly PriorityQueue<IDeadline, Moment> Waiting = new(Moment.Earlier); // guarded by Gate
    private const int FewestToSweep = 1024;

    private static bool s_running;                                                         // guarded by Gate
    private static int s_sweepAt = FewestToSweep;                                          // guarded by Gate

    /// <summary>How many wait, those that are over included.</summary>
    internal static int Count
    {
        get
        {
            lock (Gate) return Waiting.Count;
        }
    }

    /// <summary>Has <paramref name="deadline"/> looked at once, after <paramref name="delay"/> or a little later.</summary>
    internal static void Add(TimeSpan delay, IDeadline deadline) => AddAt(Stopwatch.GetTimestamp() + Ticks(delay), deadline);

    /// <summary>The same at a moment of the monotonic clock.</summary>
    internal static void AddAt(long timestamp, IDeadline deadline)
    {
        lock (Gate)
        {
            if (Waiting.Count >= s_sweepAt) SweepNeedsGate();
            bool first = !Waiting.TryPeek(out _, out Moment? earliest) || timestamp < earliest.Timestamp;
            Waiting.Enqueue(deadline, new Moment(timestamp));
            if (!s_running)
            {
                Ipc.OwnThread.Start(Serve, 256 * 1024, "GilSharp deadlines");
                s_running = true; // not if the system gives no thread
            }
            else if (first)
            {
                Monitor.Pulse(Gate);
            }
        }
    }

    internal static long Ticks(TimeSpan time) => (long)Math.Min(time.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 4);

    private static void SweepNeedsGate()
    {
        (IDeadline, Moment)[] left = [.. Waiting.UnorderedItems.Where(static item => !item.Element.IsOver)];
        Waiting.Clear();
        Waiting.EnqueueRange(left);
        if (left.Length < FewestToSweep) Waiting.TrimExcess();
        s_sweepAt = Math.Max(FewestToSweep, 2 * left.Length);
    }

    private static void Serve()
    {
        while (true) Next().Due();
    }

    private static IDeadline Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (!Waiting.TryPeek(out _, out Moment? at))
                {
                    Monitor.Wait(Gate);
                    continue;
                }

                long left = at.Timestamp - Stopwatch.GetTimestamp();
                if (left <= 0) return Waiting.Dequeue();
                Monitor.Wait(Gate, (int)Math.Min(int.MaxValue, (left / (Stopwatch.Frequency / 1000)) + 1));
            }
        }
    }

    /// <summary>A timestamp. A class: a queue ordered by numbers would have to be compiled in every process before its first call.</summary>
    private sealed class Moment(long timestamp)
    {
        internal static readonly IComparer<Moment> Earlier = Comparer<Moment>.Create(static (x, y) => x.Timestamp.CompareTo(y.Timestamp));

        internal long Timestamp => timestamp;
    }
}
