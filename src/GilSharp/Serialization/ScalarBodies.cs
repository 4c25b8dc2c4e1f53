using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace GilSharp.Serialization;

/// <summary>Types of the platform that are rebuilt from a few pieces, each family in a method of its own so that its assembly is loaded only when it is met.</summary>
internal static class ScalarBodies
{
    public static ObjectBody? TryCreate(Type type)
    {
        if (type.IsAssignableTo(typeof(Type)))
            return new TypeBody().For(typeof(Type));

        if (!AssemblyCatalog.IsPlatform(type.Assembly))
            return null;

        return type.FullName switch
        {
            "System.Uri" => UriScalars.UriBody().For(type),
            "System.Version" => new ScalarBody<Version>(
                static (ref GraphWriter writer, Version value) => writer.WriteString(value.ToString()), static (ref GraphReader reader) => Version.Parse(reader.ReadText())).For(type),
            "System.Globalization.CultureInfo" => new ScalarBody<CultureInfo>(CultureScalars.Write, CultureScalars.Read).For(type),
            "System.Text.StringBuilder" => new ScalarBody<StringBuilder>(
                static (ref GraphWriter writer, StringBuilder value) =>
                {
                    writer.WriteString(value.ToString());
                    writer.WriteUnmanaged(value.MaxCapacity);
                },
                static (ref GraphReader reader) =>
                {
                    string text = reader.ReadText();
                    return new StringBuilder(text.Length, reader.ReadUnmanaged<int>()).Append(text);
                }).For(type),
            "System.TimeZoneInfo" => new ScalarBody<TimeZoneInfo>(TimeZoneScalars.Write, TimeZoneScalars.Read).For(type),
            "System.DBNull" => new ScalarBody<DBNull>(static (ref GraphWriter _, DBNull _) => { }, static (ref GraphReader _) => DBNull.Value).For(type),
            "System.Collections.BitArray" => BitArrayBody().For(type),
            "System.Text.RegularExpressions.Regex" => RegexScalars.RegexBody().For(type),
            "System.Net.IPAddress" or "System.Net.IPAddress+ReadOnlyIPAddress" => NetScalars.AddressBody().For(NetScalars.Address),
            "System.Net.IPEndPoint" => NetScalars.EndPointBody().For(type),
            "System.Collections.Specialized.NameValueCollection" => SpecializedScalars.NameValueBody().For(type),
            _ => Comparers(type) ?? Encodings(type),
        };
    }

    /// <summary>Structs of the platform that hold references.</summary>
    public static Converter? TryCreateValue(Type type) => type.FullName switch
    {
        "System.Numerics.BigInteger" => BigIntegers(),
        _ when type.IsGenericType && type.GetGenericTypeDefinition().FullName == "System.Collections.Immutable.ImmutableArray`1" => ImmutableArrays(type),
        _ => null,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ScalarConverter<BigInteger> BigIntegers() => new ScalarConverter<BigInteger>(
        static (ref GraphWriter writer, BigInteger value) => writer.WriteBlob(value.ToByteArray()),
        static (ref GraphReader reader) => new BigInteger(reader.ReadBlob()));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Converter ImmutableArrays(Type type) => (Converter)Mirror.Make(typeof(ImmutableArrayConverter<>), type.GetGenericArguments());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ScalarBody<BitArray> BitArrayBody() => new(
        static (ref GraphWriter writer, BitArray value) =>
        {
            byte[] bytes = new byte[(value.Length + 7) / 8];
            value.CopyTo(bytes, 0);
            writer.WriteVarint((uint)value.Length);
            writer.WriteRaw(bytes);
        },
        static (ref GraphReader reader) =>
        {
            uint bits = reader.ReadVarint();
            byte[] bytes = reader.ReadRaw(((long)bits + 7) / 8).ToArray();
            return bits <= int.MaxValue ? new BitArray(bytes) { Length = (int)bits } : throw CallSerializationException.Malformed($"{bits} bits");
        });

    /// <summary>Comparers of the platform as values of their own.</summary>
    private static ObjectBody? Comparers(Type type)
    {
        bool isComparer = type.IsAssignableTo(typeof(StringComparer)) || type == typeof(ReferenceEqualityComparer);
        for (Type? level = type; level is not null && !isComparer; level = level.BaseType)
            isComparer = level.IsGenericType && level.GetGenericTypeDefinition() is { } definition && (definition == typeof(Comparer<>) || definition == typeof(EqualityComparer<>));

        // Made from functions: Comparer<T>.Create, EqualityComparer<T>.Create. They travel by their fields.
        return isComparer && !type.Name.StartsWith("ComparisonComparer", StringComparison.Ordinal) && !type.Name.StartsWith("DelegateEqualityComparer", StringComparison.Ordinal)
            ? new PlatformComparerBody().For(type)
            : null;
    }

    private static ScalarBody<Encoding>? Encodings(Type type) => !type.IsAssignableTo(typeof(Encoding))
        ? null
        : (ScalarBody<Encoding>)new ScalarBody<Encoding>(
            static (ref GraphWriter writer, Encoding value) =>
            {
                bool preamble = value.Preamble.Length > 0;
                if (!EncodingOf(value.CodePage, preamble).Equals(value))
                    throw CallSerializationException.Refused(value.GetType(), "an encoding with settings of its own can't be rebuilt from its code page.");

                writer.WriteUnmanaged(value.CodePage);
                writer.WriteByte(preamble ? (byte)1 : (byte)0);
            },
            static (ref GraphReader reader) =>
            {
                int codePage = reader.ReadUnmanaged<int>();
                return EncodingOf(codePage, reader.ReadByte() == 1);
            }).For(type);

    private static Encoding EncodingOf(int codePage, bool preamble) => codePage == 65001 ? new UTF8Encoding(preamble) : Encoding.GetEncoding(codePage);
}

internal delegate void WriteScalar<T>(ref GraphWriter writer, T value);

internal delegate T ReadScalar<T>(ref GraphReader reader);

/// <summary>An object that is rebuilt from a few pieces.</summary>
internal sealed class ScalarBody<T>(WriteScalar<T> write, ReadScalar<T> read) : ObjectBody
    where T : class
{
    public override void Write(ref GraphWriter writer, object value) => write(ref writer, (T)value);

    public override object Read(ref GraphReader reader) => read(ref reader);
}

/// <summary>A struct that is rebuilt from a few pieces.</summary>
internal sealed class ScalarConverter<T>(WriteScalar<T> write, ReadScalar<T> read) : Converter<T>
{
    public override bool IsSelfContained => true;

    public override void Write(ref GraphWriter writer, T value) => write(ref writer, value);

    public override T Read(ref GraphReader reader) => read(ref reader);
}

/// <summary>A Type is its identity.</summary>
internal sealed class TypeBody : ObjectBody
{
    public override void Write(ref GraphWriter writer, object value) => writer.WriteBlob(TypeIdentity.Of((Type)value));

    public override object Read(ref GraphReader reader) => TypeIdentity.Resolve(reader.ReadBlob());
}

/// <summary>A comparer of the platform, standing anywhere in a graph.</summary>
internal sealed class PlatformComparerBody : ObjectBody
{
    public override void Write(ref GraphWriter writer, object value)
    {
        if (!ComparerCodec.TryWriteKnown(ref writer, value))
            throw CallSerializationException.Refused(value.GetType(), "this comparer of the platform does not show what is in it. Write a comparer class of your own.");
    }

    public override object Read(ref GraphReader reader) => ComparerCodec.ReadKnown(ref reader, Type);
}
