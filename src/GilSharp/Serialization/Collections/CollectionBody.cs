namespace GilSharp.Serialization;

/// <summary>A collection that is rebuilt: its comparer, then its items, added one by one. Its buckets and trees do not travel.</summary>
/// <remarks>
/// String hashes differ from process to process, and so do identity hashes. Where keys or the comparer are not whole when they have been read, the items
/// are added when the whole graph has been.
/// </remarks>
internal abstract class CollectionBody<TCollection, T> : ObjectBody
    where TCollection : class, IEnumerable<T>
{
    private Converter<T>? _item;

    public sealed override bool HasShell => true;

    /// <summary>Whether adding an item runs code of the item or of a comparer.</summary>
    protected virtual bool AddingRunsCode => false;

    /// <summary>Items are pairs of which only the key is hashed or compared.</summary>
    protected virtual bool IsKeyed => false;

    protected Converter<T> Item => _item ??= Converters<T>.Instance;

    protected abstract int Count(TCollection collection);

    protected abstract TCollection Create(object? comparer);

    protected abstract void Add(TCollection collection, T item);

    /// <summary>The fields of a class that derives from the collection; null for the collection itself.</summary>
    protected virtual OwnFields? Own => null;

    protected virtual object? ComparerOf(TCollection collection) => null;

    /// <summary>The items in an order in which adding them gives the same collection.</summary>
    protected virtual IEnumerable<T> ItemsOf(TCollection collection) => collection;

    /// <summary>Makes room, where the collection can.</summary>
    protected virtual void Reserve(TCollection collection, int count)
    {
    }

    public sealed override void WriteHead(ref GraphWriter writer, object value)
    {
        if (AddingRunsCode)
            ComparerCodec.Write(ref writer, ComparerOf((TCollection)value), IsKeyed ? Compared<T>.Key : typeof(T));
    }

    public sealed override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        minimumBodySize = 1;
        if (!AddingRunsCode)
            return Create(null);

        int unfinished = reader.Unfinished;
        TCollection collection = Create(ComparerCodec.Read(ref reader));
        if (reader.Unfinished != unfinished)
            reader.Tables.MustWait(collection);

        return collection;
    }

    public sealed override void Write(ref GraphWriter writer, object value)
    {
        var collection = (TCollection)value;
        int expected = Count(collection);
        writer.WriteVarint((uint)expected);
        int at = 0;
        foreach (T item in ItemsOf(collection))
        {
            try
            {
                Item.Write(ref writer, item);
            }
            catch (CallSerializationException e) when (e.Under($"[{at}]"))
            {
                throw;
            }

            at++;
        }

        if (at != expected)
            throw new InvalidOperationException($"The {TypeDisplay.NameOf(Type)} was changed by another thread while it was written.");

        Own?.Write(ref writer, value);
    }

    public sealed override void Fill(ref GraphReader reader, object shell)
    {
        var collection = (TCollection)shell;
        int count = reader.ReadCount(Item.MinimumSize);
        Reserve(collection, count);
        bool whole = !reader.Tables.Waits(shell);
        if (!AddingRunsCode || (whole && (IsKeyed ? Item.KeyIsSelfContained : Item.IsSelfContained)))
        {
            for (int i = 0; i < count; i++)
                Add(collection, Item.Read(ref reader));

            Own?.Read(ref reader, shell);
            return;
        }

        var items = new T[count];
        for (int i = 0; i < count; i++)
            items[i] = IsKeyed ? Item.ReadEntry(ref reader, ref whole) : Item.ReadItem(ref reader, ref whole);

        Own?.Read(ref reader, shell);
        if (whole)
            AddAll(collection, items);
        else
            reader.Tables.AtTheEnd(() => AddAll(collection, items));
    }

    private void AddAll(TCollection collection, T[] items)
    {
        foreach (T item in items)
            Add(collection, item);
    }
}

