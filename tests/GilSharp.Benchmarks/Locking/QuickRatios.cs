using DotNext.Threading;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;
using Lock = System.Threading.Lock;

namespace GilSharp.Benchmarks.Locking;

/// <summary>The lock with nobody else there, beside those that one would use otherwise: rounds of the rivals take turns, and the best of each counts.</summary>
internal static class QuickRatios
{
    private const int Operations = 2_000_000;
    private const string Topic = "GlobalInterpreterLock";

    internal static int Run(string[] args)
    {
        foreach (Row row in Rows(15)) Console.WriteLine(Table.Line(row));
        return 0;
    }

    internal static List<Row> Rows(int rounds)
    {
        using GlobalInterpreterLock gil = new();
        using SemaphoreSlim semaphore = new(1, 1);
        using AsyncExclusiveLock dotNext = new();
        Lock rival = new();
        object monitor = new();
        Nito.AsyncEx.AsyncLock nito = new();
        Dictionary<string, Spread> times = Contest.Nanoseconds(rounds, Operations,
        [
            ("gil", () => EnterExit(gil)),
            ("Lock", () => EnterExit(rival)),
            ("Monitor", () => EnterExit(monitor)),
            ("two compare-and-swaps", InterlockedPair),
            ("empty loop", Nothing),
            ("checkpoint", () => Checkpoints(gil)),
        ]);
        // A tenth of the operations: these are slower, and only for orientation.
        Dictionary<string, Spread> slower = Contest.Nanoseconds(rounds, Operations / 10,
        [
            ("SemaphoreSlim", () => EnterExit(semaphore)),
            ("Nito AsyncLock", () => EnterExit(nito)),
            ("DotNext AsyncExclusiveLock", () => EnterExit(dotNext)),
        ]);
        Dictionary<string, Spread> others = slower.ToDictionary(pair => pair.Key, pair => pair.Value.Best());
        foreach (string name in (string[])["Lock", "Monitor"]) others[name] = times[name].Best();

        double ours = times["gil"].Least, checkpoint = Math.Max(0, times["checkpoint"].Least - times["empty loop"].Least);
        return
        [
            new Row
            {
                Id = "gil-enter-exit", Topic = Topic, What = "enter + exit, uncontended", Unit = "ns", Ours = times["gil"].Best(), Others = others,
                Limits = new Dictionary<string, Spread> { ["two compare-and-swaps"] = times["two compare-and-swaps"].Best() },
                Target = new Target("≤ 0.8 × Lock", ours / times["Lock"].Least, 0.8, AtLeast: false), Cost = ours / times["Lock"].Least,
            },
            new Row
            {
                Id = "gil-checkpoint", Topic = Topic, What = "checkpoint, nobody waiting, beyond an empty loop", Unit = "ns", Ours = Spread.Single(checkpoint),
                Target = new Target("≤ 1 ns", checkpoint, 1, AtLeast: false), Cost = times["checkpoint"].Least / times["two compare-and-swaps"].Least,
            },
        ];
    }

    private static void EnterExit(GlobalInterpreterLock gil)
    {
        for (int i = 0; i < Operations; i++)
        {
            gil.Enter();
            gil.Exit();
        }
    }

    private static void EnterExit(Lock rival)
    {
        for (int i = 0; i < Operations; i++)
        {
            rival.Enter();
            rival.Exit();
        }
    }

    private static void EnterExit(object monitor)
    {
        for (int i = 0; i < Operations; i++)
        {
            Monitor.Enter(monitor);
            Monitor.Exit(monitor);
        }
    }

    private static void EnterExit(SemaphoreSlim semaphore)
    {
        for (int i = 0; i < Operations / 10; i++)
        {
            semaphore.Wait();
            semaphore.Release();
        }
    }

    private static void EnterExit(Nito.AsyncEx.AsyncLock nito)
    {
        for (int i = 0; i < Operations / 10; i++)
        {
            using (nito.Lock())
            {
            }
        }
    }

    private static void EnterExit(AsyncExclusiveLock dotNext)
    {
        for (int i = 0; i < Operations / 10; i++)
        {
            if (dotNext.TryAcquire()) dotNext.Release();
        }
    }

    // Held throughout, so that only the checkpoint is measured.
    private static void Checkpoints(GlobalInterpreterLock gil)
    {
        int switched = 0;
        gil.Enter();
        for (int i = 0; i < Operations; i++)
        {
            if (gil.Checkpoint()) switched++;
        }

        gil.Exit();
        GC.KeepAlive(switched);
    }

    private static void InterlockedPair()
    {
        long word = 0;
        for (int i = 0; i < Operations; i++)
        {
            Interlocked.CompareExchange(ref word, 8, 0);
            Interlocked.CompareExchange(ref word, 0, 8);
        }
    }

    private static void Nothing()
    {
        int count = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (Volatile.Read(ref count) != 0) count++;
        }
    }
}
