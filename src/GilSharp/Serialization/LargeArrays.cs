using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Sharing;

namespace GilSharp.Serialization;

/// <summary>Arrays that are copied once into memory that both sides have mapped, and once out of it, instead of going through the channel.</summary>
/// <remarks>
/// In the payload a count with its highest bit set, which no array reaches, is followed by the number of the region. An array's content is there
/// when the call is accepted, as with a payload of bytes: the caller may change its array at once.
/// </remarks>
internal static unsafe class LargeArrays
{
    /// <summary>From here on, in bytes. Below, the channel is as fast (docs/benchmarks/payload.md).</summary>
    internal const int Threshold = 256 * 1024;

    internal const uint Elsewhere = 0x8000_0000;

    /// <summary>The number of the region that has the content now; false if it goes the usual way.</summary>
    internal static bool TryMoveOut<T>(ref GraphWriter writer, T[] array, out long id)
    {
        id = 0;
        long bytes = (long)array.Length * Unsafe.SizeOf<T>();
        if (bytes < Threshold || writer.Regions?.TryLend(array, bytes) is not { } loan) return false;
        id = loan.Region.Id;
        fixed (byte* content = &Content(array)) loan.Region.CopyIn(content, bytes);
        return true;
    }

    /// <summary>Makes an array of what lies in a region.</summary>
    /// <exception cref="CallSerializationException">There is no such region, or it is too short.</exception>
    internal static T[] TakeIn<T>(uint count, long id)
    {
        IRegionChannel channel = CodecContext.Progress?.Regions ?? throw CallSerializationException.Malformed("memory is named outside of a call");
        using RefCounted<SharedRegion> handle = channel.Take(id);
        SharedRegion region = handle.Value;
        long bytes = (long)count * Unsafe.SizeOf<T>();
        if (count > (uint)Array.MaxLength || bytes > region.Bytes)
            throw CallSerializationException.Malformed($"an array of {count} elements is announced in a region of {region.Bytes} bytes");
        T[] array = GC.AllocateUninitializedArray<T>((int)count);
        fixed (byte* content = &Content(array)) region.CopyOut(content, bytes);
        channel.CountRead(bytes);
        return array;
    }

    private static ref byte Content<T>(T[] array) => ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array));
}
