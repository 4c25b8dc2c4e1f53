using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.Specialized;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Entries are hashed and compared when keys and comparer are complete, and never before; what has to be made from them is refused only if they are not.</summary>
[TestClass]
public sealed class CompletenessTests
{
    [TestMethod]
    public void Dictionary_WhoseComparerHoldsIt_FindsItsEntries()
    {
        Caseless back = Codec.RoundTrip(new Caseless());
        Assert.AreEqual(1, back.Map["ONE"]);
        Assert.IsTrue(back.Set.Contains("ONE"));
        Assert.AreSame(back, back.Map.Comparer);
    }

    [TestMethod]
    public void Dictionary_WhoseComparerIsReadLast_FindsItsEntries()
    {
        // At each depth around the one from which contents come later.
        for (int depth = 55; depth < 70; depth++)
        {
            object nested = new Dictionary<string, int>(new Ignoring { IgnoresCase = true }) { ["one"] = 1 };
            for (int i = 0; i < depth; i++)
                nested = new object[] { nested };

            object back = Codec.RoundTrip(nested);
            for (int i = 0; i < depth; i++)
                back = ((object[])back)[0];

            Assert.AreEqual(1, ((Dictionary<string, int>)back)["ONE"], $"at depth {depth}");
        }
    }

    [TestMethod]
    public void Dictionary_WhoseComparerWasMetInACycle_FindsItsEntries()
    {
        var root = new Root();
        root.First = new Borrowing { Root = root };
        root.IgnoresCase = true;
        root.Map = new Dictionary<string, int>(root.First) { ["one"] = 1 };

        Assert.AreEqual(1, Codec.RoundTrip(root).Map!["ONE"]);
    }

    [TestMethod]
    public void MadeFromItsItems_ByAComparerThatHoldsIt_IsRefused()
    {
        Assert.Contains("comparer", Codec.Refusal(new Holder(self => new[] { "one" }.ToFrozenSet(self))).Message);
        Assert.Contains("comparer", Codec.Refusal(new Holder(self => ImmutableDictionary.Create<string, int>(self).Add("one", 1))).Message);
        Assert.Contains("comparer", Codec.Refusal(new Holder(self => new Hashtable(self) { ["one"] = 1 })).Message);
        Assert.Contains("comparer", Codec.Refusal(new Holder(self => new NameValueCollection(self) { ["one"] = "1" })).Message);
        Assert.IsEmpty((IEnumerable)Codec.RoundTrip(new Holder(self => ImmutableDictionary.Create<string, int>(self))).Held);
    }

    [TestMethod]
    public void MadeFromItsItems_WithSetsAsValues_Travels()
    {
        var frozen = new Dictionary<(string, int), HashSet<(string, int)>> { [("a", 1)] = [("b", 2)] }.ToFrozenDictionary();
        Assert.Contains(("b", 2), Codec.RoundTrip(frozen)[("a", 1)]);

        ImmutableDictionary<Named, Dictionary<Named, int>> immutable = ImmutableDictionary<Named, Dictionary<Named, int>>.Empty.Add(new("a"), new() { [new("b")] = 2 });
        Assert.AreEqual(2, Codec.RoundTrip(immutable)[new("a")][new("b")]);

        var table = new Hashtable { ["a"] = new HashSet<Named> { new("b") } };
        Assert.Contains(new Named("b"), (HashSet<Named>)Codec.RoundTrip(table)["a"]!);

        FrozenSet<Tagged> sets = new[] { new Tagged(new HashSet<Named> { new("b") }) }.ToFrozenSet();
        Assert.Contains(new Named("b"), Codec.RoundTrip(sets).Single().Tags);
    }

    [TestMethod]
    public void MadeFromItsItems_WithValuesThatReferToIt_Travels()
    {
        var root = new Root();
        root.Index = new Dictionary<Named, object> { [new("a")] = root }.ToFrozenDictionary();
        Root back = Codec.RoundTrip(root);
        Assert.AreSame(back, back.Index![new("a")]);
    }

    [TestMethod]
    public void MadeFromItsItems_WithKeysThatWereMetInACycle_IsRefused()
    {
        var root = new Root { Name = "n" };
        root.Key = new ByRoot { Root = root };
        root.Keys = new[] { root.Key }.ToFrozenSet();
        Assert.Contains("keys", Codec.Refusal(root).Message);
    }

