using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Mutated and random bytes: an error or a value, never a crash, a hang or a large allocation.</summary>
[TestClass]
public sealed class FuzzTests
{
    private static readonly int Effort = int.TryParse(Environment.GetEnvironmentVariable("GILSHARP_TEST_EFFORT"), CultureInfo.InvariantCulture, out int effort) ? effort : 1;

    [TestMethod]
    [Timeout(600_000)]
    public void MutatedPayloads_GiveAnErrorOrAValue()
    {
        var target = new List<Target>
        {
            Target.Of("string", "hello žluť"),
            Target.Of("int", 5),
            Target.Of("doubles", new[] { 1.0, 2.0, 3.0 }),
            Target.Of("record", Sample.Create()),
            Target.Of<object>("object", Sample.Create()),
            Target.Of("list", new List<Sample> { Sample.Create(), Sample.Create() }),
            Target.Of("dictionary", new Dictionary<string, object> { ["a"] = 1, ["b"] = new List<object> { "x", 2.0, new int[3] } }),
            Target.Of("keys", new Dictionary<(string, int), HashSet<Guid>> { [("a", 1)] = [Guid.NewGuid()] }),
            Target.Of("grid", new string?[2, 3] { { "a", "b", null }, { "c", "d", "e" } }),
            Target.Of("raw grid", new long[2, 2, 2]),
            Target.Of("immutable", ImmutableDictionary<string, ImmutableList<int>>.Empty.Add("a", [1, 2, 3])),
            Target.Of("sorted", new SortedDictionary<string, BigInteger>(StringComparer.OrdinalIgnoreCase) { ["x"] = BigInteger.Pow(3, 100) }),
            Target.Of<object[]>("mixed", [new Uri("https://example.org"), new Version(1, 2), typeof(List<int>), CultureInfo.InvariantCulture, new DateTime(5), 1m, new InvalidOperationException("x")]),
            Target.Of("function", (Func<int, int>)new Adder(5).Add),
            Target.Of("deep", Chain(100)),
        };

        var random = new Random(20260101);
        int rounds = 2_500 * Effort;
        foreach (Target one in target)
        {
            for (int i = 0; i < rounds; i++)
                one.Try(Mutate(one.Bytes, random));
        }
    }

    [TestMethod]
    [Timeout(600_000)]
    public void RandomPayloads_GiveAnErrorOrAValue()
    {
        Target[] targets = [Target.Of<object?>("object", null), Target.Of<Sample?>("sample", null), Target.Of<List<object>?>("list", null), Target.Of<Exception?>("exception", null), Target.Of<object[,]?>("grid", null)];
        var random = new Random(7);
        for (int i = 0; i < 20_000 * Effort; i++)
        {
            byte[] bytes = new byte[random.Next(1, 80)];
            random.NextBytes(bytes);

            // Small numbers are tokens, kinds and counts, so they lead further in.
            for (int j = 0; j < bytes.Length; j++)
            {
                if (random.Next(3) != 0)
                    bytes[j] &= 0x0F;
            }

            targets[i % targets.Length].Try(bytes);
        }
    }

    [TestMethod]
    [Timeout(600_000)]
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

        var random = new Random(3);
        for (int i = 0; i < 5_000 * Effort; i++)
        {
            byte[] a = Mutate(identity.WrittenSpan.ToArray(), random);
            Target.Guarded("identity", a.Length, () => FunctionPlan.ReadIdentity(a));
            byte[] b = Mutate(target.WrittenSpan.ToArray(), random);
            Target.Guarded("target", b.Length, () => plan.ReadDelegate(b, FieldCodec.Default));
            byte[] c = Mutate(exception.WrittenSpan.ToArray(), random);
            Target.Guarded("exception", c.Length, () => Assert.IsNotNull(ExceptionCodec.Read(c)));
        }
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

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
                case 5:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F;
                    break;
                default:
                    bytes[at] = (byte)random.Next(8);
                    break;
            }
        }

        return [.. bytes];
    }

    private sealed record Target(byte[] Bytes, Action<byte[]> Try)
    {
        public static Target Of<T>(string name, T value) => new(Codec.Bytes(value), bytes => Guarded(name, bytes.Length, () => FieldCodec.Default.Deserialize<T>(bytes)));

        /// <summary>Only one exception is an answer, and a small payload makes no large objects.</summary>
        public static void Guarded(string name, int length, Action action)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                action();
            }
            catch (CallSerializationException)
            {
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(2_000_000 + (length * 64L), allocated, name);
        }
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
