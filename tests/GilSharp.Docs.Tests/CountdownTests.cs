using System.Text.Json;

namespace GilSharp.Docs.Tests;

/// <summary>The program that a newcomer starts first.</summary>
[TestClass]
public sealed class CountdownTests
{
    private static readonly string Program = Repository.SampleProgram("docs/samples/Countdown/Countdown.csproj");

    [TestMethod]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void Json_HasEveryPart_AndNothingElseOnStandardOutput()
    {
        ChildResult result = Run("-n", "40_000_001", "--json");

        Assert.AreEqual(0, result.ExitCode, result.ToString());
        using JsonDocument report = JsonDocument.Parse(result.Output);
        JsonElement root = report.RootElement;
        Assert.IsTrue(root.GetProperty("exact").GetBoolean());
        Assert.AreEqual(40_000_000, root.GetProperty("n").GetInt64(), "an odd N is made even");
        long[] steps = [.. root.GetProperty("programs").EnumerateArray().Select(program => program.GetProperty("steps").GetInt64())];
        CollectionAssert.AreEqual(new long[] { 40_000_000, 40_000_000, 40_000_000 }, steps);
        Assert.AreEqual(4, root.GetProperty("counts").GetArrayLength());
        Assert.IsFalse(string.IsNullOrEmpty(root.GetProperty("machine").GetProperty("processor").GetString()));
    }

    [TestMethod]
    [DataRow("'many'", "-n", "many")]
    [DataRow("'1'", "-n", "1")]
    [DataRow("'-2'", "--count=-2")]
    [DataRow("'x'", "--seconds", "x")]
    [DataRow("'0.01'", "--seconds", "0.01")]
    [DataRow("exclude", "-n", "10", "--seconds", "1")]
    [DataRow("'--bogus'", "--bogus")]
    public void BadArguments_AreNamed_AndEndWithTwo(string named, params string[] arguments)
    {
        ChildResult result = Run(arguments);

        Assert.AreEqual(2, result.ExitCode, result.ToString());
        Assert.Contains(named, result.Error);
        Assert.AreEqual("", result.Output);
    }

    [TestMethod]
    public void Help_NamesEveryOption()
    {
        ChildResult result = Run("--help");

        Assert.AreEqual(0, result.ExitCode);
        foreach (string option in new[] { "--count", "--seconds", "--json", "Exit codes" })
            Assert.Contains(option, result.Output);
    }

    private static ChildResult Run(params string[] arguments) => ChildProgram.Dotnet([Program, .. arguments], Repository.Root);
}