    [TestMethod]
    public void MadeFromItsItems_WithKeysThatAreThemselves_TravelsInACycle()
    {
        var root = new Root();
        var part = new Part { Root = root };
        root.Parts = new[] { part, new Part { Root = root } }.ToFrozenSet();
        root.PartsByName = ImmutableDictionary<Part, string>.Empty.Add(part, "first");

        Root back = Codec.RoundTrip(root);

        Assert.HasCount(2, back.Parts!);
        Assert.AreEqual("first", back.PartsByName![back.PartsByName.Keys.Single()]);
        Assert.Contains(back.PartsByName.Keys.Single(), back.Parts!);
        Assert.AreSame(back, back.Parts!.First().Root);
    }

    [TestMethod]
    public void SetOfPairs_WhoseValuesAreInACycle_IsFilledWhenTheyAreComplete()
    {
        var owner = new Owner();
        var job = new Job { Owner = owner, Priority = 5 };
        KeyValuePair<string, Job>[] pairs = [new("a", job), new("b", new Job { Owner = owner, Priority = 3 })];
        owner.Sorted = new(pairs, new ByPriority());
        owner.Hashed = new(pairs, new ByPriority());

        Job back = Codec.RoundTrip(job);

        CollectionAssert.AreEqual(new[] { 3, 5 }, back.Owner!.Sorted!.Select(pair => pair.Value.Priority).ToArray());
        Assert.AreSame(back, back.Owner.Sorted!.Max.Value);
        Assert.Contains(new KeyValuePair<string, Job>("a", new Job { Priority = 5 }), back.Owner.Hashed!);
    }

    [TestMethod]
    public void SetOfPairs_MadeFromValuesInACycle_IsRefused()
    {
        var job = new Job { Owner = new Owner(), Priority = 5 };
        KeyValuePair<string, Job>[] pairs = [new("a", job)];
        job.Owner.Made = pairs.ToFrozenSet(new ByPriority());
        Assert.Contains("keys", Codec.Refusal(job).Message);
        job.Owner.Made = ImmutableHashSet.Create(new ByPriority(), pairs);
        Assert.Contains("keys", Codec.Refusal(job).Message);
        job.Owner.Made = pairs.ToFrozenDictionary();
        Assert.AreEqual(5, ((FrozenDictionary<string, Job>)Codec.RoundTrip(job).Owner!.Made!)["a"].Priority);
    }

    [TestMethod]
    public void Dictionary_WithPairsAsKeys_FindsThoseInACycle()
    {
        var job = new Job { Owner = new Owner(), Priority = 5 };
        job.Owner.ByText = new(new ByPriority()) { [new("a", job)] = 1 };
        job.Owner.ByObject = new(new ByPriority()) { [new(1, job)] = 2 };

        Job back = Codec.RoundTrip(job);

        Assert.AreEqual(1, back.Owner!.ByText![new("a", back)]);
        Assert.AreEqual(2, back.Owner.ByObject![new(1, back)]);
    }

    [TestMethod]
    public void PriorityQueue_IsRefused_ForItsPrioritiesOnly()
    {
        var job = new Job { Owner = new Owner(), Priority = 5 };
        job.Owner.Made = new PriorityQueue<object, Rank>([(job, new Rank { Number = 2 }), ("b", new Rank { Number = 1 })]);
        var back = (PriorityQueue<object, Rank>)Codec.RoundTrip(job).Owner!.Made!;
        Assert.AreEqual("b", back.Dequeue());
        Assert.AreEqual(5, ((Job)back.Dequeue()).Priority);

        job.Owner.Made = new PriorityQueue<string, Rank>([("a", new Rank { Of = job })]);
        Assert.Contains("priorities", Codec.Refusal(job).Message);
    }

    [TestMethod]
    public void MadeFromItsItems_AtAnyDepth_HasThem()
    {
        for (int depth = 55; depth < 70; depth++)
        {
            object nested = new object[] { new ArrayList { "one" }, new PriorityQueue<string, int>([("one", 1)]) };
            for (int i = 0; i < depth; i++)
                nested = new object[] { nested };

            object back = Codec.RoundTrip(nested);
            for (int i = 0; i < depth; i++)
                back = ((object[])back)[0];

            Assert.AreEqual("one", ((ArrayList)((object[])back)[0])[0], $"at depth {depth}");
            Assert.AreEqual("one", ((PriorityQueue<string, int>)((object[])back)[1]).Peek(), $"at depth {depth}");
        }
    }

    [TestMethod]
    public void MadeFromItsItems_ByReferenceEquality_TravelsInACycle()
    {
        var root = new Root { Name = "n" };
        root.Key = new ByRoot { Root = root };
        root.Keys = new[] { root.Key, new ByRoot { Root = root } }.ToFrozenSet<ByRoot>(ReferenceEqualityComparer.Instance);

        Root back = Codec.RoundTrip(root);

        Assert.HasCount(2, back.Keys!);
        Assert.Contains(back.Key!, back.Keys!);
    }

