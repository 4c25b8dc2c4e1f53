using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Tests;

/// <summary>Nothing gets slower unnoticed, and noise is not taken for it.</summary>
[TestClass]
public sealed class HistoryTests
{
    private static readonly Machine Somewhere = new("2026-01-02 03:04 UTC", "abc1234", "a processor", 2, 4, "a system", "a runtime", "0 0 0");

    [TestMethod]
    public void IsSlower_CostBeyondTheMarginOfTheMedian_True()
    {
        using TemporaryFolder folder = new();
        History history = Recorded(folder, 1, 2, 9);

        Assert.IsTrue(history.IsSlower(Costing((2 * History.Margin) + 0.1)));
        Assert.IsFalse(history.IsSlower(Costing((2 * History.Margin) - 0.1)), "the median of 1, 2 and 9 is 2");
    }

    [TestMethod]
    public void IsSlower_RowWithoutHistoryOrWithoutCost_False()
    {
        using TemporaryFolder folder = new();
        History history = Recorded(folder, 1);

        Assert.IsFalse(history.IsSlower(Costing(100) with { Id = "another" }));
        Assert.IsFalse(history.IsSlower(Costing(100) with { Cost = null }));
    }

    [TestMethod]
    public void Append_RowsWithAndWithoutCost_WritesALineForEachCost()
    {
        using TemporaryFolder folder = new();

        History.Append(folder.File("history.csv"), Somewhere, [Costing(0.5), Costing(1) with { Cost = null }]);

        CollectionAssert.AreEqual(new[] { "date,commit,row,cost", "2026-01-02,abc1234,a-row,0.5" }, File.ReadAllLines(folder.File("history.csv")));
    }

    [TestMethod]
    [DataRow("2026-01-02,abc1234,a-row")]
    [DataRow("2026-01-02,abc1234,a-row,much")]
    [DataRow("2026-01-02,abc1234,a-row,-1")]
    public void Read_LineThatIsNone_NamesIt(string line)
    {
        using TemporaryFolder folder = new();
        File.WriteAllLines(folder.File("history.csv"), ["date,commit,row,cost", line]);

        FormatException exception = Assert.ThrowsExactly<FormatException>(() => History.Read(folder.File("history.csv")));

        StringAssert.Contains(exception.Message, line);
    }

    [TestMethod]
    public void Read_CommittedHistory_IsReadable()
    {
        History history = History.Read(History.DefaultFile);

        Assert.IsNotNull(history.Usual("gil-enter-exit"), "docs/benchmarks/history.csv says nothing of the lock");
    }

    private static History Recorded(TemporaryFolder folder, params double[] costs)
    {
        foreach (double cost in costs) History.Append(folder.File("history.csv"), Somewhere, [Costing(cost)]);
        return History.Read(folder.File("history.csv"));
    }

    private static Row Costing(double cost) => new() { Id = "a-row", Topic = "a topic", What = "what", Unit = "µs", Ours = Spread.Single(cost), Cost = cost };
}
