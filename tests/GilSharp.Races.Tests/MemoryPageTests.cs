using System.Text.RegularExpressions;
using GilSharp.Races.Weaving;

namespace GilSharp.Races;

/// <summary>docs/proofs/memory.md has a row for each atomic step of the code, and no other.</summary>
[TestClass]
public sealed partial class MemoryPageTests
{
    [TestMethod]
    public void EveryAtomicStep_IsOnThePage()
    {
        HashSet<string> code = [.. Universe.Sites.Select(static site => site.Split('\t')).Where(static site => IsAtomic(site[1])).Select(static site => $"{site[0]} {site[1]}")];
        HashSet<string> page = OnThePage();
        Assert.IsNotEmpty(code);
        Assert.AreEqual("", string.Join('\n', code.Except(page).Order()), "These steps are in the code and not on the page.");
        HashSet<string> methods = [.. code.Select(static step => step.Split(' ')[0])];
        Assert.AreEqual("", string.Join('\n', page.Select(static step => step.Split(' ')[0]).Distinct().Except(methods).Order()), "These methods are on the page and have no atomic step.");
    }

    [TestMethod]
    public void EveryFaultThatThePageNames_IsPlanted()
    {
        string[] names = [.. Mutants.MutantList.All.Select(static mutant => mutant.Name)];
        foreach (string row in Rows())
        {
            foreach (string fault in row.Split('|')[4].Split(';', StringSplitOptions.TrimEntries))
                Assert.IsTrue(fault == "—" || names.Contains(fault), $"'{fault}' is no planted fault.");
        }
    }

    private static bool IsAtomic(string operation) => operation.StartsWith("Interlocked.", StringComparison.Ordinal) || operation.StartsWith("Volatile.", StringComparison.Ordinal);

    private static HashSet<string> OnThePage()
    {
        HashSet<string> steps = [];
        foreach (string row in Rows())
        {
            string[] cells = row.Split('|');
            foreach (Match method in Code().Matches(cells[1]))
            {
                foreach (Match operation in Code().Matches(cells[2]))
                    steps.Add($"{method.Groups[1].Value.Replace("<T>", "`1", StringComparison.Ordinal).Replace("<TResult>", "`1", StringComparison.Ordinal)} {operation.Groups[1].Value}");
            }
        }

        return steps;
    }

    // The tables whose operation is in the second column.
    private static IEnumerable<string> Rows() =>
        File.ReadLines(PagePath()).Where(static line => line.StartsWith("| `", StringComparison.Ordinal) && line.Split('|') is { Length: 6 } cells && IsAtomic(cells[2].Trim(' ', '`')));

    // Not by the path of this file, which a deterministic build does not know.
    private static string PagePath()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GilSharp.sln"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new DirectoryNotFoundException($"No GilSharp.sln above {AppContext.BaseDirectory}."), "docs", "proofs", "memory.md");
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
