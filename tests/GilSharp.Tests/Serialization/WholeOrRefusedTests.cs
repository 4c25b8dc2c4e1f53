using System.Collections.Specialized;
using System.Runtime.CompilerServices;
using System.Text;

namespace GilSharp.Tests.Serialization;

/// <summary>A value arrives whole or is refused; it never changes silently. Each of these did once.</summary>
[TestClass]
public sealed class WholeOrRefusedTests
{
    private interface IPerson
    {
        string? Name { get; }
    }

    [TestMethod]
    public void ObjectFirstMetInAPlaceOfItsOwnType_AndThenInAnother_KeepsTheTypesOfAllThatFollow()
    {
        A a = new() { Name = "a" };
        Places back = Codec.RoundTrip(new Places { First = a, Second = a, Third = new B { Name = "b" }, Fourth = new A { Name = "c" }, Fifth = new B { Name = "d" } });
        Assert.AreSame(back.First, back.Second);
        Assert.AreEqual("b", ((B)back.Third!).Name);
        Assert.AreEqual("c", ((A)back.Fourth!).Name);
        Assert.AreEqual("d", ((B)back.Fifth!).Name);

        Person lead = new() { Name = "lead" };
        Team team = Codec.RoundTrip(new Team { Lead = lead, Members = [lead, new Person { Name = "second" }, new Person { Name = "third" }] });
        Assert.AreSame(team.Lead, team.Members![0]);
        CollectionAssert.AreEqual(new[] { "lead", "second", "third" }, team.Members.Select(member => member.Name).ToArray());
    }

    [TestMethod]
    public void VariableCapturedInAnExpressionTree_Travels()
    {
        int limit = 5;
        int[] data = [.. Enumerable.Range(1, 10)];
        Func<int> function = () => data.AsQueryable().Where(x => x > limit).Count();
        Assert.AreEqual(5, Codec.RoundTripFunction(function)());

        Func<int> outer = Outer(3);
        Assert.AreEqual(outer(), Codec.RoundTripFunction(outer)());

        static Func<int> Outer(int factor)
        {
            int[] numbers = [1, 2, 3];
            Func<int>? made = null;
            for (int i = 1; i < 2; i++)
            {
                int add = i;
                made = () => numbers.AsQueryable().Select(x => (x * factor) + add).Sum();
            }

            return made!;
        }
    }

