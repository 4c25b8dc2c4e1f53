using GilSharp.Races.Seam;

namespace GilSharp.Races.Scenarios;

/// <summary>The explorer's own examination: classic programs of memory models whose outcomes are known.</summary>
internal static class MemoryLitmus
{
    private const int NoSite = -1;

    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("litmus: store buffering, volatile", "found: both may read 0", static stage => StoreBuffering(stage, fence: false)) { MustFail = true },
        new("litmus: store buffering, interlocked", "no: one of them reads 1", static stage => StoreBuffering(stage, fence: true)),
        new("litmus: message passing, volatile", "the reader of the flag sees the message", static stage => MessagePassing(stage, release: true, acquire: true)),
        new("litmus: message passing, plain flag", "found: the write of the flag may overtake", static stage => MessagePassing(stage, release: false, acquire: true)) { MustFail = true },
        new("litmus: message passing, plain read of the flag", "found: the read of the message may overtake", static stage => MessagePassing(stage, release: true, acquire: false)) { MustFail = true },
        new("litmus: coherence", "a thread does not see a place go back", Coherence),
        new("litmus: plain race", "found: two plain accesses at once", PlainRace) { MustFail = true },
        new("litmus: lost update", "found: a read and a write are not one step", LostUpdate) { MustFail = true },
        new("litmus: deadlock", "found: two monitors in two orders", Deadlock) { MustFail = true },
        new("litmus: lost wake-up", "found: looked, was told, slept", LostWakeUp) { MustFail = true },
        new("litmus: timed wait", "found: a timed wait may end though it is signalled", TimedWait) { MustFail = true },
    ];

    private static void StoreBuffering(Stage stage, bool fence)
    {
        int[] places = [0, 0, 0, 0];
        stage.Actor("A", () => Half(0, 1));
        stage.Actor("B", () => Half(1, 0));
        stage.Play();
        stage.Check(places[2] + places[3] > 0, "one of them reads the other's store");

        void Half(int mine, int other)
        {
            if (fence)
                InterlockedSeam.Exchange(ref places[mine], 1, NoSite);
            else
                VolatileSeam.Write(ref places[mine], 1, NoSite);
            places[2 + mine] = VolatileSeam.Read(ref places[other], NoSite);
        }
    }

    private static void MessagePassing(Stage stage, bool release, bool acquire)
    {
        int[] places = [0, 0];
        stage.Actor("writer", () =>
        {
            PlainSeam.WriteShared(ref places[0], 42, NoSite);
            if (release)
                VolatileSeam.Write(ref places[1], 1, NoSite);
            else
                PlainSeam.WriteShared(ref places[1], 1, NoSite);
        });
        stage.Actor("reader", () =>
        {
            int flag = acquire ? VolatileSeam.Read(ref places[1], NoSite) : PlainSeam.ReadShared(ref places[1], NoSite);
            if (flag == 1)
                stage.Check(PlainSeam.ReadShared(ref places[0], NoSite) == 42, "who sees the flag sees the message");
        });
        stage.Play();
    }

    private static void Coherence(Stage stage)
    {
        int[] places = [0];
        stage.Actor("writer", () =>
        {
            PlainSeam.WriteShared(ref places[0], 1, NoSite);
            PlainSeam.WriteShared(ref places[0], 2, NoSite);
        });
        stage.Actor("reader", () =>
        {
            int first = PlainSeam.ReadShared(ref places[0], NoSite);
            stage.Check(PlainSeam.ReadShared(ref places[0], NoSite) >= first, "the second read is not older than the first");
        });
        stage.Play();
    }

    private static void PlainRace(Stage stage)
    {
        Plain<int> place = new(0);
        stage.Actor("A", () => place.Value = 1);
        stage.Actor("B", () => place.Value = 2);
        stage.Play();
    }

    private static void LostUpdate(Stage stage)
    {
        int[] places = [0];
        stage.Actor("A", () => Add());
        stage.Actor("B", () => Add());
        stage.Play();
        stage.Check(places[0] == 2, "both were counted");

        void Add() => VolatileSeam.Write(ref places[0], VolatileSeam.Read(ref places[0], NoSite) + 1, NoSite);
    }

    private static void Deadlock(Stage stage)
    {
        object one = new(), other = new();
        stage.Actor("A", () => Both(one, other));
        stage.Actor("B", () => Both(other, one));
        stage.Play();

        static void Both(object first, object second)
        {
            MonitorSeam.Enter(first, NoSite);
            MonitorSeam.Enter(second, NoSite);
            MonitorSeam.Exit(second, NoSite);
            MonitorSeam.Exit(first, NoSite);
        }
    }

    private static void LostWakeUp(Stage stage)
    {
        object gate = new();
        int[] places = [0];
        stage.Actor("sleeper", () =>
        {
            if (VolatileSeam.Read(ref places[0], NoSite) != 0)
                return;
            MonitorSeam.Enter(gate, NoSite);
            MonitorSeam.Wait(gate, NoSite);
            MonitorSeam.Exit(gate, NoSite);
        });
        stage.Actor("waker", () =>
        {
            VolatileSeam.Write(ref places[0], 1, NoSite);
            MonitorSeam.Enter(gate, NoSite);
            MonitorSeam.PulseAll(gate, NoSite);
            MonitorSeam.Exit(gate, NoSite);
        });
        stage.Play();
    }

    private static void TimedWait(Stage stage)
    {
        AutoResetEvent signal = new(false);
        stage.Actor("waiter", () => stage.Check(ThreadSeam.WaitOne(signal, 50, NoSite), "it was in time"));
        stage.Actor("signaller", () => ThreadSeam.Set(signal, NoSite));
        stage.Play();
    }
}
