using System.Text.RegularExpressions;

namespace GilSharp.Samples.PerWorkerState;

/// <summary>Stands for what is dear to build and cheap to use: a grammar, a model, a connection. It could not travel, and need not: every worker builds its own.</summary>
internal sealed class Parser
{
    private static Parser? s_own;

    private readonly Regex _line = new(@"^(?<name>\w+)\s*=\s*(?<value>\d+)$", RegexOptions.Compiled);
    private int _lines;

    /// <summary>This worker's.</summary>
    private static Parser Own => s_own ?? throw new InvalidOperationException("The initializer has not run in this process.");

    /// <summary>The pool's initializer: runs in every worker before its first call, on the thread of its calls.</summary>
    internal static void Build() => s_own = new Parser();

    /// <summary>What calls run. One at a time in a worker, so that the state needs no lock.</summary>
    internal static Parsed Parse(string line)
    {
        Match match = Own._line.Match(line);
        if (!match.Success) throw new FormatException($"'{line}' is not name = value.");
        Own._lines++;
        return new Parsed(match.Groups["name"].Value, int.Parse(match.Groups["value"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), Environment.ProcessId, Own._lines);
    }
}

/// <summary>A line that was read.</summary>
/// <param name="Name">Left of the sign.</param>
/// <param name="Value">Right of it.</param>
/// <param name="Worker">The process that read it.</param>
/// <param name="LinesOfThisParser">How many lines its parser had read by then.</param>
internal sealed record Parsed(string Name, int Value, int Worker, int LinesOfThisParser);
