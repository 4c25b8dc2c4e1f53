using System.Collections.Frozen;
using System.Collections.Immutable;
using CsCheck;

namespace GilSharp.Tests.Serialization;

/// <summary>Random graphs whose keys and comparers hash by what stands elsewhere in the graph: what is written can be read, and every entry is found.</summary>
[TestClass]
public sealed class CompletenessPropertyTests
{
    [TestMethod]
    [Timeout(600_000)]
    public void Entries_AreFound_WhereverTheirKeysStand()
    {
        int written = 0, refused = 0;
        Gen.Select(Gen.Int, Gen.Int[2, 9]).Sample(
            (seed, size) =>
            {
                object[] graph = Build(new Random(seed), size);
                byte[] bytes;
                try
                {
                    bytes = Codec.Bytes(graph);
                    written++;
                }
                catch (CallSerializationException)
                {
                    refused++;
                    return;
                }

                object[] back = GilSharp.Serialization.FieldCodec.Default.Deserialize<object[]>(bytes);
                foreach (object one in back)
                    (one as Node)?.Check();
            },
            iter: 1_500 * TestEffort.Factor,
            threads: 1);
        Assert.IsGreaterThan(refused / 6, written, $"{written} written, {refused} refused");
        Assert.AreNotEqual(0, refused);
    }

    private static object[] Build(Random random, int size)
    {
        Node[] nodes = [.. Enumerable.Range(0, size).Select(i => new Node { Name = $"n{random.Next(3)}", IgnoresCase = random.Next(2) == 0 })];
        Key[] keys = [.. Enumerable.Range(0, size).Select(i => new Key { Text = $"k{i}", Via = Maybe(nodes) })];
        foreach (Node node in nodes)
        {
            node.First = random.Next(2) == 0 ? Maybe(nodes) : Maybe(keys);
            node.Set = random.Next(3) != 0 ? null : [.. Some(keys)];
            node.Frozen = random.Next(6) != 0 ? null : Some(keys).ToFrozenSet();
            node.Map = random.Next(6) != 0 ? null : Some(keys).ToImmutableDictionary(key => key, _ => Maybe(nodes));
            node.Pairs = random.Next(4) != 0 ? null : Some(keys).Select(key => KeyValuePair.Create(1, key)).ToHashSet(new ByValue());
            node.FrozenPairs = random.Next(24) != 0 ? null : Some(keys).Select(key => KeyValuePair.Create(1, key)).ToFrozenSet(new ByValue());
            node.ByPair = random.Next(4) != 0 ? null : Some(keys).ToDictionary(key => KeyValuePair.Create(1, key), _ => Maybe(nodes), new ByValue());
            node.Identities = random.Next(4) != 0 ? null : Some(nodes).ToFrozenSet();
            if (random.Next(3) == 0)
                node.Texts = new(new ByNode { Node = nodes[random.Next(size)] }) { ["text"] = 1 };
        }

        foreach (Key key in keys)
            key.More = Maybe(nodes);

        object[] all = [.. nodes, .. keys];
        random.Shuffle(all);
        return all;

        T? Maybe<T>(T[] from) where T : class => random.Next(2) == 0 ? null : from[random.Next(from.Length)];

        IEnumerable<T> Some<T>(T[] from) => from.Where(_ => random.Next(3) == 0).ToArray();
    }

    private sealed class Node
    {
        public object? First { get; set; }

        public HashSet<Key>? Set { get; set; }

        public FrozenSet<Key>? Frozen { get; set; }

        public ImmutableDictionary<Key, Node?>? Map { get; set; }

        public HashSet<KeyValuePair<int, Key>>? Pairs { get; set; }

        public FrozenSet<KeyValuePair<int, Key>>? FrozenPairs { get; set; }

        public Dictionary<KeyValuePair<int, Key>, Node?>? ByPair { get; set; }

        public FrozenSet<Node>? Identities { get; set; }

        public Dictionary<string, int>? Texts { get; set; }

        public string? Name { get; init; }

        public bool IgnoresCase { get; init; }

        public void Check()
        {
            Assert.IsTrue(Set?.All(Set.Contains) ?? true, "a set");
            Assert.IsTrue(Frozen?.All(Frozen.Contains) ?? true, "a frozen set");
            Assert.IsTrue(Map?.Keys.All(Map.ContainsKey) ?? true, "an immutable dictionary");
            Assert.IsTrue(Pairs?.All(Pairs.Contains) ?? true, "a set of pairs");
            Assert.IsTrue(FrozenPairs?.All(FrozenPairs.Contains) ?? true, "a frozen set of pairs");
            Assert.IsTrue(ByPair?.Keys.All(ByPair.ContainsKey) ?? true, "a dictionary by pairs");
            Assert.IsTrue(Identities?.All(Identities.Contains) ?? true, "a set by identity");
            if (Texts is not null)
                Assert.AreEqual(((ByNode)Texts.Comparer).Node.IgnoresCase ? 2 : 1, new[] { "text", "TEXT" }.Count(Texts.ContainsKey), "a dictionary");
        }
    }

    private sealed class Key
    {
        public string Text { get; init; } = "";

        public Node? More { get; set; }

        public Node? Via { get; init; }

        public override int GetHashCode() => HashCode.Combine(Text, Via?.Name);

        public override bool Equals(object? obj) => obj is Key other && Text == other.Text && Via?.Name == other.Via?.Name;
    }

    private sealed class ByValue : IEqualityComparer<KeyValuePair<int, Key>>
    {
        public bool Equals(KeyValuePair<int, Key> x, KeyValuePair<int, Key> y) => x.Value.Equals(y.Value);

        public int GetHashCode(KeyValuePair<int, Key> obj) => obj.Value.GetHashCode();
    }

    private sealed class ByNode : IEqualityComparer<string>
    {
        public Node Node { get; init; } = null!;

        public bool Equals(string? x, string? y) => string.Equals(x, y, Comparison);

        public int GetHashCode(string obj) => obj.GetHashCode(Comparison);

        private StringComparison Comparison => Node.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
    }
}
