using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace GilSharp.Tests.Serialization;

/// <summary>Single values arrive as they left.</summary>
[TestClass]
public sealed class ScalarTests
{
    private enum Colour : byte
    {
        Red = 3,
    }

    [TestMethod]
    public void Unmanaged_ArriveBitForBit()
    {
        Same(0);
        Same(int.MinValue);
        Same(ulong.MaxValue);
        Same(-0.0);
        Assert.AreEqual(BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(0x7FF8000000000123)), BitConverter.DoubleToInt64Bits(Codec.RoundTrip(BitConverter.Int64BitsToDouble(0x7FF8000000000123))));
        Same(Half.Epsilon);
        Same(Int128.MinValue);
        Same(UInt128.MaxValue);
        Same(79228162514264337593543950335m);
        Same(1.10m);
        Assert.AreEqual("1.10", Codec.RoundTrip(1.10m).ToString(CultureInfo.InvariantCulture));
        Same('\uD800');
        Same(true);
        Same(Colour.Red);
        Same((Colour)200);
        Same<Colour?>(null);
        Same<int?>(5);
        Same(Guid.NewGuid());
        Same(TimeSpan.MinValue);
        Same(DateOnly.MaxValue);
        Same(new TimeOnly(23, 59, 59, 999));
        Same(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-210)));
        Same(new Rune('x'));
        Same(new Complex(1, -2));
        Same(new Index(3, fromEnd: true));
        Same(1..^2);
        Same((1, 2.5, 'c'));
        Same(new Vector3(1, 2, 3));
    }

    [TestMethod]
    public void DateTime_KeepsItsKind()
    {
        foreach (DateTimeKind kind in Enum.GetValues<DateTimeKind>())
        {
            var value = new DateTime(2026, 3, 29, 2, 30, 0, kind);
            DateTime back = Codec.RoundTrip(value);
            Assert.AreEqual(value, back);
            Assert.AreEqual(kind, back.Kind);
        }
    }

    [TestMethod]
    public void Strings_ArriveCharacterForCharacter()
    {
        Same<string?>(null);
        Same("");
        Same("plain");
        Same("a\0b");
        Same("žluťoučký 🐎");
        Same("lone \uD800 and \uDFFF surrogates \uDC00\uD800");
        Same(new string('x', 100_000));
        Same(new string('é', 100_000));
    }

    [TestMethod]
    public void Platform_ValuesThatHoldReferences_AreRebuilt()
    {
        Same(BigInteger.Pow(7, 1000));
        Same(BigInteger.MinusOne);
        Same(new Uri("https://example.org/a%20b?q=1#f"));
        Same(new Uri("../relative/x", UriKind.Relative));
        Same(new Version(1, 2));
        Same(new Version(1, 2, 3, 4));
        Same(CultureInfo.GetCultureInfo("cs-CZ"));
        Same(CultureInfo.InvariantCulture);
        Same(TimeZoneInfo.Utc);
        Same(IPAddress.Parse("fe80::1%5"));
        Same(IPAddress.Loopback);
        Same(new IPEndPoint(IPAddress.IPv6Any, 443));
        Same<Type>(typeof(Dictionary<string, int[,]>));
        Same<Type>(typeof(List<>));
        Same<object>(DBNull.Value);
        Same<Encoding>(Encoding.UTF8);
        Same<Encoding>(Encoding.Latin1);
        Assert.AreEqual("ab", Codec.RoundTrip(new StringBuilder("ab")).ToString());

        Regex regex = Codec.RoundTrip(new Regex("^a+$", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(3)));
        Assert.IsTrue(regex.IsMatch("AAA"));
        Assert.AreEqual(TimeSpan.FromSeconds(3), regex.MatchTimeout);

        var bits = new BitArray([true, false, true]);
        CollectionAssert.AreEqual(bits, Codec.RoundTrip(bits));

        NameValueCollection names = Codec.RoundTrip(new NameValueCollection { { "a", "1" }, { "a", "2" }, { null, "x" } });
        CollectionAssert.AreEqual(new[] { "1", "2" }, names.GetValues("a"));
        Assert.AreEqual("x", names[null]);
    }

    [TestMethod]
    public void Object_BoxedValues_KeepTheirType()
    {
        foreach (object value in new object[] { 1, 2L, 3.0, "s", 'c', Colour.Red, 1m, Guid.NewGuid(), (1, "two"), DateTime.UtcNow, new BigInteger(7) })
        {
            object back = Codec.RoundTrip(value);
            Assert.AreEqual(value, back);
            Assert.AreSame(value.GetType(), back.GetType());
        }
    }

    private static void Same<T>(T value) => Assert.AreEqual(value, Codec.RoundTrip(value));
}
