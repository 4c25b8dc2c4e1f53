using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GilSharp.Ipc;

/// <summary>Text inside frames: its length in characters, -1 for null, then UTF-16, so that every string arrives as it was.</summary>
internal static unsafe class WireText
{
    internal static void Write(IBufferWriter<byte> buffer, string? text)
    {
        Write(buffer, text?.Length ?? -1);
        if (text is not null) buffer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    internal static void Write(IBufferWriter<byte> buffer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(sizeof(int)), value);
        buffer.Advance(sizeof(int));
    }

    /// <exception cref="InvalidDataException">The length is beyond the frame's end.</exception>
    internal static string? Read(ref ReadOnlySpan<byte> from)
    {
        int length = from.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(from) : int.MaxValue;
        if (length < -1 || length > (from.Length - sizeof(int)) / sizeof(char)) throw new InvalidDataException($"A text of {length} characters is longer than its frame.");
        from = from[sizeof(int)..];
        if (length < 0) return null;
        string text;
        fixed (byte* characters = from) text = new string((char*)characters, 0, length); // a cast of the span would have to be compiled first
        from = from[(length * sizeof(char))..];
        return text;
    }
}
