using System.Diagnostics;

namespace GilSharp.Benchmarks.Locking;

/// <summary>The two ratios that the project promises, in a few seconds: rounds of the rivals take turns, and the best of each counts.</summary>
internal static class QuickRatios
{
    private const int Operations = 2_000_000;

    internal static int Run(string[] args)
    {
        using var gil = new GlobalInterpreterLock();
        var rival = new Lock();
        double ours = double.MaxValue, theirs = double.MaxValue, checkpoint = double.MaxValue, empty = double.MaxValue, pair = double.MaxValue;
        for (int round = 0; round < 15; round++)
        {
            ours = Math.Min(ours, Time(() => EnterExit(gil)));
            theirs = Math.Min(theirs, Time(() => EnterExit(rival)));
            gil.Enter();
            checkpoint = Math.Min(checkpoint, Time(() => Checkpoints(gil)));
            gil.Exit();
            empty = Math.Min(empty, Time(Nothing));
            pair = Math.Min(pair, Time(InterlockedPair));
        }

        Console.WriteLine($"enter + exit: {ours:F1} ns; System.Threading.Lock {theirs:F1} ns; ratio {ours / theirs:F2} (to reach: 0.8); two compare-and-swaps {pair:F1} ns");
        Console.WriteLine($"checkpoint: {checkpoint - empty:F2} ns (to reach: 1)");
        return 0;
    }

    private static double Time(Action body)
    {
        long start = Stopwatch.GetTimestamp();
        body();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations;
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

    private static void Checkpoints(GlobalInterpreterLock gil)
    {
        int switched = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (gil.Checkpoint())
                switched++;
        }

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
            if (Volatile.Read(ref count) != 0)
                count++;
        }
    }
}
