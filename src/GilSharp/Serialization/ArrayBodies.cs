using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>Bodies for arrays: one dimension from zero, and all others.</summary>
internal static class ArrayBodies
{
    public static ObjectBody Create(Type type)
    {
        Type element = type.GetElementType()!;
        if (element.IsPointer || element.IsFunctionPointer)
            throw CallSerializationException.Refused(type, "an address means nothing in another process.");

        bool raw = Blittable.IsBlittable(element);
        object body = (type.IsSZArray, raw) switch
        {
            (true, true) => Mirror.Make(typeof(RawArrayBody<>), element),
            (true, false) => Mirror.Make(typeof(ArrayBody<>), element),
            (false, true) => Mirror.Make(typeof(RawGridBody<>), element),
            (false, false) => Mirror.Make(typeof(GridBody<>), element),
        };
        return ((ObjectBody)body).For(type);
    }
}

/// <summary>T[] of raw elements: the count and the memory.</summary>
/// <remarks>Of a large array the head may say that the memory is elsewhere; then it is copied with the head, and the content says so in one byte.</remarks>
internal sealed class RawArrayBody<T> : ObjectBody
{
    public override bool HasShell => true;

    public override void WriteHead(ref GraphWriter writer, object value)
    {
        var array = (T[])value;
        if (!LargeArrays.TryMoveOut(ref writer, array, out long id))
        {
            writer.WriteVarint((uint)array.Length);
            return;
        }

        writer.WriteVarint((uint)array.Length | LargeArrays.Elsewhere);
        writer.WriteUnmanaged(id);
    }

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        uint header = reader.ReadVarint();
        if ((header & LargeArrays.Elsewhere) != 0)
        {
            minimumBodySize = 1;
            return LargeArrays.TakeIn<T>(header & ~LargeArrays.Elsewhere, reader.ReadUnmanaged<long>());
        }

        reader.EnsureRoomFor(header, Unsafe.SizeOf<T>());
        int count = (int)header;
        minimumBodySize = (long)count * Unsafe.SizeOf<T>();

        // Never the shared empty array: two empty arrays stay two.
        return GC.AllocateUninitializedArray<T>(count);
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        var array = (T[])value;
        if (IsLarge(array))
        {
            bool lent = writer.Regions?.IsLent(array) == true;
            writer.WriteByte(lent ? (byte)1 : (byte)0);
            if (lent)
                return;
        }

        writer.Expect((long)array.Length * Unsafe.SizeOf<T>());
        RawMemory.Write(ref writer, array);
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        var array = (T[])shell;
        if (!IsLarge(array) || reader.ReadByte() == 0)
            RawMemory.Read(ref reader, array);
    }

    private static bool IsLarge(T[] array) => (long)array.Length * Unsafe.SizeOf<T>() >= LargeArrays.Threshold;
}

/// <summary>T[] of anything else: the count and each element.</summary>
internal sealed class ArrayBody<T> : ObjectBody
{
    private Converter<T> Element { get; } = Converters<T>.Instance;

    public override bool HasShell => true;

    public override void WriteHead(ref GraphWriter writer, object value) => writer.WriteVarint((uint)((Array)value).Length);

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        int count = reader.ReadCount(Element.MinimumSize);
        minimumBodySize = (long)count * Element.MinimumSize;
        return new T[count];
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        var array = (T[])value;
        for (int i = 0; i < array.Length; i++)
        {
            try
            {
                Element.Write(ref writer, array[i]);
            }
            catch (CallSerializationException e) when (e.Under($"[{i}]"))
            {
                throw;
            }
        }
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        var array = (T[])shell;
        for (int i = 0; i < array.Length; i++)
            array[i] = Element.Read(ref reader);
    }
}

/// <summary>What arrays of several dimensions, or with bounds of their own, have in common: rank is known by type; bounds travel.</summary>
internal abstract class GridBodyBase<T> : ObjectBody
{
    public override bool HasShell => true;

    protected abstract int ElementSize { get; }

    public override void WriteHead(ref GraphWriter writer, object value)
    {
        var array = (Array)value;
        for (int i = 0; i < array.Rank; i++)
        {
            writer.WriteUnmanaged(array.GetLowerBound(i));
            writer.WriteUnmanaged(array.GetLength(i));
        }
    }

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        int rank = Type.GetArrayRank();
        int[] lower = new int[rank];
        int[] lengths = new int[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++)
        {
            lower[i] = reader.ReadUnmanaged<int>();
            lengths[i] = reader.ReadUnmanaged<int>();
            if (lengths[i] < 0 || (long)lower[i] + lengths[i] > int.MaxValue)
                throw CallSerializationException.Malformed($"a dimension of {lengths[i]} elements from {lower[i]}");
        }

        bool isEmpty = Array.IndexOf(lengths, 0) >= 0; // then the other dimensions take no room
        for (int i = 0; i < rank; i++)
        {
            // Stays far below overflow: it is compared with the bytes that are left before the next factor comes.
            elements *= isEmpty ? 0 : lengths[i];
            reader.EnsureRoomFor(Math.Min(elements, int.MaxValue), elements == 0 ? 1 : ElementSize);
            if (elements > int.MaxValue)
                throw CallSerializationException.Malformed($"an array of {elements} elements");
        }

        minimumBodySize = elements * ElementSize;
        return Array.CreateInstanceFromArrayType(Type, lengths, lower);
    }

    /// <summary>All elements in the order of memory.</summary>
    protected static Span<T> Elements(object array) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference((Array)array)), ((Array)array).Length);
}

internal sealed class RawGridBody<T> : GridBodyBase<T>
{
    protected override int ElementSize => Unsafe.SizeOf<T>();

    public override void Write(ref GraphWriter writer, object value) => RawMemory.Write(ref writer, Elements(value));

    public override void Fill(ref GraphReader reader, object shell) => RawMemory.Read(ref reader, Elements(shell));
}

internal sealed class GridBody<T> : GridBodyBase<T>
{
    private Converter<T> Element { get; } = Converters<T>.Instance;

    protected override int ElementSize => Element.MinimumSize;

    public override void Write(ref GraphWriter writer, object value)
    {
        int length = ((Array)value).Length;
        for (int i = 0; i < length; i++)
        {
            try
            {
                Element.Write(ref writer, Elements(value)[i]);
            }
            catch (CallSerializationException e) when (e.Under($"[#{i}]"))
            {
                throw;
            }
        }
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        int length = ((Array)shell).Length;
        for (int i = 0; i < length; i++)
            Elements(shell)[i] = Element.Read(ref reader);
    }
}
