using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GilSharp.Benchmarks.RefCounting;

/// <summary>
/// The rows about counted references that the project promises, in half a minute: rivals take turns, the best round of each counts, and every
/// figure is a ratio against a rival of the same run.
/// </summary>
internal static class RefCountRatios
{
    private const int Operations = 2_000_000;
    private const int Rounds = 15;

    private static readonly RefCounted<string> Atomic = RefCounted.Create("value");
    private static readonly RefCounted<string> LockGuarded = RefCounted.Create("value", RefCountMode.LockGuarded);
    private static readonly GlobalInterpreterLock Gil = new();
    private static readonly RefCounted<string> GilCounted = RefCounted.Create("value", Gil);
    private static readonly CompareAndSwapCount SwapCount = new();
    private static readonly NothingHandle Handle = new();
    private static readonly StrongBox<long> Word = new();
    private static object? s_sink;

    internal static int Run(string[] args)
    {
        Dictionary<string, double> peers = args.Contains("--no-peers") ? [] : NativePeers.Measure();
        (string Name, Action Body)[] alone =
        [
            ("interlocked pair", InterlockedPair),
            ("compare-and-swap pair", SwapPair),
            ("SafeHandle AddRef + Release", SafeHandlePair),
            ("object of 24 bytes", Allocate),
            ("Atomic: borrow + dispose", () => BorrowAndDispose(Atomic)),
            ("Atomic: AddReference + Dispose", () => AddAndDispose(Atomic)),
            ("LockGuarded: borrow + dispose", () => BorrowAndDispose(LockGuarded)),
            ("GIL-counted: borrow + dispose", () => BorrowAndDispose(GilCounted)),
            ("GIL-counted: AddReference + Dispose", () => AddAndDispose(GilCounted)),
        ];

        Gil.Enter();
        double[] times = Measure([.. alone.Select(row => row.Body)]);
        long[] bytes = [.. alone.Select(row => Allocated(row.Body))];
        Gil.Exit();
        (string Name, Action Body)[] together =
        [
            ("interlocked pair", InterlockedPair),
            ("compare-and-swap pair", SwapPair),
            ("Atomic: borrow + dispose", () => BorrowAndDispose(Atomic)),
            ("LockGuarded: borrow + dispose", () => BorrowAndDispose(LockGuarded)),
        ];
        double[] timesOfTwo = Measure([.. together.Select(row => OnTwoThreads(row.Body))]);

        // Once more, so that a burst of other work beside the first measurement does not flatter us.
        foreach ((string name, double time) in peers.Count == 0 ? [] : NativePeers.Measure())
            peers[name] = Math.Min(peers[name], time);
        for (int row = 0; row < alone.Length; row++)
            Console.WriteLine($"{alone[row].Name,-38}{times[row],8:F2} ns{bytes[row],5} B");
        Console.WriteLine("two threads on one count, time per pair of each");
        for (int row = 0; row < together.Length; row++)
            Console.WriteLine($"{together[row].Name,-38}{timesOfTwo[row],8:F2} ns");
        foreach ((string name, double time) in peers)
            Console.WriteLine($"{name,-38}{time,8:F2} ns");

        Ratio("Borrow + dispose : interlocked pair", times[4], times[0], 1.1);
        if (peers.TryGetValue("arc", out double arc))
            Ratio("AddReference + Dispose : 2 × Rust Arc", times[5], 2 * arc, 1);
        if (peers.TryGetValue("rc", out double rc))
            Ratio("GIL-counted borrow + dispose : 2 × Rust Rc", times[7], 2 * rc, 1);
        return 0;
    }

    private static void Ratio(string name, double ours, double theirs, double limit) =>
        Console.WriteLine($"{name,-48}{ours / theirs,6:F2}   (to reach: {limit})");

    private static double[] Measure(Action[] rivals)
    {
        double[] best = [.. rivals.Select(_ => double.MaxValue)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int rival = 0; rival < rivals.Length; rival++)
            {
                long start = Stopwatch.GetTimestamp();
                rivals[rival]();
                best[rival] = Math.Min(best[rival], Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations);
            }
        }

        return best;
    }

    private static long Allocated(Action body)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        body();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Operations;
    }

    private static Action OnTwoThreads(Action body) => () =>
    {
        using Barrier start = new(2);
        Thread other = new(() =>
        {
            start.SignalAndWait();
            body();
        });
        other.Start();
        start.SignalAndWait();
        body();
        other.Join();
    };

    private static void BorrowAndDispose(RefCounted<string> handle)
    {
        for (int i = 0; i < Operations; i++)
        {
            using RefCounted<string>.Lease lease = handle.Borrow();
        }
    }

    private static void AddAndDispose(RefCounted<string> handle)
    {
        for (int i = 0; i < Operations; i++)
            handle.AddReference().Dispose();
    }

    private static void InterlockedPair()
    {
        ref long word = ref Word.Value;
        for (int i = 0; i < Operations; i++)
        {
            Interlocked.Increment(ref word);
            Interlocked.Decrement(ref word);
        }
    }

    private static void SwapPair()
    {
        for (int i = 0; i < Operations; i++)
        {
            if (SwapCount.TryRetain())
                SwapCount.Release();
        }
    }

    private static void SafeHandlePair()
    {
        for (int i = 0; i < Operations; i++)
        {
            bool added = false;
            Handle.DangerousAddRef(ref added);
            Handle.DangerousRelease();
        }
    }

    private static void Allocate()
    {
        for (int i = 0; i < Operations; i++)
            s_sink = new object();
    }
}
