using System.Collections;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Items of any type, each with its own.</summary>
internal sealed class ArrayListBody : ObjectBody
{
    private static readonly Converter<object?> Item = Converters<object?>.Instance;

    // Not as an array: the contents of one may come later, when the list has been made.
    public override void Write(ref GraphWriter writer, object value)
    {
        var list = (ArrayList)value;
        int count = list.Count;
        writer.WriteVarint((uint)count);
        for (int i = 0; i < count; i++)
        {
            try
            {
                Item.Write(ref writer, list[i]);
            }
            catch (CallSerializationException e) when (e.Under($"[{i}]"))
            {
                throw;
            }
        }
    }

    public override object Read(ref GraphReader reader)
    {
        int count = reader.ReadCount(Item.MinimumSize);
        var list = new ArrayList(count);
        for (int i = 0; i < count; i++)
            list.Add(Item.Read(ref reader));

        return list;
    }
}

internal sealed class HashtableBody : ObjectBody
{
    private static readonly Converter<object?> Item = Converters<object?>.Instance;

    public override void Write(ref GraphWriter writer, object value)
    {
        var table = (Hashtable)value;
        bool whole = true;
        int unfinished = writer.Unfinished;
        ComparerCodec.Write(ref writer, ComparerOf(table), typeof(object));
        whole &= writer.Unfinished == unfinished;
        writer.WriteVarint((uint)table.Count);
        foreach (DictionaryEntry entry in table)
        {
            Item.WriteItem(ref writer, entry.Key, ref whole);
            try
            {
                Item.Write(ref writer, entry.Value);
            }
            catch (CallSerializationException e) when (e.Under($"[{entry.Key}]"))
            {
                throw;
            }
        }

        if (!whole && table.Count > 0)
            throw CallSerializationException.Refused(Type, "its keys or its comparer are part of a cycle or nested very deep. Use Dictionary<TKey, TValue>.");
    }

    public override object Read(ref GraphReader reader)
    {
        var comparer = (IEqualityComparer?)ComparerCodec.Read(ref reader);
        var table = new Hashtable(comparer);
        for (int count = reader.ReadCount(2); count > 0; count--)
        {
            object key = Item.Read(ref reader) ?? throw CallSerializationException.Malformed("a key is missing");
            table.Add(key, Item.Read(ref reader));
        }

        return table;
    }

    // Not by reflection: what only that uses may be trimmed, and the comparer with it.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keycomparer")]
    private static extern ref IEqualityComparer? ComparerOf(Hashtable table);
}
