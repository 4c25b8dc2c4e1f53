using System.Collections.Concurrent;
using CsCheck;

namespace GilSharp.Tests.RefCounting;

/// <summary>Random steps on one value: done at once they end as in some order of one after the other, and one after the other as a plain model says.</summary>
/// <remarks>
/// Only ends are compared, so what each step saw is part of the end. Evidence beside the proofs: it finds few races. No step looks at a
/// handle that another ends: a handle ends a moment before its reference does, which <see cref="SequentialOrderTests"/> allows for.
/// </remarks>
[TestClass]
public sealed class ParallelModelTests
{
    private const int FirstHandles = 2;

    private enum Step
    {
        Upgrade,
        GiveUp,
        AskWhetherAlive,
    }

    private static readonly Gen<Step>[] Steps = [.. Enum.GetValues<Step>().Select(static step => Gen.Const(step))];

    [TestMethod]
    [Timeout(300_000)]
    [DataRow(RefCountMode.Atomic)]
    [DataRow(RefCountMode.LockGuarded)]
    public void StepsOnOneValue_AtOnce_EndAsInSomeSequentialOrder(RefCountMode mode) =>
        Gen.Const(0).Select(_ => new Handles(mode)).SampleParallel(
            [.. Steps.Select(static step => step.Operation<Handles>(static (handles, one) => handles.Do(one)))],
            equal: static (first, second) => first.Describe() == second.Describe(),
            print: static handles => handles.Describe(),
            maxSequentialOperations: 2,
            maxParallelOperations: 4,
            iter: 100 * TestEffort.Factor,
            threads: 1);

    [TestMethod]
    [Timeout(300_000)]
    [DataRow(RefCountMode.Atomic)]
    [DataRow(RefCountMode.LockGuarded)]
    public void StepsOnOneValue_OneAfterTheOther_SeeWhatTheModelSees(RefCountMode mode) =>
        Gen.Const(0).Select(_ => (new Handles(mode), new Model())).SampleModelBased(
            [.. Steps.Select(static step => step.Operation<Handles, Model>(static (handles, one) => handles.Do(one), static (model, one) => model.Do(one)))],
            equal: static (handles, model) => handles.Describe() == model.Describe(),
            iter: 200 * TestEffort.Factor,
            threads: 1);

    private static string Describe(IEnumerable<string> seen, int releases) => $"{releases} releases; {string.Join(", ", seen.Order(StringComparer.Ordinal))}";

    private sealed class Handles
    {
        private readonly ConcurrentBag<string> _seen = [];
        private readonly ConcurrentBag<RefCounted<Probe>> _upgraded = [];
        private readonly Probe _probe = new();
        private readonly RefCounted<Probe>[] _first = new RefCounted<Probe>[FirstHandles];
        private readonly WeakRefCounted<Probe> _weak;
        private int _chosen;
        private int _givenUp;

        internal Handles(RefCountMode mode)
        {
            _first[0] = RefCounted.Create(_probe, mode, static value => value.Release());
            _first[1] = _first[0].AddReference();
            _weak = _first[0].CreateWeak();
        }

        internal void Do(Step step) => _seen.Add($"{step} {Try(step)}");

        internal string Describe() => ParallelModelTests.Describe(_seen, _probe.Releases);

        private bool Try(Step step)
        {
            switch (step)
            {
                case Step.Upgrade:
                    if (!_weak.TryGetReference(out RefCounted<Probe>? upgraded))
                        return false;
                    upgraded.Value.Use();
                    _upgraded.Add(upgraded);
                    return true;
                case Step.GiveUp:
                    int mine = Interlocked.Increment(ref _chosen) - 1;
                    if (mine < FirstHandles)
                    {
                        _first[mine].Dispose();
                        Interlocked.Increment(ref _givenUp);
                        return true;
                    }

                    // None is left; who says so must not be ahead of those who are about to give theirs up.
                    return !SpinWait.SpinUntil(() => Volatile.Read(ref _givenUp) == FirstHandles, TimeSpan.FromSeconds(60));
                default:
                    return _weak.IsAlive;
            }
        }
    }

    private sealed class Model
    {
        private readonly List<string> _seen = [];
        private int _first = FirstHandles;
        private int _upgraded;

        private bool IsAlive => _first + _upgraded > 0;

        internal void Do(Step step)
        {
            bool saw = step == Step.GiveUp ? _first > 0 : IsAlive;
            if (step == Step.GiveUp)
                _first = Math.Max(0, _first - 1);
            else if (step == Step.Upgrade && saw)
                _upgraded++;
            _seen.Add($"{step} {saw}");
        }

        internal string Describe() => ParallelModelTests.Describe(_seen, IsAlive ? 0 : 1);
    }
}
