using System.Runtime.CompilerServices;

namespace GilSharp.Tests.Serialization;

/// <summary>Objects without attributes, by their fields; references, cycles, polymorphism.</summary>
[TestClass]
public sealed class ObjectTests
{
    [TestMethod]
    public void StructsWhoseFieldsStayBehind_ArriveInTheirNumber()
    {
        Gate[] gates = Codec.RoundTrip(Enumerable.Range(0, 100).Select(_ => new Gate { Key = new object() }).ToArray());

        Assert.HasCount(100, gates);
        Assert.IsNull(gates[99].Key);
    }

    [TestMethod]
    public void OrdinaryObjects_ArriveWhole()
    {
        var back = Codec.RoundTrip(new Everything("secret", 5) { Init = 7, Public = "p" });

        Assert.AreEqual("secret", back.Reveal());
        Assert.AreEqual(5, back.PrivateSetter);
        Assert.AreEqual(7, back.Init);
        Assert.AreEqual("p", back.Public);
        Assert.AreEqual("base", back.BaseField());
        Assert.AreEqual(0, back.Forgotten);
    }

    [TestMethod]
    public void RecordsTuplesStructsAnonymous_ArriveEqual()
    {
        Same(new Point3("a", 1.5, null));
        Same(new Line(new Point3("a", 1, null), new Point3("b", 2, 3)));
        Same(("a", 1, new Point3("x", 0, 0)));
        Same(Tuple.Create("a", 1, 2L));
        Same((1, 2, 3, 4, 5, 6, 7, 8, "nine", 10));
        Same(new { A = 1, B = "two", C = new { D = 3m } });
        Same(new Holder<string>("v"));
        Same(new Holder<int?>(null));
        Same(KeyValuePair.Create("k", 5));
        Same<(int, string)?>((1, "x"));
        Assert.AreEqual(5, Codec.RoundTrip(new StrongBox<int>(5)).Value);
    }

    [TestMethod]
    public void UsedOften_GeneratedCodeGivesTheSame()
    {
        // More often than any threshold, while the generated code arrives in the background.
        for (int i = 0; i < 400; i++)
        {
            Same(new Line(new Point3("a" + i, i, i % 3 == 0 ? null : i), new Point3("b", 2, 3)));
            Same(new Holder<(string, int)>(("v", i)));
            Assert.AreEqual("s" + i, Codec.RoundTrip(new Everything("s" + i, i) { Public = "x" }).Reveal());
            if (i % 50 == 0)
            {
                CallSerializationException e = Codec.Refusal(new Deep { Inner = new Holder<Stream>(Stream.Null) });
                Assert.AreEqual("value.Inner.Value", e.Path);
                SpinWait.SpinUntil(static () => ThreadPool.PendingWorkItemCount == 0, 1000);
            }
        }
    }

    [TestMethod]
    public void PolymorphicMembers_KeepTheirType()
    {
        Animal[] zoo = [new Dog { Name = "d", Bones = 2 }, new Cat { Name = "c" }, null!, new Dog { Name = "e" }];

        Animal[] back = Codec.RoundTrip(zoo);

        Assert.AreEqual(2, Assert.IsInstanceOfType<Dog>(back[0]).Bones);
        Assert.IsInstanceOfType<Cat>(back[1]);
        Assert.IsNull(back[2]);
        Assert.AreEqual("e", back[3].Name);
        Assert.IsInstanceOfType<Dog>(Codec.RoundTrip<INamed>(zoo[0]));
        Assert.IsInstanceOfType<string[]>(Codec.RoundTrip<object[]>(new string[] { "covariant" }));
        Assert.IsInstanceOfType<List<INamed>>(Codec.RoundTrip<IEnumerable<INamed>>(new List<INamed> { zoo[0] }));
    }

