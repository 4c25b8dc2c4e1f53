using CsCheck;

namespace GilSharp.Tests.Locking;

/// <summary>Whatever several threads do under the lock at once, the end is one that some order of one step after the other gives.</summary>
/// <remarks>Only ends are compared, so what each step saw is part of the end. Evidence beside the proofs: it finds few races.</remarks>
[TestClass]
public sealed class SequentialOrderTests
{
    [TestMethod]
    [Timeout(300_000)]
    public void StepsUnderTheLock_AtOnce_EndAsInSomeSequentialOrder() =>
        Gen.Const(0).Select(_ => new Ledger()).SampleParallel(
            Gen.Int[1, 9].Operation<Ledger>(static (ledger, number) => ledger.Add(number)),
            Gen.Int[1, 9].Operation<Ledger>(static (ledger, number) => ledger.AddTwice(number)),
            Gen.Int[1, 9].Operation<Ledger>(static (ledger, number) => ledger.AddInScope(number)),
            equal: static (first, second) => first.Describe() == second.Describe(),
            print: static ledger => ledger.Describe(),
            maxSequentialOperations: 2,
            maxParallelOperations: 4,
            iter: 100 * TestEffort.Factor,
            threads: 1);

    /// <summary>Not thread-safe by itself: the lock alone keeps its steps apart.</summary>
    private sealed class Ledger
    {
        private static readonly GlobalInterpreterLock Gil = new();

        private readonly List<int> _seen = [];
        private int _value;

        internal void Add(int number)
        {
            Gil.Enter();
            Step(number);
            Gil.Exit();
        }

        internal void AddTwice(int number)
        {
            Gil.Enter();
            Add(number);
            Step(number);
            Gil.Exit();
        }

        internal void AddInScope(int number)
        {
            using (Gil.EnterScope())
                Step(number);
        }

        internal string Describe() => $"{_value}: {string.Join(',', _seen)}";

        private void Step(int number)
        {
            int before = _value;
            // As long as a thread needs to start, and then a processor for it: who comes in beside us meets us here.
            Thread.SpinWait(2_000);
            Thread.Yield();
            _seen.Add(before);
            _value = (before * 10 + number) % 10_007;
        }
    }
}
