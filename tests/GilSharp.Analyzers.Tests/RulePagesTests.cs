using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace GilSharp.Analyzers.Tests;

/// <summary>Each rule has a page whose examples do what the page says.</summary>
[TestClass]
public sealed partial class RulePagesTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "docs", "rules");

    public static IEnumerable<object[]> RuleIds => Descriptors.Select(rule => new object[] { rule.Id });

    private static IEnumerable<DiagnosticDescriptor> Descriptors =>
        RuleVerifier.AllRules.SelectMany(analyzer => analyzer.SupportedDiagnostics).DistinctBy(rule => rule.Id).OrderBy(rule => rule.Id, StringComparer.Ordinal);

    [TestMethod]
    [DynamicData(nameof(RuleIds))]
    public void Page_NamesRuleSeverityAndCategory(string id)
    {
        DiagnosticDescriptor rule = Descriptors.Single(rule => rule.Id == id);
        string page = ReadPage(id);

        Assert.StartsWith($"# {id}: {rule.Title}\n", page);
        Assert.Contains($"*Severity: {Severity(rule)}. Category: {rule.Category}.*", page);
        Assert.Contains("## Configuration", page);
        Assert.AreEqual($"docs/rules/{id}.md", rule.HelpLinkUri);
    }

    [TestMethod]
    [DynamicData(nameof(RuleIds))]
    public async Task FlaggedExamples_TriggerTheRuleAndNoOther(string id)
    {
        string[] examples = Examples(id, "cs-invalid");
        Assert.IsNotEmpty(examples, $"{id}.md has no flagged example.");

        foreach (string example in examples)
        {
            string[] found = [.. (await RuleVerifier.DiagnoseProgram(example)).Select(diagnostic => diagnostic.Id).Distinct()];
            Assert.AreSequenceEqual([id], found, example);
        }
    }

    [TestMethod]
    [DynamicData(nameof(RuleIds))]
    public async Task FixedExamples_TriggerNothing(string id)
    {
        string[] examples = Examples(id, "csharp");
        Assert.IsNotEmpty(examples, $"{id}.md has no fixed example.");

        foreach (string example in examples)
            Assert.IsEmpty(await RuleVerifier.DiagnoseProgram(example), example);
    }

    [TestMethod]
    public void Index_ListsEveryRule_WithItsSeverity()
    {
        string index = ReadPage("README");

        foreach (DiagnosticDescriptor rule in Descriptors)
            Assert.Contains($"| [{rule.Id}]({rule.Id}.md) | {rule.Title} | {Severity(rule)} |\n", index);
        Assert.HasCount(Descriptors.Count(), Directory.GetFiles(Folder, "GIL*.md"));
    }

    [TestMethod]
    public void Severities_AreAsPromised()
    {
        foreach (DiagnosticDescriptor rule in Descriptors)
        {
            DiagnosticSeverity promised = string.CompareOrdinal(rule.Id, "GIL005") < 0 ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
            Assert.AreEqual(promised, rule.DefaultSeverity, rule.Id);
            Assert.IsTrue(rule.IsEnabledByDefault, rule.Id);
        }
    }

    private static string Severity(DiagnosticDescriptor rule) => rule.DefaultSeverity == DiagnosticSeverity.Error ? "error" : "warning";

    private static string ReadPage(string name) => File.ReadAllText(Path.Combine(Folder, name + ".md")).ReplaceLineEndings("\n");

    private static string[] Examples(string id, string language) =>
        [.. Fences().Matches(ReadPage(id)).Where(fence => fence.Groups["language"].Value == language).Select(fence => fence.Groups["code"].Value)];

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GilSharp.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException($"No GilSharp.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"^```(?<language>[\w-]+)(?: compile-only)?\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