    [TestMethod]
    public void TimeZones_ArriveEqual_AndUtcAndTheLocalOneAsThemselves()
    {
        Assert.AreSame(TimeZoneInfo.Utc, Codec.RoundTrip(TimeZoneInfo.Utc));
        Assert.AreSame(TimeZoneInfo.Local, Codec.RoundTrip(TimeZoneInfo.Local));
        Assert.AreEqual(DateTimeKind.Utc, TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow, Codec.RoundTrip(TimeZoneInfo.Utc)).Kind);
        foreach (TimeZoneInfo zone in TimeZoneInfo.GetSystemTimeZones()) Assert.AreEqual(zone, Codec.RoundTrip(zone));
        TimeZoneInfo own = TimeZoneInfo.CreateCustomTimeZone("ours", TimeSpan.FromMinutes(90), "Ours", "Ours");
        Assert.AreEqual(own, Codec.RoundTrip(own));
    }

    [TestMethod]
    public void InlineArrays_ArriveWholeAsBytes_AndAreRefusedWithReferences()
    {
        Numbers numbers = default;
        (numbers[0], numbers[1], numbers[2]) = (1, 2, 3);
        Assert.AreEqual(3, Codec.RoundTrip(numbers)[2]);
        Texts texts = default;
        texts[1] = "b";
        CallSerializationException error = Assert.ThrowsExactly<CallSerializationException>(() => Codec.RoundTrip(texts));
        Assert.Contains("inline array", error.Message);
    }

    [TestMethod]
    public void NameValueCollection_KeepsItsComparer()
    {
        NameValueCollection ordinal = new(StringComparer.Ordinal) { { "a", "1" }, { "A", "2" } };
        NameValueCollection back = Codec.RoundTrip(ordinal);
        Assert.AreEqual((2, "1", "2"), (back.Count, back["a"], back["A"]));
        NameValueCollection byDefault = new(EqualityComparer<string>.Default) { { "a", "1" }, { "A", "2" } };
        Assert.AreEqual(2, Codec.RoundTrip(byDefault).Count);
        NameValueCollection ignoring = new() { { "a", "1" } };
        NameValueCollection ignoringBack = Codec.RoundTrip(ignoring);
        Assert.AreEqual("1", ignoringBack["A"]);
        ignoringBack.Add("A", "2");
        Assert.AreEqual("1,2", ignoringBack["a"]);
    }

    [TestMethod]
    public void EmptyArraysOfSeveralDimensions_KeepAllOfThem()
    {
        int[,] wide = Codec.RoundTrip(new int[5, 0]);
        Assert.AreEqual((5, 0), (wide.GetLength(0), wide.GetLength(1)));
        string[,,] deep = Codec.RoundTrip(new string[1_000_000, 2, 0]);
        Assert.AreEqual((1_000_000, 2, 0), (deep.GetLength(0), deep.GetLength(1), deep.GetLength(2)));
    }

    [TestMethod]
    public void Uri_KeepsItsPathAsItWasWritten()
    {
        Uri asWritten = new("http://a/b/../c?x=%41#d", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Assert.AreEqual("http://a/b/../c?x=%41#d", Codec.RoundTrip(asWritten).AbsoluteUri);
        foreach (Uri uri in new[] { asWritten, new("http://a/b/../c?x=%41#d"), new("../c d", UriKind.Relative), new("/tmp/a b"), new("http://us:er@bücher.de:81/ä?ö#ü"), new("urn:a:b"), new("mailto:a@b") })
        {
            Uri back = Codec.RoundTrip(uri);
            Assert.AreEqual(uri, back);
            Assert.AreEqual(uri.ToString(), back.ToString());
        }
    }

    [TestMethod]
    public void StringBuilder_KeepsItsLimit()
    {
        StringBuilder back = Codec.RoundTrip(new StringBuilder(0, 5).Append("abc"));
        Assert.AreEqual(("abc", 5), (back.ToString(), back.MaxCapacity));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => back.Append("defg"));
        Assert.AreEqual(int.MaxValue, Codec.RoundTrip(new StringBuilder()).MaxCapacity);
    }

    [TestMethod]
    public void DefaultComparer_OfABaseClass_StaysThatOne()
    {
        SortedSet<Later> sorted = Codec.RoundTrip(new SortedSet<Later>(Comparer<Earlier>.Default) { new() { Rank = 2 }, new() { Rank = 1 } });
        Assert.AreSame(Comparer<Earlier>.Default, sorted.Comparer);
        CollectionAssert.AreEqual(new[] { 1, 2 }, sorted.Select(item => item.Rank).ToArray());
        Assert.AreSame(EqualityComparer<object>.Default, Codec.RoundTrip(new Dictionary<string, int>(EqualityComparer<object>.Default)).Comparer);
        Assert.AreSame(EqualityComparer<string>.Default, Codec.RoundTrip(new Dictionary<string, int>()).Comparer);
        Assert.AreSame(Comparer<Earlier>.Default, Codec.RoundTrip(System.Collections.Immutable.ImmutableSortedSet.Create<Later>(Comparer<Earlier>.Default, new Later())).KeyComparer);
    }

    [TestMethod]
    public void MemoryOverAnArrayOfADerivedType_IsReadAsSuch()
    {
        string[] texts = ["a", "b"];
        (ReadOnlyMemory<object> Memory, string[] Array) back = Codec.RoundTrip((new ReadOnlyMemory<object>(texts), texts));
        CollectionAssert.AreEqual(texts, back.Memory.ToArray());
        Assert.AreSame(back.Array[1], back.Memory.Span[1]);
        CollectionAssert.AreEqual(new[] { "b" }, Codec.RoundTrip(new ReadOnlyMemory<object>(texts, 1, 1)).ToArray());
    }

    [TestMethod]
    public void FieldThatStaysBehind_DoesSoInAStructWithoutReferences()
    {
        var cached = new Cached { Value = 1, Cache = 2 };
        Assert.AreEqual((1, 0), Seen(Codec.RoundTrip(cached)));
        Assert.AreEqual((1, 0), Seen(Codec.RoundTrip(new[] { cached })[0]));
        Assert.AreEqual((1, 0), Seen(Codec.RoundTrip(new List<Cached> { cached })[0]));
        Assert.AreEqual((1, 0), Seen(Codec.RoundTrip<object>((cached, 3)) is ValueTuple<Cached, int> pair ? pair.Item1 : default));
        Assert.AreEqual((1, 0), Seen(Codec.RoundTrip<Cached?>(cached)!.Value));

        static (int Value, int Cache) Seen(Cached value) => (value.Value, value.Cache);
    }

    private class Earlier : IComparable<Earlier>
    {
        public int Rank { get; init; }

        public int CompareTo(Earlier? other) => Rank.CompareTo(other!.Rank);
    }

    private sealed class Later : Earlier, IComparable<Later>
    {
        public int CompareTo(Later? other) => other!.Rank.CompareTo(Rank);
    }

    private struct Cached
    {
        public int Value;

        [NonSerialized]
        public int Cache;
    }

    [InlineArray(3)]
    private struct Numbers
    {
        private int _first;
    }

    [InlineArray(3)]
    private struct Texts
    {
        private string? _first;
    }

    private sealed class A
    {
        public string? Name { get; set; }
    }

    private sealed class B
    {
        public string? Name { get; set; }
    }

    private sealed class Places
    {
        public A? First { get; set; }
        public object? Second { get; set; }
        public object? Third { get; set; }
        public object? Fourth { get; set; }
        public object? Fifth { get; set; }
    }

    private sealed class Person : IPerson
    {
        public string? Name { get; set; }
    }

    private sealed class Team
    {
        public Person? Lead { get; set; }
        public List<IPerson>? Members { get; set; }
    }
}
