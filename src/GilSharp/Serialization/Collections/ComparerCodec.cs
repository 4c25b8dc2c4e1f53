using System.Globalization;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Comparers: the known ones by name, others as the objects that they are, or refused.</summary>
/// <remarks>
/// <code>
/// 0 none / the default of the collection   1 ordinal   2 ordinal, ignoring case   3 by culture: name, options   4 reference equality
/// 5 anything else: an object of the graph
/// </code>
/// </remarks>
internal static class ComparerCodec
{
    private static readonly ConditionalWeakTable<Type, Standard> Standards = [];
    private static ObjectBody? s_unused;

    /// <param name="writer">Where it goes.</param>
    /// <param name="comparer">The comparer of a collection.</param>
    /// <param name="key">What the collection compares: it makes the default comparer for that by itself, and for no base class of it.</param>
    public static void Write(ref GraphWriter writer, object? comparer, Type key)
    {
        if (comparer is null)
        {
            writer.WriteByte(0);
            return;
        }

        if ((!IsDefault(comparer, out Type? of) || of == key) && TryWriteKnown(ref writer, comparer))
            return;

        writer.WriteByte(5);
        try
        {
            writer.WriteReference(comparer, typeof(object), ref s_unused);
        }
        catch (CallSerializationException e) when (e.Under(".Comparer"))
        {
            throw;
        }
    }

    public static bool TryWriteKnown(ref GraphWriter writer, object comparer)
    {
        if (IsDefault(comparer, out _))
        {
            writer.WriteByte(0);
        }
        else if (comparer is IEqualityComparer<string?> strings && StringComparer.IsWellKnownOrdinalComparer(strings, out bool ignoreCase))
        {
            writer.WriteByte(ignoreCase ? (byte)2 : (byte)1);
        }
        else if (comparer is IEqualityComparer<string?> cultural && StringComparer.IsWellKnownCultureAwareComparer(cultural, out CompareInfo? compareInfo, out CompareOptions options))
        {
            writer.WriteByte(3);
            writer.WriteString(compareInfo.Name);
            writer.WriteUnmanaged((int)options);
        }
        else if (comparer is ReferenceEqualityComparer)
        {
            writer.WriteByte(4);
        }
        else
        {
            return false;
        }

        return true;
    }

    public static object? Read(ref GraphReader reader)
    {
        byte kind = reader.ReadByte();
        return kind switch
        {
            0 => null,
            5 => reader.ReadReference(typeof(object), ref s_unused) ?? throw CallSerializationException.Malformed("a comparer is missing"),
            _ => Known(ref reader, kind),
        };
    }

    /// <summary>A comparer that stands in a graph by itself; the default one of its type is asked of the type.</summary>
    public static object ReadKnown(ref GraphReader reader, Type type)
    {
        byte kind = reader.ReadByte();
        return kind == 0 ? DefaultOf(type) ?? throw CallSerializationException.Malformed($"{type} has no default") : Known(ref reader, kind);
    }

    private static object Known(ref GraphReader reader, byte kind)
    {
        switch (kind)
        {
            case 1:
                return StringComparer.Ordinal;
            case 2:
                return StringComparer.OrdinalIgnoreCase;
            case 3:
                string culture = reader.ReadText();
                int options = reader.ReadUnmanaged<int>();
                return StringComparer.Create(CultureInfo.GetCultureInfo(culture), (CompareOptions)options);
            case 4:
                return ReferenceEqualityComparer.Instance;
            default:
                throw CallSerializationException.Malformed($"there is no kind of comparer {kind}");
        }
    }

    /// <summary>Whether a comparer asks the objects themselves.</summary>
    public static bool IsOfObjects(object? comparer) => comparer is null || IsDefault(comparer, out _);

    /// <summary>EqualityComparer&lt;T&gt;.Default and Comparer&lt;T&gt;.Default, whatever class stands behind them.</summary>
    private static bool IsDefault(object comparer, out Type? of)
    {
        Standard standard = StandardOf(comparer.GetType());
        of = standard.Of;
        return standard.Default is { } made
            && (ReferenceEquals(made, comparer) || (made.GetType() == comparer.GetType() && AssemblyCatalog.IsPlatform(comparer.GetType().Assembly)));
    }

    private static object? DefaultOf(Type type) => StandardOf(type).Default;

    private static Standard StandardOf(Type type) => Standards.TryGetValue(type, out Standard? known) ? known : Standards.GetOrAdd(type, Find(type));

    private static Standard Find(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            if (level.IsGenericType && level.GetGenericTypeDefinition() is { } definition && (definition == typeof(EqualityComparer<>) || definition == typeof(Comparer<>)))
                return new Standard(Mirror.StaticProperty(level, "Default"), level.GetGenericArguments()[0]);
        }

        return new Standard(null, null);
    }

    /// <summary>The default comparer of a comparer's family, and what it compares.</summary>
    private sealed record Standard(object? Default, Type? Of);
}
