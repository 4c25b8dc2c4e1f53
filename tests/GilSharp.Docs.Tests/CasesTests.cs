using System.Text.RegularExpressions;

namespace GilSharp.Docs.Tests;

/// <summary>A page that says which test keeps a promise is wrong as soon as the test has another name.</summary>
[TestClass]
public sealed partial class CasesTests
{
    [TestMethod]
    public void Tests_ThatThePagesName_Exist()
    {
        HashSet<string> methods = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))];

        string[] missing =
        [
            .. from page in Repository.Pages()
               from Match match in NamedTest().Matches(File.ReadAllText(page))
               let name = match.Groups["name"].Value
               where !methods.Contains(name)
               select $"{Repository.Relative(page)}: {name}",
        ];

        Assert.IsEmpty(missing, string.Join('\n', missing));
    }

    [GeneratedRegex(@"public (?:async )?(?:void|Task) (?<name>\w+)\(")]
    private static partial Regex Method();

    // Situation_Promise, as tests are named and nothing else is, the runtime's variables excepted.
    [GeneratedRegex(@"`(?<name>(?=\w*[a-z])(?!DOTNET_)[A-Z][A-Za-z0-9]+(?:_[A-Z][A-Za-z0-9]*)+)`")]
    private static partial Regex NamedTest();
}
