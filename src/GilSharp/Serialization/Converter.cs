namespace GilSharp.Serialization;

/// <summary>Writes and reads values of one declared type.</summary>
internal abstract class Converter
{
    /// <summary>The least number of bytes that a value takes: bounds what a forged count can make the reader allocate.</summary>
    public virtual int MinimumSize => 1;

    /// <summary>Whether equality and hash code of a value depend on nothing that may still be incomplete while a graph is read.</summary>
    public virtual bool IsSelfContained => false;

    /// <summary>The same of what a keyed collection compares: of a pair the key alone.</summary>
    public virtual bool KeyIsSelfContained => IsSelfContained;

    public abstract void WriteBoxed(ref GraphWriter writer, object? value);

    public abstract object? ReadBoxed(ref GraphReader reader);
}

/// <inheritdoc/>
internal abstract class Converter<T> : Converter
{
    public abstract void Write(ref GraphWriter writer, T value);

    public abstract T Read(ref GraphReader reader);

    /// <summary>Writes an item of a collection. It is not whole: <paramref name="whole"/> becomes false.</summary>
    public void WriteItem(ref GraphWriter writer, T item, ref bool whole)
    {
        int unfinished = writer.Unfinished;
        Write(ref writer, item);
        whole &= writer.Unfinished == unfinished;
    }

    /// <summary>Reads what <see cref="WriteItem"/> wrote.</summary>
    public T ReadItem(ref GraphReader reader, ref bool whole)
    {
        int unfinished = reader.Unfinished;
        T item = Read(ref reader);
        whole &= reader.Unfinished == unfinished;
        return item;
    }

    /// <summary>The same for an item of a keyed collection: what is no key may be unfinished.</summary>
    public virtual void WriteEntry(ref GraphWriter writer, T item, ref bool whole) => WriteItem(ref writer, item, ref whole);

    /// <summary>Reads what <see cref="WriteEntry"/> wrote.</summary>
    public virtual T ReadEntry(ref GraphReader reader, ref bool whole) => ReadItem(ref reader, ref whole);

    public sealed override void WriteBoxed(ref GraphWriter writer, object? value) => Write(ref writer, (T)value!);

    public sealed override object? ReadBoxed(ref GraphReader reader) => Read(ref reader);
}
