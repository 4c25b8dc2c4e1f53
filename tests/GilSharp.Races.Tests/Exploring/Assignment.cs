using System.Globalization;
using GilSharp.Races.Seam;

namespace GilSharp.Races.Exploring;

/// <summary>What is to be explored and how. It crosses into another load context as text.</summary>
internal sealed record Assignment
{
    internal required string Scenario { get; init; }

    /// <summary>exhaustive, random, priorities, or a schedule to repeat.</summary>
    internal string Mode { get; init; } = "exhaustive";

    internal Bounds Bounds { get; init; } = new(2, 1);

    internal int Seed { get; init; } = 1;

    internal int Executions { get; init; } = int.MaxValue;

    internal double Seconds { get; init; } = double.MaxValue;

    internal Fault Fault { get; init; }

    internal int[] FaultSites { get; init; } = [];

    internal int FaultAnswer { get; init; }

    internal string[] Write() =>
    [
        Scenario, Mode, Text(Bounds.Preemptions), Text(Bounds.StaleReads), Text(Seed), Text(Executions), Seconds.ToString("R", CultureInfo.InvariantCulture),
        Fault.ToString(), string.Join(',', FaultSites), Text(FaultAnswer),
    ];

    internal static Assignment Read(string[] text) => new()
    {
        Scenario = text[0],
        Mode = text[1],
        Bounds = new Bounds(Number(text[2]), Number(text[3])),
        Seed = Number(text[4]),
        Executions = Number(text[5]),
        Seconds = double.Parse(text[6], CultureInfo.InvariantCulture),
        Fault = Enum.Parse<Fault>(text[7]),
        FaultSites = [.. text[8].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)],
        FaultAnswer = Number(text[9]),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What came of it.</summary>
/// <param name="Executions">Explored.</param>
/// <param name="Steps">Of all of them.</param>
/// <param name="IsComplete">Nothing within the bounds is left.</param>
/// <param name="Failure">What went wrong in the last, if anything.</param>
/// <param name="Schedule">Repeats it.</param>
/// <param name="Log">Its steps.</param>
/// <param name="Visited">The sites that were reached, by number.</param>
internal sealed record Findings(long Executions, long Steps, bool IsComplete, string Failure, string Schedule, string Log, string Visited)
{
    internal string[] Write() =>
        [Executions.ToString(CultureInfo.InvariantCulture), Steps.ToString(CultureInfo.InvariantCulture), IsComplete.ToString(), Failure, Schedule, Log, Visited];

    internal static Findings Read(string[] text) => new(
        long.Parse(text[0], CultureInfo.InvariantCulture), long.Parse(text[1], CultureInfo.InvariantCulture), bool.Parse(text[2]), text[3], text[4], text[5], text[6]);
}
