using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Tests;

/// <summary>The pages say what was measured: nothing else, and all of it.</summary>
[TestClass]
public sealed class ReportTests
{
    [TestMethod]
    public void Pages_WrittenAnewFromTheCommittedFigures_AreTheCommittedPages()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("data"));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Clone.Reports, "data"))) File.Copy(file, folder.File(Path.Combine("data", Path.GetFileName(file))));
        string[] pages = ["README.md", "scaling.md"];
        foreach (string page in pages) File.Copy(Path.Combine(Clone.Reports, page), folder.File(page));

        ReportPages.Write(folder.Path, draws: false);

        foreach (string page in pages) Assert.AreEqual(File.ReadAllText(Path.Combine(Clone.Reports, page)), File.ReadAllText(folder.File(page)), $"{page} says something else than docs/benchmarks/data");
    }

    [TestMethod]
    public void Line_TargetThatWasMissed_SaysByHowMuch()
    {
        Row row = new()
        {
            Id = "a-row", Topic = "a topic", What = "a call", Unit = "µs", Ours = Spread.Single(16), Others = new Dictionary<string, Spread> { ["slow"] = Spread.Single(160), ["slower"] = Spread.Single(320) },
            Limits = new Dictionary<string, Spread> { ["floor"] = Spread.Single(4) }, Target = new Target("≤ 8 µs", 16, 8, AtLeast: false),
        };

        Assert.AreEqual("| a call | 16.0 µs | slow 160; slower 320 | floor 4.00 | 10.0× slow, 0.25× floor | ≤ 8 µs: **missed**, 16.0, by 2.00× |", Table.Line(row));
    }

    [TestMethod]
    public void Line_MoreIsBetter_ComparesTheOtherWayRound()
    {
        Row row = new()
        {
            Id = "a-row", Topic = "a topic", What = "calls", Unit = "", MoreIsBetter = true, Ours = Spread.Single(100_000), Others = new Dictionary<string, Spread> { ["slow"] = Spread.Single(10_000), ["slower"] = Spread.Single(1_000) },
            Target = new Target("≥ 50 k", 100_000, 50_000, AtLeast: true),
        };

        Assert.AreEqual("| calls | 100 k | slower 1000; slow 10 k |  | 10.0× slow | ≥ 50 k: met (100 k) |", Table.Line(row));
    }

    [TestMethod]
    public void Replace_PageWithMarks_KeepsWhatWasWrittenByHand()
    {
        string page = MarkedPage.Replace("before\n<!-- measured: x -->old<!-- end: x -->\nafter", "x", "new");

        Assert.AreEqual("before\n<!-- measured: x -->\n\nnew\n\n<!-- end: x -->\nafter", page);
        Assert.AreEqual(page, MarkedPage.Replace(page, "x", "new"), "a second time changes nothing");
    }

    [TestMethod]
    public void Replace_PageWithoutMarks_Throws() => Assert.ThrowsExactly<InvalidOperationException>(() => MarkedPage.Replace("a page", "x", "new"));
}
