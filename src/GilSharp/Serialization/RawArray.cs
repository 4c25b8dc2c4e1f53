using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The short way for a top-level array of unmanaged elements; <see cref="Codec"/> is null for every other type.</summary>
internal static class RawArray<TArray>
{
    public static readonly RawArrayCodec<TArray>? Codec = Create();

    private static RawArrayCodec<TArray>? Create()
    {
        if (!typeof(TArray).IsSZArray)
            return null;

        // The usual ones by name, so that a worker's first call needs no reflection and an ahead-of-time compiler sees them.
        Type element = typeof(TArray).GetElementType()!;
        object? usual = element == typeof(byte) ? new RawArrayCodec<byte[], byte>()
            : element == typeof(int) ? new RawArrayCodec<int[], int>()
            : element == typeof(long) ? new RawArrayCodec<long[], long>()
            : element == typeof(float) ? new RawArrayCodec<float[], float>()
            : element == typeof(double) ? new RawArrayCodec<double[], double>()
            : element == typeof(char) ? new RawArrayCodec<char[], char>()
            : element == typeof(bool) ? new RawArrayCodec<bool[], bool>()
            : element == typeof(short) ? new RawArrayCodec<short[], short>()
            : element == typeof(uint) ? new RawArrayCodec<uint[], uint>()
            : element == typeof(ulong) ? new RawArrayCodec<ulong[], ulong>()
            : null;
        if (usual is not null)
            return (RawArrayCodec<TArray>)usual;

        return Blittable.IsBlittable(element) ? (RawArrayCodec<TArray>)Mirror.Make(typeof(RawArrayCodec<,>), typeof(TArray), element) : null;
    }
}

/// <summary>Writes and reads an array as length and memory.</summary>
internal abstract class RawArrayCodec<TArray>
{
    public abstract void Write(ref GraphWriter writer, TArray array);

    public abstract TArray Read(ref GraphReader reader);
}

/// <inheritdoc/>
internal sealed class RawArrayCodec<TArray, T> : RawArrayCodec<TArray>
{
    private static int ElementSize => Unsafe.SizeOf<T>();

    public override void Write(ref GraphWriter writer, TArray array)
    {
        var elements = (T[]?)(object?)array;
        if (elements is null)
        {
            writer.WriteVarint(0);
            return;
        }

        if (LargeArrays.TryMoveOut(ref writer, elements, out long id))
        {
            writer.WriteVarint(((uint)elements.Length + 1) | LargeArrays.Elsewhere);
            writer.WriteUnmanaged(id);
            return;
        }

        writer.WriteVarint((uint)elements.Length + 1);
        writer.Expect((long)elements.Length * ElementSize);
        RawMemory.Write(ref writer, elements);
    }

    public override TArray Read(ref GraphReader reader)
    {
        uint header = reader.ReadVarint();
        if (header == 0)
            return default!;

        if ((header & LargeArrays.Elsewhere) != 0)
            return (TArray)(object)LargeArrays.TakeIn<T>((header & ~LargeArrays.Elsewhere) - 1, reader.ReadUnmanaged<long>());

        reader.EnsureRoomFor(header - 1, ElementSize);
        TArray array = Allocate((int)(header - 1));
        RawMemory.Read(ref reader, (T[])(object)array!);
        return array;
    }

    private static TArray Allocate(int length) => (TArray)(object)(length == 0 ? [] : GC.AllocateUninitializedArray<T>(length));
}
