using GilSharp.Races.Exploring;
using GilSharp.Races.Scenarios;

namespace GilSharp.Races;

/// <summary>Every scenario: exhaustively within its bounds, then beyond them at random and by priorities.</summary>
[TestClass]
public sealed class ScenarioTests
{
    private const int Samples = 400;

    public static IEnumerable<object[]> Right => ScenarioList.All.Where(static scenario => !scenario.MustFail).Select(static scenario => new object[] { scenario.Name });

    public static IEnumerable<object[]> Wrong => ScenarioList.All.Where(static scenario => scenario.MustFail).Select(static scenario => new object[] { scenario.Name });

    [TestMethod]
    [Timeout(1_200_000)]
    [DynamicData(nameof(Right))]
    public void Scenario_InEveryScheduleWithinItsBounds_KeepsItsPromise(string name)
    {
        Scenario scenario = ScenarioList.Find(name);
        Bounds bounds = Effort.Deepen(scenario.Bounds);
        Findings all = Explore(name, "exhaustive", bounds, int.MaxValue);
        Findings random = Explore(name, "random", bounds, Samples * Effort.Factor);
        Findings priorities = Explore(name, "priorities", bounds, Samples * Effort.Factor);
        Assert.IsTrue(all.IsComplete, "Everything within the bounds was explored.");
        Report.Add("1 Schedules", Row(name),
            $"{name,-60} all of {bounds.Preemptions} preemptions, {bounds.StaleReads} stale reads: {all.Executions,7} schedules, {all.Steps,9} steps; beyond: {random.Executions} at random, {priorities.Executions} by priorities");
    }

    [TestMethod]
    [Timeout(60_000)]
    [DynamicData(nameof(Wrong))]
    public void Explorer_OnAProgramThatIsWrong_FindsIt(string name)
    {
        Findings found = Universes.With(universe => universe.Explore(new Assignment { Scenario = name, Bounds = new Bounds(2, 2) }));
        Assert.AreNotEqual("", found.Failure);
        Findings again = Universes.With(universe => universe.Explore(new Assignment { Scenario = name, Mode = found.Schedule }));
        Assert.AreEqual(found.Failure, again.Failure, "Its schedule repeats it.");
        Assert.AreEqual(found.Log, again.Log, "Step by step.");
        Report.Add("0 The explorer's own examination", Row(name), $"{name,-60} found at execution {found.Executions}");
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Failure_WhenPrinted_NamesThreadOperationFieldAndLine()
    {
        int[] sites = new Mutants.Mutant("", Seam.Fault.Skipped, "Parker.Unpark", ["EventWaitHandle.Set"], []).Sites();
        Findings found = Universes.With(universe => universe.Explore(
            new Assignment { Scenario = "lock: two threads, two rounds", Fault = Seam.Fault.Skipped, FaultSites = sites }));
        StringAssert.Contains(found.Failure, "nobody can go on");
        StringAssert.Contains(found.Log, "compare-and-swap _word from 0 to ");
        StringAssert.Contains(found.Log, "[GlobalInterpreterLock.TryEnterAtOnce, GlobalInterpreterLock.Enter.cs:");
        StringAssert.Contains(found.Log, "FAULT: does not wake up");
    }

    private static int Row(string name) => ScenarioList.All.Index().First(scenario => scenario.Item.Name == name).Index;

    private static Findings Explore(string name, string mode, Bounds bounds, int executions)
    {
        Findings found = Universes.With(universe => universe.Explore(new Assignment { Scenario = name, Mode = mode, Bounds = bounds, Executions = executions, Seed = Effort.Factor }));
        Assert.AreEqual("", found.Failure, $"\nrepeat with: GilSharp.Races.Tests replay \"{name}\" {found.Schedule}\n{found.Log}\n");
        return found;
    }
}