    [TestMethod]
    public void SharedReferences_StayShared_AndStringsAreValues()
    {
        var shared = new Node();
        object[] back = Codec.RoundTrip<object[]>([shared, shared, new Node()]);

        Assert.AreSame(back[0], back[1]);
        Assert.AreNotSame(back[0], back[2]);

        double[][] empty = Codec.RoundTrip<double[][]>([GC.AllocateUninitializedArray<double>(0), GC.AllocateUninitializedArray<double>(0)]);
        Assert.AreNotSame(empty[0], empty[1]);

        int[] numbers = [1, 2, 3];
        (int[] A, int[] B, ArraySegment<int> C) arrays = Codec.RoundTrip((numbers, numbers, new ArraySegment<int>(numbers, 1, 2)));
        Assert.AreSame(arrays.A, arrays.B);
        Assert.AreSame(arrays.A, arrays.C.Array);
        Assert.AreEqual(1, arrays.C.Offset);
    }

    [TestMethod]
    public void Cycles_Close()
    {
        var a = new Node();
        var b = new Node { Next = a };
        a.Next = b;
        Node back = Codec.RoundTrip(a);
        Assert.AreSame(back, back.Next!.Next);

        object[] self = new object[1];
        self[0] = self;
        object[] selfBack = Codec.RoundTrip(self);
        Assert.AreSame(selfBack, selfBack[0]);

        var dictionary = new Dictionary<string, object>();
        dictionary["self"] = dictionary;
        Dictionary<string, object> dictionaryBack = Codec.RoundTrip(dictionary);
        Assert.AreSame(dictionaryBack, dictionaryBack["self"]);
    }

