using CsCheck;

namespace GilSharp.Tests.RefCounting;

/// <summary>Whatever two threads do to one value at once, each sees what it would have seen in some order of one step after the other.</summary>
[TestClass]
public sealed class SequentialOrderTests
{
    private enum Step
    {
        TakeFromShared,
        DisposeShared,
        Upgrade,
        DisposeOwn,
        BorrowShared,
        BorrowOwn,
        AskWhetherAlive,

        /// <summary>The second half of a disposal or a lease, in the model only.</summary>
        GiveUp,
    }

    private static readonly Gen<Step[]> Program = Gen.Int[0, (int)Step.AskWhetherAlive].Select(step => (Step)step).Array[1, 3];

    [TestMethod]
    [Timeout(300_000)]
    [DataRow(RefCountMode.Atomic)]
    [DataRow(RefCountMode.LockGuarded)]
    [DataRow(RefCountMode.GilCounted)]
    public void TwoThreads_SeeWhatSomeSequentialOrderGives(RefCountMode mode)
    {
        using GlobalInterpreterLock? gil = mode == RefCountMode.GilCounted ? new GlobalInterpreterLock() : null;
        Gen.Select(Program, Program).Sample((first, second) => RunAtOnce(first, second, mode, gil), iter: Effort.Times(300), threads: 1);
    }

    private static void RunAtOnce(Step[] first, Step[] second, RefCountMode mode, GlobalInterpreterLock? gil)
    {
        HashSet<string> allowed = [];
        EveryOrder(InHalves(first), InHalves(second), new Model(), [], [], allowed);
        Reality reality = null!;
        List<int> firstSaw = [];
        List<int> secondSaw = [];
        Duel.Fight(
            rounds: 50,
            prepare: _ =>
            {
                reality = new Reality(mode, gil);
                firstSaw = [];
                secondSaw = [];
            },
            judge: _ =>
            {
                string seen = Describe(firstSaw, secondSaw, reality.Releases);
                Assert.Contains(seen, allowed, $"{string.Join(',', first)} beside {string.Join(',', second)}");
                reality.End();
                Assert.AreEqual(1, reality.Releases);
            },
            _ => firstSaw.AddRange(first.Select(step => reality.Do(step, who: 0))),
            _ => secondSaw.AddRange(second.Select(step => reality.Do(step, who: 1))));
    }

    // What others can see in the middle: a handle that has ended while its reference is about to be given up, a lease that keeps the value alive.
    private static Step[] InHalves(Step[] steps) =>
        [.. steps.SelectMany(step => IsInHalves(step) ? new[] { step, Step.GiveUp } : [step])];

    private static bool IsInHalves(Step step) => step is Step.DisposeShared or Step.DisposeOwn or Step.BorrowShared or Step.BorrowOwn;

    private static void EveryOrder(
        ReadOnlySpan<Step> first, ReadOnlySpan<Step> second, Model model, List<int> firstSaw, List<int> secondSaw, HashSet<string> outcomes)
    {
        if (first.IsEmpty && second.IsEmpty)
        {
            outcomes.Add(Describe(firstSaw, secondSaw, model.Released ? 1 : 0));
            return;
        }

        if (!first.IsEmpty)
        {
            Model next = model.Copy();
            EveryOrder(first[1..], second, next, [.. firstSaw, .. next.Do(first[0], 0)], secondSaw, outcomes);
        }

        if (!second.IsEmpty)
        {
            Model next = model.Copy();
            EveryOrder(first, second[1..], next, firstSaw, [.. secondSaw, .. next.Do(second[0], 1)], outcomes);
        }
    }

    private static string Describe(List<int> firstSaw, List<int> secondSaw, int releases) =>
        $"{string.Join(',', firstSaw)} | {string.Join(',', secondSaw)} | {releases}";

    /// <summary>Reference counting, as anybody would write it who has one thread.</summary>
    private sealed class Model
    {
        private readonly int[] _own = new int[2];
        private readonly int[] _givingUp = new int[2];
        private int _count = 1;
        private bool _sharedDisposed;

