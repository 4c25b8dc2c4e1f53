namespace GilSharp.Tests.RefCounting;

/// <content>The same promises when threads meet.</content>
public abstract partial class RefCountedContract
{
    /// <summary>Rounds of a race that takes a fraction of a microsecond; modes that switch threads take fewer.</summary>
    private protected virtual int Rounds => Effort.Times(20_000);

    [TestMethod]
    [Timeout(Deadline)]
    public void Workload_LosesNoCount_LeaksNothing_FreesOnceAndLast()
    {
        Probe probe = new();
        RefCounted<Probe> handle;
        using (Hold())
        {
            handle = Create(probe, static value => value.Release());
        }

        CountingWorkload.Run(Rounds, () =>
        {
            using IDisposable hold = Hold();
            using RefCounted<Probe>.Lease lease = handle.Borrow();
            using RefCounted<Probe> another = handle.AddReference();
            lease.Value.Use();
            another.Value.Use();
        });

        using (Hold())
        {
            Assert.AreEqual(1, handle.Count);
            Assert.AreEqual(0, probe.Releases);
            handle.Dispose();
            Assert.AreEqual(1, probe.Releases);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void OneHandle_DisposedByTwoThreadsAtOnce_GivesUpOneReference()
    {
        // Many handles a round, in the same order: two threads on the same road keep meeting, even if they did not start together.
        RefCounted<Probe>[] shared = new RefCounted<Probe>[32];
        RefCounted<Probe> witness = null!;
        Probe probe = null!;
        void DisposeAll(int round)
        {
            foreach (RefCounted<Probe> handle in shared)
            {
                DisposeHolding(handle);
            }
        }

        Duel.Fight(
            Rounds,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                witness = CreateProbe(out probe);
                for (int index = 0; index < shared.Length; index++)
                {
                    shared[index] = witness.AddReference();
                }
            },
            judge: _ =>
            {
                using IDisposable hold = Hold();
                Assert.AreEqual(1, witness.Count);
                Assert.IsFalse(probe.IsReleased);
                witness.Dispose();
                Assert.AreEqual(1, probe.Releases);
            },
            DisposeAll,
            DisposeAll);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void LastTwoHandles_DisposedAtOnce_ReleaseExactlyOnce()
    {
        RefCounted<Probe> first = null!;
        RefCounted<Probe> second = null!;
        Probe probe = null!;
        Duel.Fight(
            Rounds,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                first = CreateProbe(out probe);
                second = first.AddReference();
            },
            judge: _ => Assert.AreEqual(1, probe.Releases),
            _ => DisposeHolding(first),
            _ => DisposeHolding(second));
    }

    /// <summary>Either the upgrade came first and has the value until it gives it up, or it came too late; never a third thing.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void Upgrade_AgainstTheLastRelease_GetsALivingValueOrNone()
    {
        RefCounted<Probe> last = null!;
        WeakRefCounted<Probe> weak = null!;
        Probe probe = null!;
        int won = 0;
        int rounds = Duel.Fight(
            10 * Rounds,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                last = CreateProbe(out probe);
                weak = last.CreateWeak();
            },
            judge: _ =>
            {
                using IDisposable hold = Hold();
                Assert.AreEqual(1, probe.Releases);
                Assert.IsFalse(weak.IsAlive);
                Assert.IsFalse(weak.TryGetReference(out RefCounted<Probe>? _));
            },
            _ =>
            {
                DisposeHolding(last);
                UpgradeUntilDead();
            },
            _ => won += UpgradeUntilDead());
        Console.WriteLine($"{Mode}: {won} of {rounds} rounds began with an upgrade.");

        // Every reference that is given up here may be the last one, so the count goes through zero again and again. Not without end: two threads that
        // always find each other's reference would never be done.
        int UpgradeUntilDead()
        {
            int upgrades = 0;
            for (int attempt = 0; attempt < 16; attempt++)
            {
                using IDisposable hold = Hold();
                if (!weak.TryGetReference(out RefCounted<Probe>? reference))
                {
                    break;
                }

                upgrades++;
                reference.Value.Use();
                reference.Dispose();
            }

            return Math.Min(1, upgrades);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Borrow_AgainstTheDisposalOfItsHandle_GetsALivingValueOrAnError()
    {
        RefCounted<Probe> handle = null!;
        Probe probe = null!;
        Duel.Fight(
            Rounds,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                handle = CreateProbe(out probe);
            },
            judge: _ => Assert.AreEqual(1, probe.Releases),
            _ => DisposeHolding(handle),
            _ =>
            {
                using IDisposable hold = Hold();
                if (handle.IsDisposed)
                {
                    return;
                }

                try
                {
                    using RefCounted<Probe>.Lease lease = handle.Borrow();
                    lease.Value.Use();
                }
                catch (ObjectDisposedException)
                {
                }
            });
    }

    /// <summary>A wide struct: whoever reads it while it is taken out of the block must not see half of it, nor nothing.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void Value_AgainstTheDisposalOfItsHandle_IsWholeOrAnError()
    {
        (string A, string B, string C, string D) whole = ("a", "b", "c", "d");
        RefCounted<(string, string, string, string)> handle = null!;
        Duel.Fight(
            Rounds / 4,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                handle = Create(whole);
            },
            judge: _ => Assert.IsTrue(handle.IsDisposed),
            _ =>
            {
                using IDisposable hold = Hold();
                handle.Dispose();
            },
            _ =>
            {
                using IDisposable hold = Hold();
                try
                {
                    while (!handle.IsDisposed)
                    {
                        Assert.AreEqual(whole, handle.Value);
                        Assert.AreEqual(1, handle.Count);
                        using IDisposable? pause = LetOthersIn();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });
    }

    /// <summary>Everything that a thread wrote before it gave its reference up is there for the release.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void Release_SeesWhatEveryThreadWroteBeforeItsDisposal()
    {
        int[] written = new int[3];
        int[]? seen = null;
        RefCounted<int[]>[] handles = new RefCounted<int[]>[3];
        void WriteAndDispose(int who, int round)
        {
            written[who] = round + 1;
            using IDisposable hold = Hold();
            handles[who].Dispose();
        }

        Duel.Fight(
            Rounds,
            prepare: _ =>
            {
                using IDisposable hold = Hold();
                seen = null;
                handles[0] = Create(written, value => seen = [.. value]);
                handles[1] = handles[0].AddReference();
                handles[2] = handles[0].AddReference();
            },
            judge: round => CollectionAssert.AreEqual(new[] { round + 1, round + 1, round + 1 }, seen),
            round => WriteAndDispose(0, round),
            round => WriteAndDispose(1, round),
            round => WriteAndDispose(2, round));
    }

    /// <summary>A reader that polls must let the others in, where there is something to be let into.</summary>
    private protected virtual IDisposable? LetOthersIn() => null;

    private void DisposeHolding(RefCounted<Probe> handle)
    {
        using IDisposable hold = Hold();
        handle.Dispose();
    }
}
