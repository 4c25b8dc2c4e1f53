using GilSharp.Races.Exploring;
using GilSharp.Races.Scenarios;
using GilSharp.Races.Seam;
using GilSharp.Races.Weaving;

namespace GilSharp.Races.Mutants;

/// <summary>A fault that can be switched on, and what it would break.</summary>
/// <param name="Name">What is wrong, as a programmer would have got it wrong.</param>
/// <param name="Fault">What happens at the sites.</param>
/// <param name="Method">The method that the sites are in.</param>
/// <param name="Operations">The operations, each with <c>#n</c> for the n-th of its kind in the method, without for all of them.</param>
/// <param name="Scenarios">Where it is looked for: beginnings of names of scenarios.</param>
/// <param name="Answer">What a call that does not happen answers.</param>
internal sealed record Mutant(string Name, Fault Fault, string Method, string[] Operations, string[] Scenarios, int Answer = 0)
{
    private static readonly (string Mode, Bounds? Bounds, int Executions)[] Passes =
        [("exhaustive", new Bounds(1, 0), 1500), ("exhaustive", new Bounds(1, 1), 1000), ("priorities", null, 400), ("exhaustive", null, 15_000), ("random", null, 5_000), ("priorities", null, 5_000),
            ("random", null, 100_000)];

    /// <summary>Whether the site is one of this fault's.</summary>
    private bool Is(string site)
    {
        string[] parts = site.Split('\t');
        return parts[0] == Method && Operations.Any(operation => operation == parts[1] || operation == $"{parts[1]}#{parts[2]}" || operation == $"{parts[1]} {parts[3]}");
    }

    internal int[] Sites() => [.. Universe.Sites.Index().Where(site => Is(site.Item)).Select(static site => site.Index)];

    /// <summary>Looks for a scenario that fails with it: nearby first, then as far as the scenarios' own bounds go, then at random.</summary>
    internal Verdict Examine(Universe universe)
    {
        int[] sites = Sites();
        if (sites.Length == 0)
            throw new InvalidOperationException($"Mutant '{Name}' is planted nowhere: {Method} has no {string.Join(" or ", Operations)}.");
        Scenario[] scenarios = [.. ScenarioList.All.Where(scenario => !scenario.MustFail && Scenarios.Any(name => scenario.Name.StartsWith(name, StringComparison.Ordinal)))];
        long executions = 0;
        foreach ((string mode, Bounds? bounds, int most) in Passes)
        {
            foreach (Scenario scenario in scenarios)
            {
                Findings found = universe.Explore(new Assignment
                {
                    Scenario = scenario.Name, Mode = mode, Bounds = bounds ?? scenario.Bounds, Executions = most, Seconds = 120,
                    Fault = Fault, FaultSites = sites, FaultAnswer = Answer,
                });
                executions += found.Executions;
                if (found.Failure.Length != 0)
                    return new Verdict(this, scenario.Name, mode, executions, found);
            }
        }

        return new Verdict(this, null, "", executions, null);
    }
}

/// <summary>What became of a mutant.</summary>
/// <param name="Mutant">Which.</param>
/// <param name="KilledBy">The scenario that failed; null if it survived.</param>
/// <param name="Mode">How it was found.</param>
/// <param name="Executions">How many executions that took, those of other scenarios included.</param>
/// <param name="Findings">The failure.</param>
internal sealed record Verdict(Mutant Mutant, string? KilledBy, string Mode, long Executions, Findings? Findings)
{
    internal string Reason => Findings is null ? "" : Short(Findings.Failure);

    private static string Short(string text)
    {
        text = text.Split('\n')[0];
        return text.Length <= 110 ? text : text[..107] + "…";
    }
}
