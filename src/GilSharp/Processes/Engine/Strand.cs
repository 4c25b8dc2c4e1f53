using GilSharp.Ipc;

namespace GilSharp.Processes.Engine;

/// <summary>Runs what is posted to it one after the other, in order, on a thread that no pool needs: foreign code that may take long, or wait for a pool.</summary>
/// <param name="owner">Whose foreign code it runs, for <see cref="IsOf"/>.</param>
internal sealed class Strand(object? owner = null)
{
    [ThreadStatic]
    private static Strand? t_current;

    private readonly object? _owner = owner;
    private readonly Queue<Action> _work = new(); // guarded by itself
    private bool _runs;                           // guarded by _work: a thread drains it, or is about to

    /// <summary>Whether the caller is something that was posted to a strand of that owner.</summary>
    internal static bool IsOf(object owner) => ReferenceEquals(t_current?._owner, owner);

    /// <summary>Whether the caller is something that was posted here.</summary>
    internal bool IsCurrent => ReferenceEquals(t_current, this);

    /// <summary>From any thread; never blocks, never runs it on the caller's stack.</summary>
    internal void Post(Action work)
    {
        lock (_work)
        {
            _work.Enqueue(work);
            if (_runs) return;
            _runs = true;
        }

        StrandThreads.Run(this);
    }

    internal void Drain()
    {
        t_current = this;
        while (true)
        {
            Action? work;
            lock (_work)
            {
                if (!_work.TryDequeue(out work))
                {
                    _runs = false;
                    break;
                }
            }

            work();
        }

        t_current = null;
    }
}

/// <summary>Threads for strands: one is made when none is idle, and leaves when it was idle for long.</summary>
/// <remarks>Not the thread pool: when all of its threads wait for a pool's calls, what these calls wait for must still run.</remarks>
internal static class StrandThreads
{
    private static readonly TimeSpan LongestIdleness = TimeSpan.FromSeconds(5);

    private static readonly object Gate = new();
    private static readonly Queue<Strand> Waiting = new(); // guarded by Gate
    private static int s_idle;                             // guarded by Gate: threads that wait, those that were pulsed included

    internal static void Run(Strand strand)
    {
        lock (Gate)
        {
            Waiting.Enqueue(strand);
            if (s_idle >= Waiting.Count)
            {
                Monitor.Pulse(Gate);
                return;
            }
        }

        try
        {
            OwnThread.Start(Serve, 1024 * 1024, "GilSharp handlers");
        }
        catch (SystemLimitException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static _ => ServeOne(), null); // the threads that there are must do
        }
    }

    private static void ServeOne()
    {
        Strand? strand;
        lock (Gate) Waiting.TryDequeue(out strand);
        strand?.Drain();
    }

    private static void Serve()
    {
        while (Next() is { } strand) strand.Drain();
    }

    private static Strand? Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (Waiting.TryDequeue(out Strand? strand)) return strand;
                s_idle++;
                bool called = Monitor.Wait(Gate, LongestIdleness);
                s_idle--;
                if (!called && Waiting.Count == 0) return null;
            }
        }
    }
}
