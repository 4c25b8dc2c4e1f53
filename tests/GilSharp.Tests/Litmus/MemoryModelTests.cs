using static GilSharp.Tests.Litmus.Verdict;

namespace GilSharp.Tests.Litmus;

/// <summary>What GilSharp relies on: acquire, release and the full fence of interlocked operations.</summary>
[TestClass]
public sealed class MemoryModelTests
{
    [TestMethod]
    public void StoreBuffering_WithVolatileAccess_MayMissBothStores() => LitmusTest.Run("store buffering, volatile", Pair, Nothing,
        [
            new("0 0", Interesting, "a store may wait in its buffer while the load behind it goes ahead: release and acquire don't forbid it"),
            new("0 1", Allowed, "the first actor came first"),
            new("1 0", Allowed, "the second actor came first"),
            new("1 1", Allowed, "both stores came before both loads"),
        ],
        static (trial, _) => { Volatile.Write(ref trial.X, 1); trial.First = Volatile.Read(ref trial.Y); },
        static (trial, _) => { Volatile.Write(ref trial.Y, 1); trial.Second = Volatile.Read(ref trial.X); });

    [TestMethod]
    public void StoreBuffering_WithInterlockedStores_NeverMissesBoth() => LitmusTest.Run("store buffering, interlocked", Pair, Nothing,
        [
            new("0 0", Forbidden, "an interlocked operation is a full fence: who sleeps sees the waker, or the waker sees him (Waiter.AnnounceSleep)"),
            new("0 1", Allowed, "the first actor came first"),
            new("1 0", Allowed, "the second actor came first"),
            new("1 1", Allowed, "both stores came before both loads"),
        ],
        static (trial, _) => { Interlocked.Exchange(ref trial.X, 1); trial.First = Volatile.Read(ref trial.Y); },
        static (trial, _) => { Interlocked.Exchange(ref trial.Y, 1); trial.Second = Volatile.Read(ref trial.X); });

    [TestMethod]
    public void MessagePassing_WithReleaseAndAcquire_NeverShowsTheFlagWithoutTheData() => LitmusTest.Run("message passing", Pair, Nothing,
        [
            new("0 0", Allowed, "the flag was not there yet"),
            new("0 1", Allowed, "the data came between the two reads"),
            new("1 0", Forbidden, "the data is written before the release of the flag, and read after its acquisition (QueueEntry.State)"),
            new("1 1", Allowed, "the message has come"),
        ],
        static (trial, _) => { trial.X = 1; Volatile.Write(ref trial.Y, 1); },
        static (trial, _) => { trial.First = Volatile.Read(ref trial.Y); trial.Second = trial.X; });

    [TestMethod]
    public void LoadBuffering_WithReleaseAndAcquire_NeverReadsFromTheFuture() => LitmusTest.Run("load buffering", Pair, Nothing,
        [
            new("0 0", Allowed, "both loads came first"),
            new("0 1", Allowed, "the first actor came first"),
            new("1 0", Allowed, "the second actor came first"),
            new("1 1", Forbidden, "each store would have come before the load that stands in front of it"),
        ],
        static (trial, _) => { trial.First = Volatile.Read(ref trial.X); Volatile.Write(ref trial.Y, 1); },
        static (trial, _) => { trial.Second = Volatile.Read(ref trial.Y); Volatile.Write(ref trial.X, 1); });

    [TestMethod]
    public void Coherence_OfOneVariable_NeverGoesBack() => LitmusTest.Run("coherence", Pair, Nothing,
        [
            new("0 0", Allowed, "before both stores"), new("0 1", Allowed, "around the first"), new("0 2", Allowed, "around both"),
            new("1 1", Allowed, "between them"), new("1 2", Allowed, "around the second"), new("2 2", Allowed, "after both"),
            new("1 0", Forbidden, "one variable has one order of stores"), new("2 0", Forbidden, "one variable has one order of stores"),
            new("2 1", Forbidden, "one variable has one order of stores"),
        ],
        static (trial, _) => { Volatile.Write(ref trial.X, 1); Volatile.Write(ref trial.X, 2); },
        static (trial, _) => { trial.First = Volatile.Read(ref trial.X); trial.Second = Volatile.Read(ref trial.X); });

    [TestMethod]
    public void IndependentReads_OfIndependentInterlockedWrites_AgreeOnTheOrder()
    {
        List<Outcome> outcomes = [new("1 0 1 0", Forbidden, "interlocked stores have one order, and each reader reads in order: two can't disagree on which was first")];
        for (int bits = 0; bits < 16; bits++)
        {
            string result = $"{bits >> 3 & 1} {bits >> 2 & 1} {bits >> 1 & 1} {bits & 1}";
            if (result != "1 0 1 0") outcomes.Add(new Outcome(result, Allowed, "some order of the two stores explains it"));
        }

        LitmusTest.Run("independent reads", static (trial, _) => $"{trial.First} {trial.Second} {trial.Third} {trial.Fourth}", Nothing, [.. outcomes],
            static (trial, _) => Interlocked.Exchange(ref trial.X, 1),
            static (trial, _) => Interlocked.Exchange(ref trial.Y, 1),
            static (trial, _) => { trial.First = Volatile.Read(ref trial.X); trial.Second = Volatile.Read(ref trial.Y); },
            static (trial, _) => { trial.Third = Volatile.Read(ref trial.Y); trial.Fourth = Volatile.Read(ref trial.X); });
    }

    private static string Pair(Trial trial, int index) => $"{trial.First} {trial.Second}";

    private static void Nothing(Trial trial, int index)
    {
        // A fresh trial is all zeros.
    }
}
