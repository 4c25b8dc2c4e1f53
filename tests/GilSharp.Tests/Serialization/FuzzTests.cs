using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Mutated and random bytes: an error or a value, never a crash, a hang or a large allocation.</summary>
[TestClass]
public sealed class FuzzTests
{
    private static readonly Target[] Targets =
    [
        Target.Of("string", "hello žluť"),
        Target.Of("int", 5),
        Target.Of("doubles", new[] { 1.0, 2.0, 3.0 }),
        Target.Of("record", Sample.Create()),
        Target.Of<object>("object", Sample.Create()),
        Target.Of("list", new List<Sample> { Sample.Create(), Sample.Create() }),
        Target.Of("dictionary", new Dictionary<string, object> { ["a"] = 1, ["b"] = new List<object> { "x", 2.0, new int[3] } }),
        Target.Of("keys", new Dictionary<(string, int), HashSet<Guid>> { [("a", 1)] = [new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)] }),
        Target.Of("grid", new string?[2, 3] { { "a", "b", null }, { "c", "d", "e" } }),
        Target.Of("raw grid", new long[2, 2, 2]),
        Target.Of("jagged", new int[][]?[] { [[1], []], null, [[2, 3]] }),
        Target.Of("immutable", ImmutableDictionary<string, ImmutableList<int>>.Empty.Add("a", [1, 2, 3])),
        Target.Of("sorted", new SortedDictionary<string, BigInteger>(StringComparer.OrdinalIgnoreCase) { ["x"] = BigInteger.Pow(3, 100) }),
        Target.Of<object[]>("mixed", [new Uri("https://example.org"), new Version(1, 2), typeof(List<int>), CultureInfo.InvariantCulture, new DateTime(5), 1m, new InvalidOperationException("x")]),
        Target.Of<object[]>("further", [
            TimeZoneInfo.Utc, Encoding.UTF8, new Regex("a+", RegexOptions.IgnoreCase), new StringBuilder("b"), IPAddress.Loopback, new IPEndPoint(IPAddress.IPv6Loopback, 80),
            new BitArray(11, true), DBNull.Value, new NameValueCollection { { "k", "v" } }, new Hashtable { [1] = 2 }, new ArrayList { 1, null }]),
        Target.Of<object[]>("collections", [
            new ConcurrentDictionary<int, string>([new(1, "x")]), new ConcurrentQueue<int>([1]), new LinkedList<object>([1, "2"]), new PriorityQueue<string, int>([("a", 1)]),
            new SortedList<int, int> { [1] = 2 }, new SortedSet<string> { "a" }, new OrderedDictionary<string, int> { ["o"] = 1 }, FrozenSet.Create("f"),
            new ObservableCollection<int> { 1 }, ImmutableSortedSet.Create(3, 1), ImmutableArray.Create("i"), new Stack<int>([1])]),
        Target.Of("segments", (new ArraySegment<byte>([1, 2, 3], 1, 1), new Memory<int>([4, 5]), (int?)6, (string?)null)),
        Target.Of<object>("cycle", Cycle()),
        Target.Of("function", (Func<int, int>)new Adder(5).Add),
        Target.Of<object>("comparers", new object[] { StringComparer.Ordinal, EqualityComparer<string>.Default, Comparer<int>.Create(static (a, b) => b - a), ReferenceEqualityComparer.Instance }),
        Target.Of<Exception>("exception", new AggregateException("m", new ArgumentNullException("p"), new FormatException("y") { Data = { ["k"] = 1 } })),
        Target.Of("deep", Chain(100)),
    ];

    [TestMethod]
    [Timeout(1_800_000)]
    public void MutatedPayloads_GiveAnErrorOrAValue()
    {
        foreach (Target target in Targets)
        {
            Fuzzing.Run<CallSerializationException>(
                target.Name, 2_000 * TestEffort.Factor, random => Fuzzing.Mutate(target.Bytes, Targets[random.Next(Targets.Length)].Bytes, random), target.Read);
        }
    }

    [TestMethod]
    [Timeout(1_800_000)]
    public void RandomPayloads_GiveAnErrorOrAValue()
    {
        Target[] targets =
            [Target.Of<object?>("object", null), Target.Of<Sample?>("sample", null), Target.Of<List<object>?>("list", null), Target.Of<Exception?>("exception", null), Target.Of<object[,]?>("grid", null)];
        foreach (Target target in targets)
            Fuzzing.Run<CallSerializationException>("random " + target.Name, 4_000 * TestEffort.Factor, static random => Fuzzing.Noise(random, 80), target.Read);
    }

    [TestMethod]
    [Timeout(1_800_000)]
    public void MutatedIdentitiesTargetsAndExceptions_GiveAnErrorOrAValue()
    {
        int offset = 3;
        string text = "t";
        Func<int, string> function = x => text + (x + offset);
        FunctionPlan plan = FunctionPlan.For(function);
        var identity = new ArrayBufferWriter<byte>();
        plan.WriteIdentity(identity);
        var target = new ArrayBufferWriter<byte>();
        plan.WriteTarget(target, function, FieldCodec.Default);
        var exception = new ArrayBufferWriter<byte>();
        ExceptionCodec.Write(exception, new AggregateException("m", new ArgumentNullException("p"), new InvalidOperationException("x", new FormatException("y") { Data = { ["k"] = 1 } })));
        byte[] type = TypeIdentity.Of(typeof(Dictionary<string[], List<(Sample?, int[,])>>));

        Mutated("identity", identity.WrittenSpan.ToArray(), static bytes => FunctionPlan.ReadIdentity(bytes));
        Mutated("target", target.WrittenSpan.ToArray(), bytes => plan.ReadDelegate(bytes, FieldCodec.Default));
        Mutated("exception on its own", exception.WrittenSpan.ToArray(), static bytes => Assert.IsNotNull(ExceptionCodec.Read(bytes)));
        Mutated("type", type, static bytes => TypeIdentity.Resolve(bytes));

        static void Mutated(string name, byte[] valid, Action<byte[]> read) =>
            Fuzzing.Run<CallSerializationException>(name, 4_000 * TestEffort.Factor, random => Fuzzing.Mutate(valid, Targets[random.Next(Targets.Length)].Bytes, random), read);
    }

    [TestMethod]
    public void ForgedCounts_AllocateNothing()
    {
        byte[] count = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        Refused<string>(count);
        Refused<double[]>(count);
        Refused<string[]>([1, .. count]);
        Refused<List<object>>([1, .. count]);
        Refused<List<long>>([1, .. count]);
        Refused<Dictionary<string, object>>([1, 0, .. count]);
        Refused<HashSet<object>>([1, 0, .. count]);
        Refused<ImmutableList<object>>([1, .. count]);
        Refused<object[,]>([1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F]);

        // Contents that come later can't be promised the same bytes twice.
        byte[] promises = [1, 0x80, 0x04, .. Enumerable.Repeat<byte[]>([3, 0x80, 0x02], 128).SelectMany(x => x), .. new byte[400]];
        Refused<int[][]>(promises);

        static void Refused<T>(byte[] bytes)
        {
            _ = Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<T>(bytes));
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<T>(bytes));
            Assert.IsLessThan(200_000, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void TypeOfAnotherBuild_IsRefusedWithBothIds()
    {
        byte[] identity = [.. TypeIdentity.Of(typeof(Adder))];
        Guid here = typeof(Adder).Module.ModuleVersionId, there = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        there.TryWriteBytes(identity.AsSpan(identity.AsSpan().IndexOf(here.ToByteArray())));

        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => TypeIdentity.Resolve(identity));

        Assert.Contains("another build", e.Message);
        Assert.Contains(here.ToString(), e.Message);
        Assert.Contains(there.ToString(), e.Message);
    }

    [TestMethod]
    public void ObjectOfAnotherTypeThanDeclared_IsRefusedBeforeItIsMade()
    {
        byte[] bytes = Codec.Bytes<object>(Sample.Create());

        Assert.Contains("stands where", Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<Version>(bytes)).Message);
    }

    [TestMethod]
    public void TypesByName_ComeOnlyFromTheProgram()
    {
        // An identity that names an assembly which is on this disk, but not of this program.
        var writer = new ArrayBufferWriter<byte>();
        var graph = new GraphWriter(writer);
        graph.WriteByte(2);
        graph.WriteVarint(0);
        var identity = new ArrayBufferWriter<byte>();
        var type = new GraphWriter(identity);
        type.WriteByte(1);
        type.WriteString("Evil.Assembly, Version=1.0.0.0");
        type.WriteUnmanaged(Guid.Empty);
        type.WriteString("Evil.Type");
        type.Flush();
        graph.WriteBlob(identity.WrittenSpan);
        graph.Flush();

        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<object>(writer.WrittenSpan));

        Assert.Contains("not part of this process's program", e.Message);
    }

    private static Sample? Chain(int length)
    {
        Sample? chain = null;
        for (int i = 0; i < length; i++)
            chain = new Sample("c", i, chain, []);

        return chain;
    }

    private static object[] Cycle()
    {
        object[] cycle = [new List<object>(), new Dictionary<object, object>(ReferenceEqualityComparer.Instance), null!];
        ((List<object>)cycle[0]).Add(cycle);
        ((Dictionary<object, object>)cycle[1]).Add(cycle, cycle[0]);
        cycle[2] = cycle;
        return cycle;
    }

    private sealed record Target(string Name, byte[] Bytes, Action<byte[]> Read)
    {
        public static Target Of<T>(string name, T value) => new(name, Codec.Bytes(value), static bytes => FieldCodec.Default.Deserialize<T>(bytes));
    }

    private sealed record Sample(string Name, int Number, object? Other, List<string> Tags)
    {
        public static Sample Create() => new("name", 5, new Sample("inner", 6, 7L, ["x"]), ["a", "b"]);
    }

    private sealed class Adder(int by)
    {
        public int Add(int x) => x + by;
    }
}
