namespace GilSharp.Docs.Tests;

/// <summary>A sample prints a result and exits with 0 only if it is right. Beside its project, sample.args holds arguments for a quick run.</summary>
[TestClass]
public sealed class SampleTests
{
    public static IEnumerable<object[]> Samples => Repository.Samples().Select(project => new object[] { Repository.Relative(project) });

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Sample_IsPartOfTheSolution(string project)
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "GilSharp.sln"));

        Assert.Contains($"\"{project.Replace('/', '\\')}\"", solution);
    }

    [TestMethod]
    [DynamicData(nameof(Samples))]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void Sample_EndsWithSuccess(string project)
    {
        string folder = Path.Combine(Repository.Root, Path.GetDirectoryName(project)!);

        ChildResult result = ChildProgram.Dotnet([Repository.SampleProgram(project), .. Arguments(folder)], folder);

        Assert.AreEqual(0, result.ExitCode, result.ToString());
        Assert.IsFalse(string.IsNullOrWhiteSpace(result.Output), "the sample printed nothing");
    }

    private static string[] Arguments(string folder)
    {
        string file = Path.Combine(folder, "sample.args");
        return File.Exists(file) ? File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
    }
}
