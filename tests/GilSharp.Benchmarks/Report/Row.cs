using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Report;

/// <summary>One line of the table: what GilSharp does, what the others do in the same run, and what was to be reached.</summary>
internal sealed record Row
{
    /// <summary>Short and lasting: the history knows the row by it.</summary>
    public required string Id { get; init; }

    public required string Topic { get; init; }

    public required string What { get; init; }

    public required string Unit { get; init; }

    public bool MoreIsBetter { get; init; }

    public required Spread Ours { get; init; }

    /// <summary>What belongs to the figure but is not compared, such as other percentiles.</summary>
    public string Besides { get; init; } = "";

    public IReadOnlyDictionary<string, Spread> Others { get; init; } = new Dictionary<string, Spread>();

    /// <summary>What nothing can beat: the kernel, the memory, the instruction.</summary>
    public IReadOnlyDictionary<string, Spread> Limits { get; init; } = new Dictionary<string, Spread>();

    public Target? Target { get; init; }

    /// <summary>A cost as a ratio to something of the same run that every machine has; more is worse. Null for rows that no history is kept of.</summary>
    public double? Cost { get; init; }

    /// <summary>How many times better than the best of the others; null without others.</summary>
    public (string Name, double Times)? AgainstBest => Best(Others);

    /// <summary>How many times better than the limit: below 1 as a rule.</summary>
    public (string Name, double Times)? AgainstLimit => Best(Limits);

    private (string, double)? Best(IReadOnlyDictionary<string, Spread> rivals)
    {
        if (rivals.Count == 0) return null;
        (string name, Spread best) = MoreIsBetter ? rivals.MaxBy(rival => rival.Value.Median) : rivals.MinBy(rival => rival.Value.Median);
        return (name, MoreIsBetter ? Ours.Median / best.Median : best.Median / Ours.Median);
    }
}

/// <summary>What a row was to reach.</summary>
/// <param name="Text">As the design words it.</param>
/// <param name="Value">What was measured of it, in its own terms: a ratio, a time, a rate.</param>
/// <param name="Bound">The value to reach.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record Target(string Text, double Value, double Bound, bool AtLeast)
{
    public bool IsMet => AtLeast ? Value >= Bound : Value <= Bound;

    /// <summary>By which factor it is missed; 1 or less if it is met.</summary>
    public double MissedBy => AtLeast ? Bound / Value : Value / Bound;
}
