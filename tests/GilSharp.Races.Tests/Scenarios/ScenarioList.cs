namespace GilSharp.Races.Scenarios;

/// <summary>All scenarios.</summary>
internal static class ScenarioList
{
    internal static readonly IReadOnlyList<Scenario> All = [.. MemoryLitmus.All, .. LockScenarios.All, .. WorkItemScenarios.All, .. CountScenarios.All, .. StatusPageScenarios.All, .. PoolScenarios.All, .. LedScenarios.All];

    internal static Scenario Find(string name) =>
        All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new ArgumentException($"There is no scenario '{name}'. There are: {string.Join(", ", All.Select(static scenario => scenario.Name))}.", nameof(name));
}
