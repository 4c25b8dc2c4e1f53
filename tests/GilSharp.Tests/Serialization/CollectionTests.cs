using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;

namespace GilSharp.Tests.Serialization;

/// <summary>Collections are rebuilt in their order and with their comparers.</summary>
[TestClass]
public sealed class CollectionTests
{
    private static readonly string[] Words = ["pear", "Apple", "fig", "élan"];

    [TestMethod]
    public void Sequences_KeepTheirOrder()
    {
        Same(new List<string>(Words));
        Same(new List<int> { 3, 1, 2 });
        Same(new List<int>());
        Same(new Queue<string>(Words));
        Same(new Stack<string>(Words));
        Same(new LinkedList<string>(Words));
        Same(new ConcurrentQueue<string>(Words));
        Same(new ConcurrentStack<string>(Words));
        Same(new ConcurrentBag<string>(Words));
        Same(new Collection<string>([.. Words]));
        Same(new ObservableCollection<string>(Words));
        Same(new ReadOnlyCollection<string>(Words));
        Same(new ArrayList { 1, "two", null });
        Same(ImmutableArray.Create(Words));
        Same(ImmutableList.Create(Words));
        Same(ImmutableQueue.Create(Words));
        Same(ImmutableStack.Create(Words));
        Assert.IsTrue(Codec.RoundTrip(default(ImmutableArray<int>)).IsDefault);
    }

    [TestMethod]
    public void SetsAndDictionaries_KeepEntriesAndComparers()
    {
        Func<string, int> length = word => word.Length;
        Same(Words.ToHashSet());
        Same(Words.ToDictionary(word => word, length));
        Same(new SortedSet<string>(Words, StringComparer.Ordinal));
        Same(new SortedDictionary<string, int>(Words.ToDictionary(word => word, length), StringComparer.Ordinal));
        Same(new SortedList<string, int>(Words.ToDictionary(word => word, length), StringComparer.Ordinal));
        Same(new OrderedDictionary<string, int>(Words.ToDictionary(word => word, length)));
        SameSet(new ConcurrentDictionary<string, int>(Words.ToDictionary(word => word, length)));
        Same(new ReadOnlyDictionary<string, int>(Words.ToDictionary(word => word, length)));
        SameSet(Words.ToImmutableHashSet());
        Same(Words.ToImmutableSortedSet(StringComparer.Ordinal));
        SameSet(Words.ToImmutableDictionary(word => word, length));
        Same(Words.ToImmutableSortedDictionary(word => word, length, StringComparer.Ordinal));
        SameSet(Words.ToFrozenSet());
        SameSet(Words.ToFrozenDictionary(word => word, length));
        SameSet(Enumerable.Range(0, 1000).ToFrozenDictionary(i => i, i => i.ToString(CultureInfo.InvariantCulture)));

        Hashtable table = Codec.RoundTrip(new Hashtable { ["a"] = 1, [2] = "b" });
        Assert.AreEqual(1, table["a"]);
        Assert.AreEqual("b", table[2]);

        var queue = new PriorityQueue<string, int>([("b", 2), ("a", 1), ("c", 3)]);
        PriorityQueue<string, int> back = Codec.RoundTrip(queue);
        Assert.AreEqual("abc", back.Dequeue() + back.Dequeue() + back.Dequeue());
    }

