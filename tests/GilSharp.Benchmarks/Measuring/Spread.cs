namespace GilSharp.Benchmarks.Measuring;

/// <summary>What several rounds of one measurement came to.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    /// <exception cref="ArgumentException">There is no value.</exception>
    internal static Spread Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) throw new ArgumentException("A spread needs a value.", nameof(values));
        double[] sorted = [.. values.Order()];
        double middle = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Spread(middle, sorted[0], sorted[^1]);
    }

    /// <summary>For operations of nanoseconds: nothing makes one faster than it is, so the best round counts.</summary>
    internal Spread Best() => this with { Median = Least };

    internal static Spread Single(double value) => new(value, value, value);

    internal Spread Select(Func<double, double> function)
    {
        (double a, double b) = (function(Least), function(Most));
        return new Spread(function(Median), Math.Min(a, b), Math.Max(a, b));
    }
}