    [TestMethod]
    public void IdentityHash_LooksAtATypeOnce()
    {
        Assert.IsTrue(IdentityHash.IsOf(this));
        Assert.IsFalse(IdentityHash.IsOf("text"));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            _ = IdentityHash.IsOf(this) && IdentityHash.IsOf("text");

        Assert.IsLessThan(100, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class Owner
    {
        public SortedSet<KeyValuePair<string, Job>>? Sorted { get; set; }

        public HashSet<KeyValuePair<string, Job>>? Hashed { get; set; }

        public Dictionary<KeyValuePair<string, Job>, int>? ByText { get; set; }

        public Dictionary<KeyValuePair<object, Job>, int>? ByObject { get; set; }

        public object? Made { get; set; }
    }

    private sealed class Job
    {
        public Owner? Owner { get; init; }

        public int Priority { get; init; }
    }

    private sealed class Rank : IComparable<Rank>
    {
        public int Number { get; init; }

        public Job? Of { get; init; }

        public int CompareTo(Rank? other) => Number.CompareTo(other!.Number);
    }

    private sealed class ByPriority : IComparer<KeyValuePair<string, Job>>, IEqualityComparer<KeyValuePair<string, Job>>, IEqualityComparer<KeyValuePair<object, Job>>
    {
        public int Compare(KeyValuePair<string, Job> x, KeyValuePair<string, Job> y) => x.Value.Priority.CompareTo(y.Value.Priority);

        public bool Equals(KeyValuePair<string, Job> x, KeyValuePair<string, Job> y) => x.Value.Priority == y.Value.Priority;

        public bool Equals(KeyValuePair<object, Job> x, KeyValuePair<object, Job> y) => x.Value.Priority == y.Value.Priority;

        public int GetHashCode(KeyValuePair<string, Job> obj) => obj.Value.Priority;

        public int GetHashCode(KeyValuePair<object, Job> obj) => obj.Value.Priority;
    }

    private sealed class Caseless : IEqualityComparer<string>
    {
        public Caseless()
        {
            IgnoresCase = true;
            Map = new(this) { ["one"] = 1 };
            Set = new(this) { "one" };
        }

        public Dictionary<string, int> Map { get; }

        public HashSet<string> Set { get; }

        private bool IgnoresCase { get; }

        public bool Equals(string? x, string? y) => string.Equals(x, y, IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

        public int GetHashCode(string obj) => obj.GetHashCode(IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    private sealed class Ignoring : IEqualityComparer<string>
    {
        public bool IgnoresCase { get; init; }

        public bool Equals(string? x, string? y) => string.Equals(x, y, IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

        public int GetHashCode(string obj) => obj.GetHashCode(IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    private sealed class Borrowing : IEqualityComparer<string>
    {
        public Root Root { get; init; } = null!;

        public bool Equals(string? x, string? y) => string.Equals(x, y, Root.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

        public int GetHashCode(string obj) => obj.GetHashCode(Root.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    private sealed class Holder : IEqualityComparer<string>, IEqualityComparer
    {
        public Holder(Func<Holder, object> make) => Held = make(this);

        public object Held { get; }

        public bool Equals(string? x, string? y) => x == y;

        public int GetHashCode(string obj) => obj.Length;

        bool IEqualityComparer.Equals(object? x, object? y) => Equals((string?)x, (string?)y);

        int IEqualityComparer.GetHashCode(object obj) => GetHashCode((string)obj);
    }

    private sealed class Root
    {
        public Borrowing? First { get; set; }

        public ByRoot? Key { get; set; }

        public Dictionary<string, int>? Map { get; set; }

        public FrozenDictionary<Named, object>? Index { get; set; }

        public FrozenSet<ByRoot>? Keys { get; set; }

        public FrozenSet<Part>? Parts { get; set; }

        public ImmutableDictionary<Part, string>? PartsByName { get; set; }

        public string? Name { get; set; }

        public bool IgnoresCase { get; set; }
    }

    private sealed class Part
    {
        public Root? Root { get; init; }
    }

    private sealed class ByRoot
    {
        public Root Root { get; init; } = null!;

        public override int GetHashCode() => Root.Name?.Length ?? 0;

        public override bool Equals(object? obj) => obj is ByRoot other && ReferenceEquals(Root, other.Root);
    }

    private sealed record Named(string Name);

    private sealed record Tagged(HashSet<Named> Tags);
}
