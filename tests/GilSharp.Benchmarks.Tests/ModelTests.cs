using GilSharp.Benchmarks.Scaling;

namespace GilSharp.Benchmarks.Tests;

/// <summary>The model of docs/benchmarks/scaling.md, at its ends.</summary>
[TestClass]
public sealed class ModelTests
{
    [TestMethod]
    public void SpeedUp_LongWork_IsTheNumberOfWorkersUpToTheProcessors()
    {
        Assert.AreEqual(1, Model.SpeedUp(1e9, 10, 10, workers: 1, processors: 2), 1e-6);
        Assert.AreEqual(2, Model.SpeedUp(1e9, 10, 10, workers: 2, processors: 2), 1e-6);
        Assert.AreEqual(2, Model.SpeedUp(1e9, 10, 10, workers: 64, processors: 2), 1e-6);
    }

    [TestMethod]
    public void SpeedUp_WorkAsLongAsItsOverhead_ProcessorsAreShared() =>
        Assert.AreEqual(1, Model.SpeedUp(work: 10, worker: 5, parent: 5, workers: 2, processors: 2), 1e-9);

    [TestMethod]
    public void BreakEven_NoSpeedUp_Never()
    {
        Assert.AreEqual(double.PositiveInfinity, Model.BreakEven(50, 1));
        Assert.AreEqual(100, Model.BreakEven(50, 2), 1e-9, "2 × 50 ms of work take 50 ms, and 50 ms of start");
    }

    [TestMethod]
    public void CallsPerSecond_ManyWorkers_ParentIsTheLimit()
    {
        StandInModel model = new(Latency: 0, Parent: 15, Worker: 5, Processors: 2);

        Assert.AreEqual(1_000, model.CallsPerSecond(workers: 1, work: 1_000), 1e-6);
        Assert.AreEqual(100_000, model.CallsPerSecond(workers: 1_000, work: 1_000), 1e-6);
        Assert.AreEqual(100, model.WorkersAtMost(work: 1_000), 1e-6);
    }
}
