namespace GilSharp.Package.Tests;

/// <summary>What the build promises: quiet wherever it is cloned, the same bytes each time, loud when a rule is broken.</summary>
[TestClass]
public sealed class BuildTests
{
    private static Workshop Workshop => AssemblySetup.Workshop;

    [TestMethod]
    public void Repository_WithoutARemote_BuildsWithoutAWarning() => AssertQuiet(Workshop.OriginalPackage);

    [TestMethod]
    public void Clone_OfAFolder_BuildsWithoutAWarning() => AssertQuiet(Workshop.CopyPackage);

    [TestMethod]
    public void Clone_FromGitHub_BuildsWithoutAWarning() => AssertQuiet(Workshop.FromGitHubPackage);

    [TestMethod]
    public void Build_LeavesTheFilesOfTheCloneAsTheyAre()
    {
        Assert.AreEqual("", Workshop.Git(Workshop.Original, "status", "--porcelain"));
        Assert.AreEqual("", Workshop.Git(Workshop.Copy, "status", "--porcelain"));
    }

    [TestMethod]
    [DataRow(Package.LibraryEntry)]
    [DataRow("lib/net10.0/GilSharp.xml")]
    [DataRow("analyzers/dotnet/cs/GilSharp.Analyzers.dll")]
    public void TwoBuilds_InDifferentFolders_GiveTheSameBytes(string entry) =>
        Assert.AreEqual(Hash(Workshop.OriginalPackage, entry), Hash(Workshop.CopyPackage, entry));

    [TestMethod]
    public void TwoBuilds_InDifferentFolders_GiveTheSameSymbols()
    {
        const string Symbols = "lib/net10.0/GilSharp.pdb";
        Assert.AreEqual(
            Workshop.OriginalPackage.HashOf(Workshop.OriginalPackage.SymbolsFile, Symbols), Workshop.CopyPackage.HashOf(Workshop.CopyPackage.SymbolsFile, Symbols));
    }

    [TestMethod]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void ADeliberateWarning_BreaksTheBuild()
    {
        string repository = Workshop.Clone("with-a-warning");
        File.WriteAllText(
            Path.Combine(repository, "src", "GilSharp", "Deliberate.cs"),
            "namespace GilSharp;\n\ninternal static class Deliberate\n{\n    internal static void Warn()\n    {\n        int unused = 1;\n    }\n}\n");

        ChildResult build = Build(repository);

        Assert.AreNotEqual(0, build.ExitCode);
        Assert.Contains("error CS0219", build.Output);
    }

    [TestMethod]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void APublicMemberThatIsGone_BreaksTheBuild()
    {
        string repository = Workshop.Clone("with-a-member-less");
        string lockFolder = Path.Combine(repository, "src", "GilSharp", "Locking");
        Replace(lockFolder, "public bool Checkpoint()", "internal bool Checkpoint()");

        ChildResult build = Build(repository);

        Assert.AreNotEqual(0, build.ExitCode);
        Assert.Contains("error RS0017", build.Output);
        Assert.Contains("Checkpoint", build.Output);
    }

    private static void Replace(string folder, string text, string replacement)
    {
        string file = Directory.EnumerateFiles(folder, "*.cs").Single(file => File.ReadAllText(file).Contains(text, StringComparison.Ordinal));
        File.WriteAllText(file, File.ReadAllText(file).Replace(text, replacement, StringComparison.Ordinal));
    }

    private static ChildResult Build(string repository) =>
        ChildProgram.Dotnet(["build", "src/GilSharp", "-c", "Release", "--nologo", "-clp:NoSummary"], repository);

    private static void AssertQuiet(Package package) => Assert.DoesNotContain("warning", package.BuildLog);

    private static string Hash(Package package, string entry) => package.HashOf(package.File, entry);
}
