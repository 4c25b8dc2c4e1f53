using System.Collections;
using System.Collections.Specialized;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace GilSharp.Serialization;

// One class for each assembly: what a class mentions is loaded with it, and a worker that never meets a Regex should not load one.

/// <summary>Addresses of things, as they were written.</summary>
internal static class UriScalars
{
    private const byte Relative = 0, Absolute = 1, AsWritten = 2;

    public static ScalarBody<Uri> UriBody() => new(
        static (ref GraphWriter writer, Uri value) =>
        {
            writer.WriteByte(KindOf(value));
            writer.WriteString(value.OriginalString);
        },
        static (ref GraphReader reader) =>
        {
            byte kind = reader.ReadByte();
            return Make(kind, reader.ReadText());
        });

    // Whether path and query are left as they were written is shown by no property, but tells two addresses apart.
    private static byte KindOf(Uri value)
    {
        byte kind = value.IsAbsoluteUri ? Absolute : Relative;
        if (Make(kind, value.OriginalString).Equals(value))
            return kind;

        return value.IsAbsoluteUri && Make(AsWritten, value.OriginalString).Equals(value)
            ? AsWritten
            : throw CallSerializationException.Refused(typeof(Uri), "it can't be made again from its OriginalString. Pass that.");
    }

    private static Uri Make(byte kind, string text) =>
        kind == AsWritten ? new Uri(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }) : new Uri(text, kind == Absolute ? UriKind.Absolute : UriKind.Relative);
}

/// <summary>Regular expressions: pattern, options, timeout.</summary>
internal static class RegexScalars
{
    public static ScalarBody<Regex> RegexBody() => new(
        static (ref GraphWriter writer, Regex value) =>
        {
            writer.WriteString(value.ToString());
            writer.WriteUnmanaged((int)value.Options);
            writer.WriteUnmanaged(value.MatchTimeout.Ticks);
        },
        static (ref GraphReader reader) =>
        {
            string pattern = reader.ReadText();
            int options = reader.ReadUnmanaged<int>();
            return new Regex(pattern, (RegexOptions)options, new TimeSpan(reader.ReadUnmanaged<long>()));
        });
}

/// <summary>Addresses and end points of the network.</summary>
internal static class NetScalars
{
    /// <summary>The public class; a read-only one hides behind it.</summary>
    public static Type Address => typeof(IPAddress);

    public static ScalarBody<IPAddress> AddressBody() => new(
        static (ref GraphWriter writer, IPAddress value) =>
        {
            writer.WriteBlob(value.GetAddressBytes());
            writer.WriteUnmanaged(value.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? value.ScopeId : 0L);
        },
        static (ref GraphReader reader) =>
        {
            ReadOnlySpan<byte> bytes = reader.ReadBlob();
            long scope = reader.ReadUnmanaged<long>();
            return bytes.Length == 16 ? new IPAddress(bytes, scope) : new IPAddress(bytes);
        });

    public static ScalarBody<IPEndPoint> EndPointBody() => new(
        static (ref GraphWriter writer, IPEndPoint value) =>
        {
            Converters<IPAddress>.Instance.Write(ref writer, value.Address);
            writer.WriteUnmanaged(value.Port);
        },
        static (ref GraphReader reader) =>
        {
            IPAddress address = Converters<IPAddress>.Instance.Read(ref reader);
            return new IPEndPoint(address, reader.ReadUnmanaged<int>());
        });
}

/// <summary>Names with several values.</summary>
internal static class SpecializedScalars
{
    public static ScalarBody<NameValueCollection> NameValueBody() => new(
        static (ref GraphWriter writer, NameValueCollection value) =>
        {
            object? comparer = ComparerOf(value);
            int unfinished = writer.Unfinished;
            ComparerCodec.Write(ref writer, comparer ?? StringComparer.InvariantCultureIgnoreCase, typeof(string));
            if (writer.Unfinished != unfinished && value.Count > 0)
                throw CallSerializationException.Refused(value.GetType(), "its comparer is part of a cycle or nested very deep, and so not complete when names have to be added.");

            writer.WriteVarint((uint)value.Count);
            for (int i = 0; i < value.Count; i++)
            {
                writer.WriteString(value.GetKey(i));
                string[]? values = value.GetValues(i);
                writer.WriteVarint((uint)(values?.Length ?? 0));
                foreach (string item in values ?? [])
                    writer.WriteString(item);
            }
        },
        static (ref GraphReader reader) =>
        {
            var comparer = (IEqualityComparer?)ComparerCodec.Read(ref reader) ?? EqualityComparer<string>.Default; // null would be another one
            int count = reader.ReadCount(2);
            var collection = new NameValueCollection(count, comparer);
            for (int i = 0; i < count; i++)
            {
                string? key = reader.ReadString();
                int values = reader.ReadCount(1);
                if (values == 0)
                    collection.Add(key, null);

                for (int j = 0; j < values; j++)
                    collection.Add(key, reader.ReadString());
            }

            return collection;
        });

    // Not by reflection: what only that uses may be trimmed, and the comparer with it.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keyComparer")]
    private static extern ref IEqualityComparer? ComparerOf(NameObjectCollectionBase collection);
}
