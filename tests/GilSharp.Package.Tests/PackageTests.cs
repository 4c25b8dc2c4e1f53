using System.Xml.Linq;

namespace GilSharp.Package.Tests;

/// <summary>What the package says of itself, and what is in it.</summary>
[TestClass]
public sealed class PackageTests
{
    private static Package Package => AssemblySetup.Workshop.OriginalPackage;

    [TestMethod]
    [DataRow("id", "GilSharp")]
    [DataRow("license", "MIT")]
    [DataRow("readme", "README.md")]
    public void Description_Says(string element, string value) => Assert.AreEqual(value, Package.Metadata(element)?.Value);

    [TestMethod]
    [DataRow("authors")]
    [DataRow("description")]
    [DataRow("tags")]
    [DataRow("copyright")]
    [DataRow("releaseNotes")]
    public void Description_IsComplete(string element) =>
        Assert.IsFalse(string.IsNullOrWhiteSpace(Package.Metadata(element)?.Value), $"{element} is missing");

    [TestMethod]
    public void Package_HasTheLibraryItsDocumentationItsRulesAndNothingToRun()
    {
        string[] entries = Package.Entries(Package.File);

        Assert.Contains(Package.LibraryEntry, entries);
        Assert.Contains("lib/net10.0/GilSharp.xml", entries);
        Assert.Contains("analyzers/dotnet/cs/GilSharp.Analyzers.dll", entries);
        Assert.Contains("README.md", entries);
        Assert.IsEmpty(entries.Where(entry => entry.EndsWith(".ps1", StringComparison.Ordinal) || entry.EndsWith(".pdb", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void SymbolsPackage_HasTheLibrarysSymbols() =>
        Assert.Contains("lib/net10.0/GilSharp.pdb", Package.Entries(Package.SymbolsFile));

    [TestMethod]
    public void Dependencies_AreThoseThatTheLibraryUses()
    {
        string[] dependencies = [.. Package.Metadata("dependencies")!.Descendants().Where(IsDependency).Select(element => element.Attribute("id")!.Value)];
        string[] references = Package.LibraryReferences();

        Assert.IsEmpty(dependencies.Except(references), "the package installs what it does not use");
        Assert.IsEmpty(references.Where(name => name.StartsWith("Microsoft.", StringComparison.Ordinal)).Except(dependencies), "a dependency is missing");

        static bool IsDependency(XElement element) => element.Name.LocalName == "dependency";
    }

    [TestMethod]
    public void Repository_IsNamedOnlyByACloneFromGitHub()
    {
        Assert.IsNull(Package.Metadata("repository"));
        Assert.IsNull(AssemblySetup.Workshop.CopyPackage.Metadata("repository"));
        Assert.AreEqual(
            "https://github.com/example/gilsharp.git", AssemblySetup.Workshop.FromGitHubPackage.Metadata("repository")?.Attribute("url")?.Value);
    }
}
