using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>A window on memory travels as the part that it shows; what lies outside stays behind.</summary>
internal sealed class MemoryConverter<T> : Converter<Memory<T>>
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, Memory<T> value)
    {
        T[]? whole = MemoryMarshal.TryGetArray<T>(value, out ArraySegment<T> segment) && segment.Count == segment.Array!.Length ? segment.Array : value.ToArray();
        writer.WriteReference(whole, typeof(T[]), ref _body);
    }

    public override Memory<T> Read(ref GraphReader reader) => (T[]?)reader.ReadReference(typeof(T[]), ref _body);
}

/// <inheritdoc cref="MemoryConverter{T}"/>
internal sealed class ReadOnlyMemoryConverter<T> : Converter<ReadOnlyMemory<T>>
{
    private readonly MemoryConverter<T> _inner = new();
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, ReadOnlyMemory<T> value) => _inner.Write(ref writer, MemoryMarshal.AsMemory(value));

    // Not as memory that can be written: it may be a string[] for a T that is object.
    public override ReadOnlyMemory<T> Read(ref GraphReader reader) => (T[]?)reader.ReadReference(typeof(T[]), ref _body);
}

/// <summary>An array segment shows its array, so the whole array travels, shared with whoever else refers to it.</summary>
internal sealed class ArraySegmentConverter<T> : Converter<ArraySegment<T>>
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, ArraySegment<T> value)
    {
        writer.WriteReference(value.Array, typeof(T[]), ref _body);
        if (value.Array is not null)
        {
            writer.WriteVarint((uint)value.Offset);
            writer.WriteVarint((uint)value.Count);
        }
    }

    public override ArraySegment<T> Read(ref GraphReader reader)
    {
        if ((T[]?)reader.ReadReference(typeof(T[]), ref _body) is not { } array)
            return default;

        uint offset = reader.ReadVarint();
        uint count = reader.ReadVarint();
        return offset <= array.Length && count <= array.Length - offset
            ? new ArraySegment<T>(array, (int)offset, (int)count)
            : throw CallSerializationException.Malformed($"a segment of {count} from {offset} of {array.Length} elements");
    }
}
