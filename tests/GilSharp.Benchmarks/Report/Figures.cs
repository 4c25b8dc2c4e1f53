using System.Globalization;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Report;

/// <summary>Numbers as a reader wants them: three digits that mean something, and no more.</summary>
internal static class Figures
{
    internal static string Text(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 999_500 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##} M"),
        >= 9_995 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.#} k"),
        >= 99.5 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 9.95 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    /// <summary>Median and, where rounds differ by more than a tenth, the spread.</summary>
    internal static string Text(Spread spread) =>
        spread.Most - spread.Least <= Math.Abs(spread.Median) / 10 ? Text(spread.Median) : $"{Text(spread.Median)} [{Text(spread.Least)}–{Text(spread.Most)}]";

    internal static string Text(Spread spread, string unit) => unit.Length == 0 ? Text(spread) : $"{Text(spread)} {unit}";
}
