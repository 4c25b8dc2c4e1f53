using System.Runtime.CompilerServices;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

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

    private const string Topic = "RefCounted<T>";

    internal static int Run(string[] args)
    {
        foreach (Row row in Rows(Rounds, peersToo: !args.Contains("--no-peers"))) Console.WriteLine(Table.Line(row));
        return 0;
    }

    internal static List<Row> Rows(int rounds, bool peersToo)
    {
        Dictionary<string, double> peers = peersToo ? NativePeers.Measure() : [];
        Gil.Enter();
        Dictionary<string, Spread> times = Contest.Nanoseconds(rounds, Operations,
        [
            ("pair", InterlockedPair),
            ("compare-and-swap pair", SwapPair),
            ("SafeHandle", SafeHandlePair),
            ("object", Allocate),
            ("borrow", () => BorrowAndDispose(Atomic)),
            ("add", () => AddAndDispose(Atomic)),
            ("lock guarded", () => BorrowAndDispose(LockGuarded)),
            ("gil borrow", () => BorrowAndDispose(GilCounted)),
            ("gil add", () => AddAndDispose(GilCounted)),
        ]);
        long borrowed = Allocated(() => BorrowAndDispose(Atomic)), added = Allocated(() => AddAndDispose(Atomic));
        Gil.Exit();
        Dictionary<string, Spread> together = Contest.Nanoseconds(rounds, Operations,
        [
            ("pair", OnTwoThreads(InterlockedPair)),
            ("compare-and-swap pair", OnTwoThreads(SwapPair)),
            ("borrow", OnTwoThreads(() => BorrowAndDispose(Atomic))),
            ("lock guarded", OnTwoThreads(() => BorrowAndDispose(LockGuarded))),
        ]);

        // Once more, so that a burst of other work beside the first measurement does not flatter us.
        foreach ((string name, double time) in peers.Count == 0 ? [] : NativePeers.Measure()) peers[name] = Math.Min(peers[name], time);
        double pair = times["pair"].Least;
        double? arc = peers.TryGetValue("arc", out double arcTime) ? arcTime : null, rc = peers.TryGetValue("rc", out double rcTime) ? rcTime : null;
        return
        [
            RowOf("borrow", "`Borrow` + dispose", times["borrow"], pair, $"{borrowed} bytes",
                Others(("SafeHandle", times["SafeHandle"].Least), ("Arc", arc), ("shared_ptr", Peer(peers, "shared_ptr"))), ("interlocked pair", times["pair"]),
                new Target("≤ 1.1 × interlocked pair, 0 bytes", borrowed == 0 ? times["borrow"].Least / pair : double.PositiveInfinity, 1.1, AtLeast: false)),
            RowOf("add-reference", "`AddReference` + `Dispose`", times["add"], pair, $"{added} bytes",
                Others(("SafeHandle", times["SafeHandle"].Least), ("Arc", arc), ("shared_ptr", Peer(peers, "shared_ptr"))), ("an object of 24 bytes", times["object"]),
                arc is { } a ? new Target("≤ 2 × Arc", times["add"].Least / a, 2, AtLeast: false) : null),
            RowOf("gil-borrow", "GIL-counted borrow + dispose", times["gil borrow"], pair, "", Others(("Rc", rc)), null,
                rc is { } r ? new Target("≤ 2 × Rc", times["gil borrow"].Least / r, 2, AtLeast: false) : null),
            RowOf("gil-add-reference", "GIL-counted `AddReference` + `Dispose`", times["gil add"], pair, "", Others(("Rc", rc)), ("an object of 24 bytes", times["object"]), null),
            RowOf("lock-guarded-borrow", "lock-guarded borrow + dispose", times["lock guarded"], pair, "", Others(), null, null),
            RowOf("borrow-two-threads", "`Borrow` + dispose, two threads on one count", together["borrow"], together["pair"].Least, "",
                Others(("compare-and-swap loops", together["compare-and-swap pair"].Least), ("Arc", Peer(peers, "arc-two-threads")), ("lock-guarded", together["lock guarded"].Least)),
                ("interlocked pair", together["pair"]), null),
        ];
    }

    private static Row RowOf(
        string id, string what, Spread ours, double pair, string besides, Dictionary<string, Spread> others, (string Name, Spread Time)? limit, Target? target) => new()
    {
        Id = id,
        Topic = Topic,
        What = what,
        Unit = "ns",
        Ours = ours.Best(),
        Besides = besides,
        Others = others,
        Limits = limit is { } given ? new Dictionary<string, Spread> { [given.Name] = given.Time.Best() } : [],
        Target = target,
        Cost = ours.Least / pair,
    };

    private static Dictionary<string, Spread> Others(params (string Name, double? Time)[] others) =>
        others.Where(other => other.Time is not null).ToDictionary(other => other.Name, other => Spread.Single(other.Time!.Value));

    private static double? Peer(Dictionary<string, double> peers, string name) => peers.TryGetValue(name, out double time) ? time : null;

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
