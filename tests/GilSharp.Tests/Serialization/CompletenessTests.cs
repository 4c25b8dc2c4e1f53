using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.Specialized;

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
