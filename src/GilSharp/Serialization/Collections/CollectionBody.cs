namespace GilSharp.Serialization;

/// <summary>A collection that is rebuilt: its comparer, then its items, added one by one. Its buckets and trees do not travel.</summary>
/// <remarks>
/// String hashes differ from process to process, and so do identity hashes. Items whose hash or order is computed from objects that may still be
/// incomplete are added when the whole graph has been read.
/// </remarks>
internal abstract class CollectionBody<TCollection, T> : ObjectBody
    where TCollection : class, IEnumerable<T>
{
    private Converter<T>? _item;

    public sealed override bool HasShell => true;

    /// <summary>Whether adding an item runs code of the item or of a comparer.</summary>
    protected virtual bool AddingRunsCode => false;

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
            ComparerCodec.Write(ref writer, ComparerOf((TCollection)value));
    }

    public sealed override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        minimumBodySize = 1;
        return Create(AddingRunsCode ? ComparerCodec.Read(ref reader) : null);
    }

    public sealed override void Write(ref GraphWriter writer, object value)
    {
        var collection = (TCollection)value;
        int expected = Count(collection);
        writer.WriteVarint((uint)expected);
        if (AddingRunsCode && !Item.IsSelfContained)
            writer.MarkUnfinished();

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
        if (!AddingRunsCode || Item.IsSelfContained)
        {
            for (int i = 0; i < count; i++)
                Add(collection, Item.Read(ref reader));

            Own?.Read(ref reader, shell);
            return;
        }

        var items = new T[count];
        for (int i = 0; i < count; i++)
            items[i] = Item.Read(ref reader);

        Own?.Read(ref reader, shell);
        reader.MarkUnfinished();
        reader.Tables.AtTheEnd(() =>
        {
            foreach (T item in items)
                Add(collection, item);
        });
    }
}

/// <summary>A collection that can only be made from its complete items: the immutable and frozen ones.</summary>
internal abstract class SealedCollectionBody<TCollection, T> : ObjectBody
    where TCollection : class, IEnumerable<T>
{
    private Converter<T>? _item;

    protected virtual bool MakingRunsCode => false;

    protected virtual int Comparers => 0;

    protected Converter<T> Item => _item ??= Converters<T>.Instance;

    protected abstract TCollection Make(T[] items, object? comparer, object? secondComparer);

    protected virtual (object? First, object? Second) ComparersOf(TCollection collection) => default;

    protected virtual IEnumerable<T> ItemsOf(TCollection collection) => collection;

    public sealed override void Write(ref GraphWriter writer, object value)
    {
        var collection = (TCollection)value;
        (object? first, object? second) = ComparersOf(collection);
        if (Comparers > 0)
            ComparerCodec.Write(ref writer, first);

        if (Comparers > 1)
            ComparerCodec.Write(ref writer, second);

        T[] items = [.. ItemsOf(collection)];
        writer.WriteVarint((uint)items.Length);
        int unfinished = writer.Unfinished;
        for (int i = 0; i < items.Length; i++)
        {
            try
            {
                Item.Write(ref writer, items[i]);
            }
            catch (CallSerializationException e) when (e.Under($"[{i}]"))
            {
                throw;
            }
        }

        if (MakingRunsCode && !Item.IsSelfContained && writer.Unfinished != unfinished)
            throw CallSerializationException.Refused(Type, "its keys are part of a cycle or nested very deep, so that they are not complete when it has to be made from them.");
    }

    public sealed override object Read(ref GraphReader reader)
    {
        object? first = Comparers > 0 ? ComparerCodec.Read(ref reader) : null;
        object? second = Comparers > 1 ? ComparerCodec.Read(ref reader) : null;
        int count = reader.ReadCount(Item.MinimumSize);
        int unfinished = reader.Unfinished;
        var items = new T[count];
        for (int i = 0; i < count; i++)
            items[i] = Item.Read(ref reader);

        if (MakingRunsCode && !Item.IsSelfContained && reader.Unfinished != unfinished)
            throw CallSerializationException.Malformed($"the keys of a {TypeDisplay.NameOf(Type)} are not complete");

        return Make(items, first, second);
    }
}
