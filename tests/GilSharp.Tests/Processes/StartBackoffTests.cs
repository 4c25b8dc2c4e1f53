using System.Diagnostics;
using GilSharp.Processes.Engine;

namespace GilSharp.Tests.Processes;

/// <summary>How long starts are held back after failures, and what ends that.</summary>
[TestClass]
public sealed class StartBackoffTests
{
    [TestMethod]
    public void Failures_CostNothing_ThenFiftyMilliseconds_ThenTwiceAsLongUpToHalfAMinute()
    {
        StartBackoff backoff = new();
        Assert.IsFalse(backoff.IsInDoubt || backoff.Holds);
        Assert.AreEqual(TimeSpan.Zero, backoff.Left);

        double[] seconds = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30];
        backoff.Failed(1);
        Assert.AreEqual(0, backoff.Until);
        Assert.IsTrue(backoff.IsInDoubt);
        Assert.IsFalse(backoff.Holds);
        for (int i = 0; i < seconds.Length; i++)
        {
            long wait = (long)Math.Round(seconds[i] * Stopwatch.Frequency), before = Stopwatch.GetTimestamp();
            backoff.Failed(1);
            Assert.IsInRange(before + wait, Stopwatch.GetTimestamp() + wait, backoff.Until);
        }

        Assert.IsTrue(backoff.Holds);
        Assert.IsInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), backoff.Left);
        Assert.AreEqual(21, backoff.InARow);
        Assert.AreEqual(21, backoff.Total);
    }

    [TestMethod]
    public void CallServed_ByAWorkerStartedAfterTheLastFailure_EndsTheDoubt_ByAnEarlierOneNot()
    {
        StartBackoff backoff = Failing(7, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5); // half a minute: it is not over before this test is
        backoff.HasServed(6);
        backoff.HasServed(7);
        Assert.IsTrue(backoff.IsInDoubt && backoff.Holds);

        backoff.HasServed(8);
        Assert.IsFalse(backoff.IsInDoubt || backoff.Holds);
        Assert.AreEqual(TimeSpan.Zero, backoff.Left);
        backoff.Failed(9);
        Assert.AreEqual(0, backoff.Until); // the first again
    }

    [TestMethod]
    public void WorkerThatBecameReady_EndsTheRow_ButNotTheDoubt()
    {
        StartBackoff backoff = Failing(1, 2);
        backoff.BecameReady();

        Assert.AreEqual(0, backoff.InARow);
        Assert.AreEqual(2, backoff.Total);
        Assert.IsTrue(backoff.IsInDoubt);
    }

    [TestMethod]
    public void StartThatIsLetGo_DoesNotWait_AndTheNextFailureCostsMore()
    {
        StartBackoff backoff = Failing(1, 2, 3);
        backoff.LetGo();
        Assert.IsFalse(backoff.Holds);
        Assert.AreEqual(TimeSpan.Zero, backoff.Left);

        long before = Stopwatch.GetTimestamp();
        backoff.Failed(4);
        Assert.IsGreaterThanOrEqualTo(before + Stopwatch.Frequency / 5, backoff.Until);
    }

    private static StartBackoff Failing(params int[] workers)
    {
        StartBackoff backoff = new();
        foreach (int worker in workers) backoff.Failed(worker);
        return backoff;
    }
}
