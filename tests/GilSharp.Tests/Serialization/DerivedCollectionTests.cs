using System.Collections;
using System.Collections.ObjectModel;

namespace GilSharp.Tests.Serialization;

/// <summary>Classes of the program that derive from collections: contents, comparer and their own fields.</summary>
[TestClass]
public sealed class DerivedCollectionTests
{
    [TestMethod]
    public void DerivedList_ArrivesWithItemsAndItsOwnFields()
    {
        Tags tags = new("Ada", 7) { "a", "b", null };

        Tags back = Codec.RoundTrip(tags);

        Assert.AreSequenceEqual(["a", "b", null], back);
        Assert.AreEqual(("Ada", 7), (back.Owner, back.Limit));
        back.Add("more");
        Assert.HasCount(4, back);
    }

    [TestMethod]
    public void DerivedListOfNumbers_AndOneDerivedFromThat_ArriveWhole()
    {
        Scores scores = [3, 1, 2];
        scores.Best = "x";
        BetterScores better = [5];
        better.Best = "y";
        better.Previous = scores;

        (Scores first, Scores second) = Codec.RoundTrip<(Scores, Scores)>((scores, better));

        Assert.AreSequenceEqual([3, 1, 2], first);
        Assert.AreEqual("x", first.Best);
        Assert.IsInstanceOfType<BetterScores>(second);
        Assert.AreEqual("y", second.Best);
        Assert.AreSame(first, ((BetterScores)second).Previous);
    }

    [TestMethod]
    public void DerivedDictionary_ArrivesWithComparerAndItsOwnFields()
    {
        Headers headers = new() { ["Accept"] = "all" };
        headers.Self = headers;

        Headers back = Codec.RoundTrip(headers);

        Assert.AreEqual("all", back["ACCEPT"]);
        Assert.AreSame(back, back.Self);
        Assert.AreEqual(1, back.Count);
        back["accept"] = "none";
        Assert.AreEqual(1, back.Count);
    }

    [TestMethod]
    public void DerivedSet_WhoseItemsReferToIt_IsFilledWhenAllIsComplete()
    {
        Family family = new() { Name = "f" };
        family.Add(new Member("a", family));
        family.Add(new Member("b", family));

        Family back = Codec.RoundTrip(family);

        Assert.AreEqual("f", back.Name);
        Assert.HasCount(2, back);
        Assert.IsTrue(back.All(member => ReferenceEquals(member.Of, back) && back.Contains(member)));
    }

    [TestMethod]
    public void WhatTheClassHides_IsNotAsked()
    {
        Deceiver deceiver = new() { ["k"] = 1 };

        Deceiver back = Codec.RoundTrip(deceiver);

        Assert.AreEqual(1, ((Dictionary<string, int>)back)["k"]);
        Assert.AreEqual(1, ((Dictionary<string, int>)back).Count);
    }

    [TestMethod]
    public void CollectionsOverAField_ArriveWhole()
    {
        Limited limited = new(3) { "a", "b" };
        ByName byName = [new Member("a", null!), new Member("b", null!)];

        Limited limitedBack = Codec.RoundTrip(limited);
        ByName byNameBack = Codec.RoundTrip(byName);

        Assert.AreSequenceEqual(["a", "b"], limitedBack);
        limitedBack.Add("c");
        Assert.ThrowsExactly<InvalidOperationException>(() => limitedBack.Add("d"));
        Assert.AreEqual("b", byNameBack["B"].Name);
    }

    [TestMethod]
    public void OwnFieldThatCantTravel_IsRefusedWithItsPath() =>
        Assert.AreEqual("value.Source", Codec.Refusal(new WithStream { Source = Stream.Null }).Path);

    [TestMethod]
    public void OtherCollectionsAsBase_AreRefused() => Assert.Contains("base class", Codec.Refusal(new OwnQueue()).Message);

    private sealed class Tags(string owner, int limit) : List<string?>
    {
        public string Owner => owner;

        public int Limit { get; } = limit;
    }

    private class Scores : List<int>
    {
        public string? Best;
    }

    private sealed class BetterScores : Scores
    {
        public Scores? Previous;
    }

    private sealed class Headers() : Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        public Headers? Self;
    }

    private sealed record Member(string Name, Family Of)
    {
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

        public bool Equals(Member? other) => other?.Name == Name;
    }

    private sealed class Family : HashSet<Member>
    {
        public string? Name { get; set; }
    }

    private sealed class Deceiver : Dictionary<string, int>, IEnumerable<KeyValuePair<string, int>>
    {
        IEnumerator<KeyValuePair<string, int>> IEnumerable<KeyValuePair<string, int>>.GetEnumerator() => throw new InvalidOperationException();

        IEnumerator IEnumerable.GetEnumerator() => throw new InvalidOperationException();
    }

    private sealed class Limited(int most) : Collection<string>
    {
        protected override void InsertItem(int index, string item)
        {
            if (Count >= most) throw new InvalidOperationException("full");
            base.InsertItem(index, item);
        }
    }

    private sealed class ByName() : KeyedCollection<string, Member>(StringComparer.OrdinalIgnoreCase)
    {
        protected override string GetKeyForItem(Member item) => item.Name;
    }

    private sealed class WithStream : List<int>
    {
        public Stream? Source { get; set; }
    }

    private sealed class OwnQueue : Queue<int>;
}
