namespace GilSharp.Controlled;

/// <summary>What a few threads do at once, and what must be true of it. Coyote chooses their order.</summary>
internal static class Scenarios
{
    internal static readonly Dictionary<string, Action> All = new(StringComparer.Ordinal)
    {
        ["lock: three threads"] = ThreeThreadsTakeTurns,
        ["lock: short releases"] = ShortReleasesAreLent,
        ["lock: one gives up"] = OneGivesUp,
        ["lock: disposal"] = DisposalEndsWaits,
        ["count: shared handle, atomic"] = static () => SharedHandle(RefCountMode.Atomic),
        ["count: shared handle, lock-guarded"] = static () => SharedHandle(RefCountMode.LockGuarded),
        ["count: weak handle, atomic"] = static () => WeakHandle(RefCountMode.Atomic),
        ["count: weak handle, lock-guarded"] = static () => WeakHandle(RefCountMode.LockGuarded),
    };

    private static void ThreeThreadsTakeTurns()
    {
        using GlobalInterpreterLock gil = new();
        int inside = 0, done = 0;
        AtOnce(Stay, Stay, Stay);
        Demand(done == 6, $"{done} stays of 6");

        void Stay()
        {
            for (int i = 0; i < 2; i++)
            {
                gil.Enter();
                Demand(Interlocked.Increment(ref inside) == 1, "two holders");
                Interlocked.Decrement(ref inside);
                gil.Checkpoint();
                Demand(Interlocked.Increment(ref inside) == 1, "two holders after a checkpoint");
                done++;
                Interlocked.Decrement(ref inside);
                gil.Exit();
            }
        }
    }

    private static void ShortReleasesAreLent()
    {
        using GlobalInterpreterLock gil = new();
        int inside = 0;
        AtOnce(
            () =>
            {
                using (gil.EnterScope())
                {
                    for (int i = 0; i < 5; i++)
                    {
                        using (gil.ReleaseScope())
                        {
                        }

                        Demand(Interlocked.Increment(ref inside) == 1, "two holders");
                        Interlocked.Decrement(ref inside);
                    }
                }
            },
            () =>
            {
                using (gil.EnterScope())
                {
                    Demand(Interlocked.Increment(ref inside) == 1, "two holders");
                    Interlocked.Decrement(ref inside);
                }
            });
    }

    private static void OneGivesUp()
    {
        using GlobalInterpreterLock gil = new();
        int inside = 0;
        AtOnce(
            () => Stay(gil.TryEnter(TimeSpan.FromMilliseconds(1))),
            () => Stay(EnterForGood()),
            () => Stay(EnterForGood()));
        Demand(gil.TryEnter(), "somebody is left in the lock");
        gil.Exit();

        bool EnterForGood()
        {
            gil.Enter();
            return true;
        }

        void Stay(bool entered)
        {
            if (!entered)
                return;
            Demand(Interlocked.Increment(ref inside) == 1, "two holders");
            Interlocked.Decrement(ref inside);
            gil.Exit();
        }
    }

    private static void DisposalEndsWaits()
    {
        GlobalInterpreterLock gil = new();
        int inside = 0;
        AtOnce(Stay, Stay, gil.Dispose);

        void Stay()
        {
            try
            {
                gil.Enter();
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            Demand(Interlocked.Increment(ref inside) == 1, "two holders");
            Interlocked.Decrement(ref inside);
            gil.Exit();
        }
    }

    // Disposed by two threads at once while the third takes a reference from it: nobody gives up what is not his.
    private static void SharedHandle(RefCountMode mode)
    {
        Probe probe = new();
        RefCounted<Probe> shared = RefCounted.Create(probe, mode, static value => value.Release());
        RefCounted<Probe> other = shared.AddReference();
        AtOnce(
            shared.Dispose,
            shared.Dispose,
            () =>
            {
                if (shared.TryAddReference(out RefCounted<Probe>? mine))
                {
                    mine.Value.Use();
                    mine.Dispose();
                }

                other.Value.Use();
                other.Dispose();
            });
        probe.DemandReleasedOnce();
    }

    private static void WeakHandle(RefCountMode mode)
    {
        Probe probe = new();
        RefCounted<Probe> strong = RefCounted.Create(probe, mode, static value => value.Release());
        WeakRefCounted<Probe> weak = strong.CreateWeak();
        AtOnce(strong.Dispose, Upgrade, Upgrade);
        probe.DemandReleasedOnce();
        Demand(!weak.IsAlive, "alive after the release");

        void Upgrade()
        {
            if (weak.TryGetReference(out RefCounted<Probe>? mine))
            {
                mine.Value.Use();
                mine.Dispose();
            }
        }
    }

    private static void AtOnce(params Action[] actions)
    {
        Thread[] threads = [.. actions.Select(static action => new Thread(() => action()))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }

    internal static void Demand(bool condition, string otherwise)
    {
        if (!condition)
            throw new PromiseBrokenException(otherwise);
    }

    private sealed class Probe
    {
        private int _releases;

        internal void Use() => Demand(Volatile.Read(ref _releases) == 0, "used after the release");

        internal void Release() => Demand(Interlocked.Increment(ref _releases) == 1, "released twice");

        internal void DemandReleasedOnce() => Demand(_releases == 1, $"released {_releases} times");
    }

    private sealed class PromiseBrokenException(string message) : Exception(message);
}
