using System.Diagnostics;

namespace GilSharp.Tests.RefCounting;

/// <summary>Why the library exists: the same workload on a count that nothing protects.</summary>
[TestClass]
public sealed class UnprotectedCountTests
{
    /// <summary>A value that leaks, and one that is freed while it is in use: each happens within a few rounds, or the deadline fails the test.</summary>
    [TestMethod]
    [Timeout(120_000)]
    public void PlainCount_LosesCounts_SoThatValuesLeak_AndAreFreedWhileInUse()
    {
        if (Environment.ProcessorCount == 1) Assert.Inconclusive("Two threads that take turns on one processor meet in the middle of a count too seldom to wait for it.");
        int leaked = 0;
        int freedEarly = 0;
        int rounds = 0;
        Stopwatch watch = Stopwatch.StartNew();
        while (leaked == 0 || freedEarly == 0)
        {
            Assert.IsLessThan(100, watch.Elapsed.TotalSeconds, $"{rounds} rounds, {leaked} leaks, {freedEarly} freed early");
            rounds++;
            UnprotectedCount count = new();
            CountingWorkload.Run(20_000, () =>
            {
                count.Retain();
                count.Release();
            });

            bool early = count.IsFreed;
            count.Release();
            freedEarly += early ? 1 : 0;
            leaked += !early && !count.IsFreed ? 1 : 0;
        }

        Console.WriteLine($"{rounds} rounds: {leaked} values never freed, {freedEarly} freed while somebody held a reference.");
    }

    /// <summary>Counts as one would in a program with one thread, and frees at zero.</summary>
    private sealed class UnprotectedCount
    {
        private int _count = 1;

        internal bool IsFreed { get; private set; }

        internal void Retain() => _count++;

        internal void Release()
        {
            if (--_count == 0)
            {
                IsFreed = true;
            }
        }
    }
}