    [TestMethod]
    public void KnownComparers_ArriveByName()
    {
        StringComparer[] comparers =
        [
            StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture, StringComparer.InvariantCultureIgnoreCase,
            StringComparer.Create(CultureInfo.GetCultureInfo("cs-CZ"), CompareOptions.IgnoreNonSpace),
        ];
        foreach (StringComparer comparer in comparers)
        {
            Assert.AreEqual(comparer, Codec.RoundTrip(new Dictionary<string, int>(comparer) { ["A"] = 1 }).Comparer);
            Assert.AreEqual(comparer, Codec.RoundTrip(new SortedSet<string>(comparer)).Comparer);
            Assert.AreEqual(comparer, Codec.RoundTrip(comparer));
            Assert.AreEqual(comparer, Codec.RoundTrip(ImmutableDictionary.Create<string, int>(comparer)).KeyComparer);
            Assert.AreEqual(comparer, Codec.RoundTrip(new ConcurrentDictionary<string, int>(comparer)).Comparer);
        }

        Assert.AreEqual(EqualityComparer<string>.Default, Codec.RoundTrip(new Dictionary<string, int>()).Comparer);
        Assert.IsTrue(Codec.RoundTrip(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1 }).ContainsKey("a"));
        Assert.AreSame(ReferenceEqualityComparer.Instance, Codec.RoundTrip(new HashSet<object>(ReferenceEqualityComparer.Instance)).Comparer);
        Assert.AreSame(Comparer<int>.Default, Codec.RoundTrip(Comparer<int>.Default));
        Assert.AreSame(EqualityComparer<Guid>.Default, Codec.RoundTrip<IEqualityComparer<Guid>>(EqualityComparer<Guid>.Default));
    }

    [TestMethod]
    public void OwnComparers_ArriveAsValues_AndThoseThatCannotAreRefused()
    {
        var set = new SortedSet<int>(new Descending { Factor = -1 }) { 1, 3, 2 };
        CollectionAssert.AreEqual(new[] { 3, 2, 1 }, Codec.RoundTrip(set).ToArray());

        int sign = -1;
        var byFunction = new SortedSet<int>(Comparer<int>.Create((x, y) => sign * x.CompareTo(y))) { 1, 3, 2 };
        CollectionAssert.AreEqual(new[] { 3, 2, 1 }, Codec.RoundTrip(byFunction).ToArray());

        CallSerializationException e = Codec.Refusal(new SortedSet<int>(new Holding()));
        Assert.AreEqual("value.Comparer.Stream", e.Path);
    }

    [TestMethod]
    public void ObjectsAsKeys_AreFoundAgain()
    {
        var key = new Plain { Name = "k" };
        (Dictionary<Plain, int> Map, Plain Key) back = Codec.RoundTrip((new Dictionary<Plain, int> { [key] = 5, [new Plain()] = 6 }, key));
        Assert.AreEqual(5, back.Map[back.Key]);

        var record = new Key("a", [1]);
        Assert.AreEqual(7, Codec.RoundTrip(new Dictionary<(string, int), int> { [("x", 1)] = 7 })[("x", 1)]);
        Assert.Contains(new Key("a", null), Codec.RoundTrip(new HashSet<Key> { new("a", null), record }));
        Assert.IsTrue(Codec.RoundTrip(new List<object> { record, ImmutableHashSet.Create(new Key("b", null)) })[1] is ImmutableHashSet<Key> keys && keys.Contains(new Key("b", null)));
    }

    [TestMethod]
    public void Keys_InACycleWithTheirCollection_AreFoundOrRefused()
    {
        // The key's hash code reads a field that is filled only after the dictionary has been met.
        var ring = new Ring { Name = "r" };
        ring.Members = new HashSet<Ring> { ring };
        Ring back = Codec.RoundTrip(ring);
        Assert.Contains(back, back.Members!);

        var frozen = new FrozenRing { Name = "f" };
        frozen.Members = ImmutableHashSet.Create<object>(frozen);
        Assert.Contains("cycle", Codec.Refusal(frozen).Message);
    }

    [TestMethod]
    public void Nested_Collections_Arrive()
    {
        var value = new Dictionary<string, List<Dictionary<int, string[]>>> { ["a"] = [new() { [1] = ["x", "y"] }, new()], ["b"] = [] };
        Dictionary<string, List<Dictionary<int, string[]>>> back = Codec.RoundTrip(value);
        Assert.AreEqual("y", back["a"][0][1][1]);
        Assert.IsEmpty(back["b"]);
    }

    [TestMethod]
    public void Immutable_NestedTooDeep_IsRefusedNotOverflown()
    {
        ImmutableList<object> nest = [];
        for (int i = 0; i < 100_000; i++)
            nest = [nest];

        Assert.Contains("deep", Codec.Refusal(nest).Message);
    }

    private static void Same<T>(T value)
        where T : IEnumerable
    {
        T back = Codec.RoundTrip(value);
        CollectionAssert.AreEqual(value.Cast<object>().ToArray(), back.Cast<object>().ToArray(), typeof(T).ToString());
        Assert.IsTrue(typeof(T).IsValueType || !ReferenceEquals(value, back));
    }

    private static void SameSet<T>(T value)
        where T : IEnumerable
    {
        CollectionAssert.AreEquivalent(value.Cast<object>().ToArray(), Codec.RoundTrip(value).Cast<object>().ToArray(), typeof(T).ToString());
    }

    private sealed class Plain
    {
        public string? Name { get; set; }
    }

    private sealed record Key(string Name, int[]? Rest);

    private sealed class Ring
    {
        public HashSet<Ring>? Members { get; set; }

        public string? Name { get; set; }

        public override bool Equals(object? obj) => obj is Ring other && other.Name == Name;

        public override int GetHashCode() => Name!.GetHashCode(StringComparison.Ordinal);
    }

    private sealed class FrozenRing
    {
        public ImmutableHashSet<object>? Members { get; set; }

        public string? Name { get; set; }

        public override bool Equals(object? obj) => obj is FrozenRing other && other.Name == Name;

        public override int GetHashCode() => Name!.GetHashCode(StringComparison.Ordinal);
    }

    private sealed class Descending : IComparer<int>
    {
        public int Factor { get; init; }

        public int Compare(int x, int y) => Factor * x.CompareTo(y);
    }

    private sealed class Holding : IComparer<int>
    {
        public Stream Stream { get; } = new MemoryStream();

        public int Compare(int x, int y) => 0;
    }
}
