using System.Reflection;

namespace GilSharp.Docs.Tests;

/// <summary>The page on pools lists every option, with its default, its range and the test of its effect. That the tests exist is seen to elsewhere.</summary>
[TestClass]
public sealed class OptionsPageTests
{
    [TestMethod]
    [DataRow(typeof(ProcessPoolOptions))]
    [DataRow(typeof(CallOptions))]
    [DataRow(typeof(MapOptions))]
    public void Table_HasARowForEveryOption_WithATest(Type options)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "concepts", "process-pool.md"));
        string[] rows = [.. lines.SkipWhile(line => !line.StartsWith($"| `{options.Name}` | default |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))];
        string[] listed = [.. rows.Select(row => row.Split('`')[1])];

        CollectionAssert.AreEquivalent(options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).ToArray(), listed);
        foreach (string row in rows) Assert.Contains("_", row.Split('|')[^2], $"No test is named: {row}");
    }
}
