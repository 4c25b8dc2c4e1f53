using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Tests;

/// <summary>Rivals take turns, and one that has no such thing is left out.</summary>
[TestClass]
public sealed class ContestTests
{
    [TestMethod]
    public void Ask_SeveralRounds_ContestantsTakeTurns()
    {
        List<string> turns = [];
        IContestant[] contestants = [new Recorder("a", turns, true), new Recorder("b", turns, true)];

        Dictionary<string, List<double[]>> answers = Contest.Ask(2, contestants, "latency 1");

        CollectionAssert.AreEqual(new[] { "a", "b", "a", "b" }, turns);
        Assert.HasCount(2, answers["a"]);
        Assert.AreEqual(new Spread(2, 1, 3), answers["a"].Of());
    }

    [TestMethod]
    public void Ask_ContestantWithoutAnswer_IsAskedOnceAndLeftOut()
    {
        List<string> turns = [];

        Dictionary<string, List<double[]>> answers = Contest.Ask(3, [new Recorder("none", turns, false)], "map 1");

        Assert.IsEmpty(answers);
        Assert.HasCount(1, turns);
    }

    [TestMethod]
    public void Of_EvenNumberOfValues_MedianIsTheMiddleOfTwo() => Assert.AreEqual(new Spread(2.5, 1, 9), Spread.Of([9, 2, 3, 1]));

    [TestMethod]
    public void Of_Nothing_Throws() => Assert.ThrowsExactly<ArgumentException>(() => Spread.Of([]));

    private sealed class Recorder(string name, List<string> turns, bool answers) : IContestant
    {
        public string Name => name;

        public double[]? Ask(string question)
        {
            turns.Add(name);
            return answers ? [turns.Count] : null;
        }

        public void Dispose()
        {
        }
    }
}
