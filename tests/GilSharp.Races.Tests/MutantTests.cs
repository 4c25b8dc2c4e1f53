using GilSharp.Races.Mutants;

namespace GilSharp.Races;

/// <summary>The proofs can fail: each planted fault is found.</summary>
[TestClass]
public sealed class MutantTests
{
    public static IEnumerable<object[]> All => MutantList.All.Select(static mutant => new object[] { mutant.Name });

    [TestMethod]
    [Timeout(600_000)]
    [DynamicData(nameof(All))]
    public void Mutant_WhenItIsPlanted_IsKilled(string name)
    {
        (int row, Mutant mutant) = MutantList.All.Index().First(mutant => mutant.Item.Name == name);
        Verdict verdict = Universes.With(mutant.Examine);
        Report.Add("2 Mutants", row, $"{(verdict.KilledBy is null ? "SURVIVED" : "killed"),-8} {mutant.Name,-64} {verdict.KilledBy}, execution {verdict.Executions}: {verdict.Reason}");
        Assert.IsNotNull(verdict.KilledBy, $"{mutant.Name} survived {verdict.Executions} executions.");
    }

    [TestMethod]
    public void Mutants_AreThirtyAtLeast() => Assert.IsGreaterThanOrEqualTo(30, MutantList.All.Count);
}
