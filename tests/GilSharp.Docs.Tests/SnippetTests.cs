namespace GilSharp.Docs.Tests;

/// <summary>What README and docs show is what the library does: each snippet compiles, and runs to its end.</summary>
[TestClass]
public sealed class SnippetTests
{
    private static SnippetProgram s_program = null!;

    public static IEnumerable<object[]> Numbers => Snippet.All.Select((snippet, number) => new object[] { number, $"{snippet.Page}:{snippet.Line}" });

    [ClassInitialize]
    public static void BuildAll(TestContext context) => s_program = new SnippetProgram(Snippet.All);

    [ClassCleanup]
    public static void Remove() => s_program.Dispose();

    [TestMethod]
    [DynamicData(nameof(Numbers))]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void Snippet_CompilesAndRuns(int number, string place)
    {
        Snippet snippet = Snippet.All[number];
        string[] errors = [.. s_program.Errors.Where(snippet.IsPlaceOf)];
        Assert.IsEmpty(errors, string.Join('\n', errors));
        if (s_program.Errors.Count > 0)
            Assert.Inconclusive($"{place} was not run: another snippet does not compile: {s_program.Errors[0]}");
        if (!snippet.Runs)
            return;

        ChildResult result = s_program.Run(number);

        Assert.AreEqual(0, result.ExitCode, $"{place}: {result}");
    }
}
