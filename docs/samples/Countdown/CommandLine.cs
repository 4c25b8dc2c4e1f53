using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace GilSharp.Samples.Countdown;

/// <summary>What the caller asked for.</summary>
/// <param name="Count">N, or null: found by calibration.</param>
/// <param name="Seconds">How long one thread shall count; for the calibration.</param>
/// <param name="Json">The report as JSON, and nothing else, on standard output.</param>
internal sealed record Settings(long? Count, double Seconds, bool Json);

internal static class ExitCode
{
    /// <summary>Every count was exact.</summary>
    public const int Exact = 0;

    /// <summary>A count was wrong, or a part could not be carried out.</summary>
    public const int Failed = 1;

    /// <summary>The arguments were.</summary>
    public const int Usage = 2;
}

/// <summary>The program's options, their help and their errors.</summary>
internal static class CommandLine
{
    private const double Shortest = 0.05;
    private const double Longest = 600;
    private const long Smallest = 2;

    public static int Invoke(string[] args, Func<Settings, int> run)
    {
        Option<long?> count = new("--count", "-n")
        {
            Description = $"Steps to count down, {Smallest} or more. Without it, as many as one thread does in the time of --seconds.",
            HelpName = "N",
            CustomParser = ParseCount,
        };
        Option<double> seconds = new("--seconds", "-s")
        {
            Description = $"About how long one thread shall take, {Shortest} to {Longest}.",
            HelpName = "S",
            DefaultValueFactory = _ => 2,
            CustomParser = ParseSeconds,
        };
        Option<bool> json = new("--json") { Description = "Write the report as JSON to standard output; progress goes to standard error." };
        RootCommand command = new("Counts down three ways: one thread, two threads under a global interpreter lock, two worker processes.\n"
            + "Exit codes: 0 every count is exact, 1 one is not or a part failed, 2 bad arguments.")
        {
            count,
            seconds,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(count) is not null && result.GetResult(seconds) is { Implicit: false })
                result.AddError("--count and --seconds exclude each other: the one sets N, the other has it measured.");
        });
        command.SetAction(parsed => run(new Settings(parsed.GetValue(count), parsed.GetValue(seconds), parsed.GetValue(json))));

        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        foreach (ParseError error in parsed.Errors)
            Console.Error.WriteLine($"countdown: {error.Message}");
        Console.Error.WriteLine("countdown: --help lists the options.");
        return ExitCode.Usage;
    }

    private static long? ParseCount(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= Smallest)
            return value;
        argument.AddError($"--count takes a whole number of {Smallest} or more, not '{text}'.");
        return null;
    }

    private static double ParseSeconds(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value is >= Shortest and <= Longest)
            return value;
        argument.AddError(string.Create(CultureInfo.InvariantCulture, $"--seconds takes a number from {Shortest} to {Longest}, not '{text}'."));
        return 0;
    }
}
