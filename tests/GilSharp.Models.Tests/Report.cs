namespace GilSharp.Models.Tests;

/// <summary>How many states were explored and which faults were found, as tables: a file beside the tests, which .ci/run prints.</summary>
[TestClass]
public static class Report
{
    private static readonly SortedDictionary<string, SortedSet<string>> Tables = new(StringComparer.Ordinal);

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "proof-report.txt");

    /// <summary>Writes the report.</summary>
    [AssemblyCleanup]
    public static void End()
    {
        lock (Tables)
            File.WriteAllLines(Path, Tables.SelectMany(static table => table.Value.Select(static line => "  " + line).Prepend(table.Key + ":")));
    }

    internal static void Add(string table, string line)
    {
        lock (Tables)
        {
            if (!Tables.TryGetValue(table, out SortedSet<string>? lines))
                Tables.Add(table, lines = new SortedSet<string>(StringComparer.Ordinal));
            lines.Add(line);
        }
    }
}
