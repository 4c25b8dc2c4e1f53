using GilSharp.Races.Weaving;

namespace GilSharp.Races;

/// <summary>What was explored and which mutants were killed, as tables: a file beside the tests, which .ci/run prints.</summary>
[TestClass]
public static class Report
{
    private static readonly SortedDictionary<string, string> Lines = new(StringComparer.Ordinal);

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "proof-report.txt");

    /// <summary>Removes the report of an earlier run.</summary>
    /// <param name="context">Not used.</param>
    [AssemblyInitialize]
    public static void Begin(TestContext context) => File.Delete(Path);

    /// <summary>Writes the report.</summary>
    [AssemblyCleanup]
    public static void End()
    {
        lock (Lines)
            File.WriteAllLines(Path, Lines.Values);
    }

    internal static void Add(string table, int row, string line)
    {
        lock (Lines)
        {
            Lines[$"{table} "] = $"{table}:";
            Lines[$"{table} {row:D4}"] = "  " + line;
        }
    }
}

/// <summary>Universes are dear to make, so tests that run side by side take one each and give it back.</summary>
internal static class Universes
{
    private static readonly Stack<Universe> Free = new();

    internal static T With<T>(Func<Universe, T> use)
    {
        Universe? universe;
        lock (Free)
        {
            if (!Free.TryPop(out universe))
                universe = new Universe();
        }

        T result = use(universe);
        lock (Free)
            Free.Push(universe);
        return result;
    }
}