/// <summary>A collection that can only be made from its complete items: the immutable and frozen ones.</summary>
internal abstract class SealedCollectionBody<TCollection, T> : ObjectBody
    where TCollection : class, IEnumerable<T>
{
    private Converter<T>? _item;

    protected virtual bool MakingRunsCode => false;

    /// <inheritdoc cref="CollectionBody{TCollection, T}.IsKeyed"/>
    protected virtual bool IsKeyed => false;

    protected virtual int Comparers => 0;

    protected Converter<T> Item => _item ??= Converters<T>.Instance;

    protected abstract TCollection Make(T[] items, object? comparer, object? secondComparer);

    protected virtual (object? First, object? Second) ComparersOf(TCollection collection) => default;

    protected virtual IEnumerable<T> ItemsOf(TCollection collection) => collection;

    /// <summary>What is hashed of an item; null where items are ordered, or not looked at.</summary>
    protected virtual object? HashedOf(T item) => null;

    public sealed override void Write(ref GraphWriter writer, object value)
    {
        var collection = (TCollection)value;
        (object? first, object? second) = ComparersOf(collection);
        int unfinished = writer.Unfinished;
        if (Comparers > 0)
            ComparerCodec.Write(ref writer, first, IsKeyed ? Compared<T>.Key : typeof(T));

        bool comparerIsWhole = writer.Unfinished == unfinished;
        if (Comparers > 1)
            ComparerCodec.Write(ref writer, second, Compared<T>.Value);

        T[] items = [.. ItemsOf(collection)];
        writer.WriteVarint((uint)items.Length);
        bool whole = true;
        for (int i = 0; i < items.Length; i++)
        {
            try
            {
                if (IsKeyed)
                    Item.WriteEntry(ref writer, items[i], ref whole);
                else
                    Item.WriteItem(ref writer, items[i], ref whole);
            }
            catch (CallSerializationException e) when (e.Under($"[{i}]"))
            {
                throw;
            }
        }

        if (!MayBeMade(items, first, comparerIsWhole, whole))
            throw CallSerializationException.Refused(Type, $"its {(comparerIsWhole ? "keys are" : "comparer is")} part of a cycle or nested very deep, and so not complete when it has to be made from them.");
    }

    public sealed override object Read(ref GraphReader reader)
    {
        int unfinished = reader.Unfinished;
        object? first = Comparers > 0 ? ComparerCodec.Read(ref reader) : null;
        bool comparerIsWhole = reader.Unfinished == unfinished;
        object? second = Comparers > 1 ? ComparerCodec.Read(ref reader) : null;
        int count = reader.ReadCount(Item.MinimumSize);
        bool whole = true;
        var items = new T[count];
        for (int i = 0; i < count; i++)
            items[i] = IsKeyed ? Item.ReadEntry(ref reader, ref whole) : Item.ReadItem(ref reader, ref whole);

        if (!MayBeMade(items, first, comparerIsWhole, whole))
            throw CallSerializationException.Malformed($"the keys of a {TypeDisplay.NameOf(Type)} are not complete");

        return Make(items, first, second);
    }

    private bool MayBeMade(T[] items, object? comparer, bool comparerIsWhole, bool itemsAreWhole) =>
        !MakingRunsCode || items.Length == 0
        || (comparerIsWhole && (itemsAreWhole || (IsKeyed ? Item.KeyIsSelfContained : Item.IsSelfContained) || comparer is ReferenceEqualityComparer
            || (ComparerCodec.IsOfObjects(comparer) && Array.TrueForAll(items, item => IdentityHash.IsOf(HashedOf(item))))));
}

/// <summary>The parts of the items of a keyed collection.</summary>
internal static class Compared<T>
{
    public static readonly Type Key = PartOf(0);

    public static readonly Type Value = PartOf(1);

    private static Type PartOf(int at) =>
        typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(KeyValuePair<,>) ? typeof(T).GetGenericArguments()[at] : typeof(T);
}
