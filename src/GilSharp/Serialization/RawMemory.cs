using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>Copies elements without references as the bytes they consist of, also when there are more than two billion of them.</summary>
internal static class RawMemory
{
    private const int Part = 1 << 20;

    public static void Write<T>(ref GraphWriter writer, ReadOnlySpan<T> elements)
    {
        int perPart = Math.Max(1, Part / Unsafe.SizeOf<T>());
        while (!elements.IsEmpty)
        {
            int count = Math.Min(elements.Length, perPart);
            writer.WriteRaw(Bytes(elements[..count]));
            elements = elements[count..];
        }
    }

    public static void Write<T>(ref GraphWriter writer, T[] elements) => Write(ref writer, (ReadOnlySpan<T>)elements);

    public static void Write<T>(ref GraphWriter writer, Span<T> elements) => Write(ref writer, (ReadOnlySpan<T>)elements);

    public static void Read<T>(ref GraphReader reader, Span<T> elements)
    {
        int perPart = Math.Max(1, Part / Unsafe.SizeOf<T>());
        while (!elements.IsEmpty)
        {
            int count = Math.Min(elements.Length, perPart);
            Span<T> part = elements[..count];
            reader.ReadRaw((long)count * Unsafe.SizeOf<T>()).CopyTo(
                MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(part)), count * Unsafe.SizeOf<T>()));
            elements = elements[count..];
        }
    }

    private static ReadOnlySpan<byte> Bytes<T>(ReadOnlySpan<T> elements) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(elements)), elements.Length * Unsafe.SizeOf<T>());
}
