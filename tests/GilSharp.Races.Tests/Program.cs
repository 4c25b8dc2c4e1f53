using System.Diagnostics;
using GilSharp.Races.Exploring;
using GilSharp.Races.Scenarios;
using GilSharp.Races.Weaving;
using Microsoft.Testing.Platform.Builder;

namespace GilSharp.Races;

/// <summary>The tests, or with a first argument of its own the explorer at hand.</summary>
internal static class Program
{
    internal static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["explore", ..]:
                return Explore(args.ElementAtOrDefault(1) ?? "", args.ElementAtOrDefault(2) ?? "exhaustive", args.ElementAtOrDefault(3) ?? "2/1");
            case ["replay", string scenario, string schedule]:
                Findings again = new Universe().Explore(new Assignment { Scenario = scenario, Mode = schedule, Executions = 1 });
                Console.WriteLine($"{again.Log}\n{(again.Failure.Length == 0 ? "nothing went wrong" : again.Failure)}");
                return again.Failure.Length == 0 ? 0 : 1;
            case ["mutants", ..]:
                return Examine(args.ElementAtOrDefault(1) ?? "");
            case ["sites", ..]:
                foreach ((int number, string site) in Universe.Sites.Index().Where(site => site.Item.Contains(args.ElementAtOrDefault(1) ?? "", StringComparison.Ordinal)))
                    Console.WriteLine($"{number}\t{site}");
                return 0;
            default:
                ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(args);
                SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, args);
                using (ITestApplication application = await builder.BuildAsync())
                    return await application.RunAsync();
        }
    }

    private static int Examine(string name)
    {
        Universe universe = new();
        int survived = 0;
        foreach (Mutants.Mutant mutant in Mutants.MutantList.All.Where(mutant => mutant.Name.Contains(name, StringComparison.Ordinal)))
        {
            var watch = Stopwatch.StartNew();
            Mutants.Verdict verdict = mutant.Examine(universe);
            Console.WriteLine($"{(verdict.KilledBy is null ? "SURVIVED" : "killed"),-9} {mutant.Name,-62} {verdict.Executions,8} {watch.Elapsed.TotalSeconds,5:F1} s  {verdict.KilledBy}: {verdict.Reason}");
            survived += verdict.KilledBy is null ? 1 : 0;
        }

        return survived;
    }

    private static int Explore(string name, string mode, string bounds)
    {
        Universe universe = new();
        int failed = 0;
        string[] numbers = bounds.Split('/');
        foreach (Scenario scenario in ScenarioList.All.Where(scenario => scenario.Name.Contains(name, StringComparison.Ordinal)))
        {
            var watch = Stopwatch.StartNew();
            Bounds asked = bounds == "own" ? scenario.Bounds : new Bounds(int.Parse(numbers[0]), int.Parse(numbers[1]));
            Findings found = universe.Explore(new Assignment
            {
                Scenario = scenario.Name, Mode = mode, Executions = mode is "random" or "priorities" ? 20000 : int.MaxValue,
                Bounds = asked, Seconds = 60,
            });
            Console.WriteLine($"{scenario.Name,-60} {found.Executions,9} executions {found.Steps / Math.Max(1, found.Executions),5} steps each, {watch.Elapsed.TotalSeconds:F1} s, {(found.IsComplete ? "exhausted" : "")} {found.Failure}");
            if (found.Failure.Length != 0 && !scenario.MustFail)
            {
                failed++;
                Console.WriteLine(found.Log);
                Console.WriteLine(found.Schedule);
            }
        }

        return failed;
    }
}
