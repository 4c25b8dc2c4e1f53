using System.Text.RegularExpressions;

namespace GilSharp.Docs.Tests;

/// <summary>
/// Packages come from the sources that a machine is set up with. An address of one, or a path of somebody's machine, in a file of
/// the repository would work for its author and for nobody else.
/// </summary>
[TestClass]
public sealed partial class AddressTests
{
    private static readonly string[] TextFiles =
    [
        ".cs", ".csproj", ".props", ".targets", ".config", ".json", ".md", ".sln", ".slnx", ".txt", ".xml", ".yml", ".yaml", ".sh", ".pml",
        ".py", ".mjs", ".js", ".c", ".rs", ".cpp", ".editorconfig", ".gitignore", ".gitattributes", "",
    ];

    [TestMethod]
    public void Files_NameNoPackageSource()
    {
        string[] stray = [.. Repository.Files().SelectMany(file => StrayLines(file, Source()))];

        Assert.IsEmpty(stray, string.Join('\n', stray));
    }

    [TestMethod]
    public void Files_NameNoPathOfAMachine()
    {
        string[] stray = [.. Repository.Files().SelectMany(file => StrayLines(file, MachinePath()))];

        Assert.IsEmpty(stray, string.Join('\n', stray));
    }

    // Written in two halves, so that this file is not a finding itself.
    [TestMethod]
    [DataRow("<add key=\"x\" value=\"http" + "s://packages.example.org/v3/index.json\" />")]
    [DataRow("<add key=\"x\" value=\"http" + "s://api.nuget" + ".org/v2\" />")]
    [DataRow("<RestoreSources>http" + "s://example.org/feed</RestoreSources>")]
    [DataRow("registry=http" + "s://registry.npm" + "js.org/")]
    [DataRow("\"resolved\": \"http" + "s://example.org/left-pad/-/left-pad-1.3.0.tgz\"")]
    [DataRow("pip install --index-url http" + "s://example.org/simple x")]
    [DataRow("deb http" + "://deb.example.org/debian bookworm main")]
    public void Source_IsFoundWhereThereIsOne(string line) => Assert.IsTrue(Source().IsMatch(line));

    [TestMethod]
    [DataRow("see https://learn.microsoft.com/dotnet")]
    [DataRow("dotnet add package GilSharp")]
    public void Source_IsNotFoundInALink(string line) => Assert.IsFalse(Source().IsMatch(line));

    [TestMethod]
    [DataRow("/ro" + "ot/.nuget/packages")]
    [DataRow("cd /ho" + "me/jane/src")]
    [DataRow("at /wo" + "rk/main/src")]
    [DataRow("C:\\Us" + "ers\\jane")]
    public void MachinePath_IsFoundWhereThereIsOne(string line) => Assert.IsTrue(MachinePath().IsMatch(line));

    private static IEnumerable<string> StrayLines(string file, Regex pattern)
    {
        if (!TextFiles.Contains(Path.GetExtension(file)) && !TextFiles.Contains(Path.GetFileName(file)))
            return [];
        return File.ReadLines(file)
            .Select((line, index) => (line, number: index + 1))
            .Where(place => pattern.IsMatch(place.line))
            .Select(place => $"{Repository.Relative(file)}:{place.number}: {place.line.Trim()}");
    }

    [GeneratedRegex("""
        https?://\S*/index[.]json | https?://\S*nuget[.]org/(v2|v3|api) | registry[.]npmjs | https?://pypi[.] | files[.]pythonhosted
        | <Restore\w*Sources>[^<]*https?: | "resolved":\s*"https?: | (--index-url|--registry|--source|-s)[\s=]+https?: | ^\s*deb\s.*https?://
        | <add\s[^>]*value="https?:
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex Source();

    [GeneratedRegex("""(?<![\w.}])/(work|root|home/\w+|Users/\w+)/ | [a-z]:\\Users\\""", RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex MachinePath();
}
