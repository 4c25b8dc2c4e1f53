namespace GilSharp.Serialization;

/// <summary>Writes and reads values of one declared type.</summary>
internal abstract class Converter
{
    /// <summary>The least number of bytes that a value takes: bounds what a forged count can make the reader allocate.</summary>
    public virtual int MinimumSize => 1;

    /// <summary>Whether equality and hash code of a value depend on nothing that may still be incomplete while a graph is read.</summary>
    public virtual bool IsSelfContained => false;

    public abstract void WriteBoxed(ref GraphWriter writer, object? value);

    public abstract object? ReadBoxed(ref GraphReader reader);
}

/// <inheritdoc/>
internal abstract class Converter<T> : Converter
{
    public abstract void Write(ref GraphWriter writer, T value);

    public abstract T Read(ref GraphReader reader);

    /// <summary>Writes an item of a collection. What is hashed or compared of it is not whole: <paramref name="whole"/> becomes false.</summary>
    public virtual void WriteItem(ref GraphWriter writer, T item, ref bool whole)
    {
        int unfinished = writer.Unfinished;
        Write(ref writer, item);
        whole &= writer.Unfinished == unfinished;
    }

    /// <summary>Reads what <see cref="WriteItem"/> wrote.</summary>
    public virtual T ReadItem(ref GraphReader reader, ref bool whole)
    {
        int unfinished = reader.Unfinished;
        T item = Read(ref reader);
        whole &= reader.Unfinished == unfinished;
        return item;
    }

    public sealed override void WriteBoxed(ref GraphWriter writer, object? value) => Write(ref writer, (T)value!);

    public sealed override object? ReadBoxed(ref GraphReader reader) => Read(ref reader);
}