    [TestMethod]
    [DataRow(100_000)]
    [DataRow(1_000_000)]
    public void DeepGraphs_NeedNoDeepStack(int length)
    {
        Node? list = null;
        for (int i = 0; i < length; i++)
            list = new Node { Next = list, Value = i };

        Node? back = null;
        // A quarter of a megabyte of stack: a recursion of this depth would end the process.
        var thread = new Thread(() => back = Codec.RoundTrip(list), 256 * 1024);
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromMinutes(1)));

        int count = 0;
        for (; back is not null; back = back.Next)
            Assert.AreEqual(length - ++count, back.Value);

        Assert.AreEqual(length, count);
    }

    [TestMethod]
    public void DeepNests_OfListsDictionariesArrays_NeedNoDeepStack()
    {
        object nest = "end";
        for (int i = 0; i < 30_000; i++)
            nest = (i % 3) switch { 0 => new List<object> { nest }, 1 => new object[] { nest }, _ => new Dictionary<string, object> { ["k"] = nest } };

        object back = Codec.RoundTrip(nest);

        for (int i = 29_999; i >= 0; i--)
            back = (i % 3) switch { 0 => ((List<object>)back)[0], 1 => ((object[])back)[0], _ => ((Dictionary<string, object>)back)["k"] };

        Assert.AreEqual("end", back);
    }

    [TestMethod]
    public void Arrays_OfAllShapes_Arrive()
    {
        int[,] grid = { { 1, 2, 3 }, { 4, 5, 6 } };
        CollectionAssert.AreEqual(grid, Codec.RoundTrip(grid));
        string?[,,] cube = { { { "a", null }, { "b", "c" } } };
        CollectionAssert.AreEqual(cube, Codec.RoundTrip(cube));
        int[][] jagged = [[1], [], [2, 3], null!];
        int[][] jaggedBack = Codec.RoundTrip(jagged);
        CollectionAssert.AreEqual(jagged[2], jaggedBack[2]);
        Assert.IsNull(jaggedBack[3]);
        Assert.IsEmpty(Codec.RoundTrip(Array.Empty<int>()));
        Assert.IsEmpty(Codec.RoundTrip(Array.Empty<string>()));
        Assert.IsNull(Codec.RoundTrip<int[]?>(null));
        Assert.AreEqual(0, Codec.RoundTrip(new int[0, 5]).GetLength(0));
        Assert.AreEqual(5, Codec.RoundTrip(new string[0, 5]).GetLength(1));

        Array lower = Array.CreateInstance(typeof(string), [2, 2], [-1, 5]);
        lower.SetValue("x", 0, 6);
        Array lowerBack = Codec.RoundTrip<Array>(lower);
        Assert.AreEqual(-1, lowerBack.GetLowerBound(0));
        Assert.AreEqual("x", lowerBack.GetValue(0, 6));

        Array vector = Array.CreateInstance(typeof(int), [3], [4]);
        vector.SetValue(9, 6);
        Array vectorBack = Codec.RoundTrip<Array>(vector);
        Assert.AreEqual(4, vectorBack.GetLowerBound(0));
        Assert.AreEqual(9, vectorBack.GetValue(6));

        double[] large = [.. Enumerable.Range(0, 300_000).Select(i => i / 3.0)];
        CollectionAssert.AreEqual(large, Codec.RoundTrip(large));
        (int, byte)[] structs = [(1, 2), (3, 4)];
        CollectionAssert.AreEqual(structs, Codec.RoundTrip(structs));
    }

    [TestMethod]
    public void Memory_TravelsAsWhatItShows()
    {
        byte[] bytes = [1, 2, 3, 4, 5];
        CollectionAssert.AreEqual(new byte[] { 2, 3 }, Codec.RoundTrip(bytes.AsMemory(1, 2)).ToArray());
        CollectionAssert.AreEqual("el".ToCharArray(), Codec.RoundTrip("hello".AsMemory(1, 2)).ToArray());
        Assert.IsTrue(Codec.RoundTrip(Memory<int>.Empty).IsEmpty);
        Assert.AreEqual(0, Codec.RoundTrip(default(ArraySegment<string>)).Count);
    }

    [TestMethod]
    public void PlainObject_UsedAsALock_Travels()
    {
        object gate = new();
        object[] back = Codec.RoundTrip<object[]>([gate, gate]);
        Assert.AreEqual(typeof(object), back[0].GetType());
        Assert.AreSame(back[0], back[1]);
    }

    [TestMethod]
    public void Iterators_ThatHaveNotBegun_Travel()
    {
        CollectionAssert.AreEqual(new[] { 3, 4, 5 }, Codec.RoundTrip(Count(3, 3)).ToArray());

        static IEnumerable<int> Count(int from, int count)
        {
            for (int i = 0; i < count; i++)
                yield return from + i;
        }
    }

    private static void Same<T>(T value)
    {
        T back = Codec.RoundTrip(value);
        Assert.AreEqual(value, back);
        if (!typeof(T).IsValueType)
            Assert.AreNotSame((object?)value, back);
    }

    private sealed record Point3(string Name, double X, int? Y);

    private sealed record Line(Point3 From, Point3 To);

    private readonly record struct Holder<T>(T Value);

    private sealed class Deep
    {
        public Holder<Stream> Inner { get; init; }
    }

    private abstract class Base
    {
        private readonly string _ofBase = "none";

        protected Base(string value)
        {
            _ofBase = value;
        }

        public string BaseField() => _ofBase;
    }

    private sealed class Everything(string secret, int number) : Base("base")
    {
        public string? Public;

        [NonSerialized]
        public int Forgotten = 99;

        private readonly string _secret = secret;

        public int PrivateSetter { get; private set; } = number;

        public int Init { get; init; }

        public string Reveal() => _secret;
    }

    private interface INamed
    {
        string? Name { get; }
    }

    private abstract class Animal : INamed
    {
        public string? Name { get; set; }
    }

    private sealed class Dog : Animal
    {
        public int Bones { get; set; }
    }

    private sealed class Cat : Animal;

    private sealed class Node
    {
        public Node? Next { get; set; }

        public int Value { get; set; }
    }

    private struct Gate
    {
        [NonSerialized]
        public object? Key;
    }
}