        internal bool Released => _count == 0;

        internal Model Copy()
        {
            Model copy = new() { _count = _count, _sharedDisposed = _sharedDisposed };
            _own.CopyTo(copy._own, 0);
            _givingUp.CopyTo(copy._givingUp, 0);
            return copy;
        }

        /// <summary>What the thread sees of it: one number, or nothing in its second half.</summary>
        internal int[] Do(Step step, int who)
        {
            switch (step)
            {
                case Step.TakeFromShared:
                    return [Take(who, !_sharedDisposed)];
                case Step.Upgrade:
                    return [Take(who, !Released)];
                case Step.DisposeShared:
                    _givingUp[who] = _sharedDisposed ? 0 : 1;
                    _sharedDisposed = true;
                    return [0];
                case Step.DisposeOwn:
                    _givingUp[who] = Math.Min(1, _own[who]);
                    _own[who] -= _givingUp[who];
                    return [_givingUp[who]];
                case Step.GiveUp:
                    _count -= _givingUp[who];
                    return [];
                case Step.BorrowShared:
                    return [Lease(who, !_sharedDisposed)];
                case Step.BorrowOwn:
                    return [Lease(who, _own[who] > 0)];
                default:
                    return [Released ? 0 : 1];
            }
        }

        private int Lease(int who, bool possible)
        {
            _givingUp[who] = possible ? 1 : 0;
            _count += _givingUp[who];
            return _givingUp[who];
        }

        private int Take(int who, bool possible)
        {
            int taken = possible ? 1 : 0;
            _own[who] += taken;
            _count += taken;
            return taken;
        }
    }

    private sealed class Reality
    {
        private readonly GlobalInterpreterLock? _gil;
        private readonly Stack<RefCounted<Probe>>[] _own = [new(), new()];
        private readonly Probe _probe = new();
        private readonly RefCounted<Probe> _shared;
        private readonly WeakRefCounted<Probe> _weak;

        internal Reality(RefCountMode mode, GlobalInterpreterLock? gil)
        {
            _gil = gil;
            gil?.Enter();
            _shared = gil is null
                ? RefCounted.Create(_probe, mode, static value => value.Release())
                : RefCounted.Create(_probe, gil, static value => value.Release());
            _weak = _shared.CreateWeak();
            gil?.Exit();
        }

        internal int Releases => _probe.Releases;

        internal int Do(Step step, int who)
        {
            _gil?.Enter();
            try
            {
                return step switch
                {
                    Step.TakeFromShared => Keep(who, _shared.TryAddReference(out RefCounted<Probe>? taken), taken),
                    Step.Upgrade => Keep(who, _weak.TryGetReference(out RefCounted<Probe>? upgraded), upgraded),
                    Step.DisposeShared => Dispose(_shared, 0),
                    Step.DisposeOwn => _own[who].TryPop(out RefCounted<Probe>? own) ? Dispose(own, 1) : 0,
                    Step.BorrowShared => Borrow(_shared),
                    Step.BorrowOwn => _own[who].TryPeek(out RefCounted<Probe>? top) ? Borrow(top) : 0,
                    _ => _weak.IsAlive ? 1 : 0,
                };
            }
            finally
            {
                _gil?.Exit();
            }
        }

        internal void End()
        {
            _gil?.Enter();
            _shared.Dispose();
            foreach (RefCounted<Probe> handle in _own.SelectMany(handles => handles))
            {
                handle.Dispose();
            }

            _gil?.Exit();
        }

        private static int Dispose(RefCounted<Probe> handle, int result)
        {
            handle.Dispose();
            return result;
        }

        private static int Borrow(RefCounted<Probe> handle)
        {
            try
            {
                using RefCounted<Probe>.Lease lease = handle.Borrow();
                lease.Value.Use();
                return 1;
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }

        private int Keep(int who, bool success, RefCounted<Probe>? handle)
        {
            if (success)
            {
                _own[who].Push(handle!);
            }

            return success ? 1 : 0;
        }
    }
}
