using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace GilSharp.Serialization;

/// <summary>Reads what <see cref="GraphWriter"/> wrote. Believes nothing: each count is compared with the bytes that are left before anything is allocated.</summary>
internal ref partial struct GraphReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;
    private int _depth;
    private int _unfinished;
    private long _reserved;
    private ReaderTables? _tables;
    private readonly IPayloadSerializer? _capturedBy;

    public GraphReader(ReadOnlySpan<byte> data, IPayloadSerializer? capturedBy = null)
    {
        _data = data;
        _capturedBy = capturedBy;
    }

    public readonly int Remaining => _data.Length - _position;

    public T ReadUnmanaged<T>()
    {
        int size = Unsafe.SizeOf<T>();
        if (Remaining < size)
            throw Ended();

        T value = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_data), _position));
        _position += size;
        return value;
    }

    public byte ReadByte()
    {
        if (_position >= _data.Length)
            throw Ended();

        return _data[_position++];
    }

    public uint ReadVarint()
    {
        uint first = ReadByte();
        if (first < 0x80)
            return first;

        uint value = first & 0x7F;
        for (int shift = 7; shift <= 28; shift += 7)
        {
            uint next = ReadByte();
            if (shift == 28 && next > 0x0F)
                break;

            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw CallSerializationException.Malformed("a number is longer than five bytes");
    }

    /// <summary>A count of items that take at least so many bytes each: refused if the bytes can't be there.</summary>
    public int ReadCount(int minimumItemSize)
    {
        uint count = ReadVarint();
        EnsureRoomFor(count, minimumItemSize);
        return (int)count;
    }

    public readonly void EnsureRoomFor(long count, int minimumItemSize)
    {
        if (count > int.MaxValue || count * Math.Max(minimumItemSize, 1) > Remaining - Reserved)
            throw CallSerializationException.Malformed($"{count} items of {minimumItemSize} bytes or more are announced, {Remaining} bytes are left");
    }

    public string? ReadString()
    {
        uint header = ReadVarint();
        if (header == 0)
            return null;

        bool wide = ((header - 1) & 1) != 0;
        int length = (int)((header - 1) >> 1);
        if (length == 0)
            return "";

        if (!wide)
        {
            ReadOnlySpan<byte> ascii = ReadRaw(length);
            if (!Ascii.IsValid(ascii))
                throw CallSerializationException.Malformed("a byte of an ASCII string is larger than 127");

            return string.Create(length, ascii, static (characters, bytes) => Ascii.ToUtf16(bytes, characters, out _));
        }

        EnsureRoomFor(length, sizeof(char));
        return string.Create(length, ReadRaw((long)length * sizeof(char)), static (characters, bytes) => bytes.CopyTo(MemoryMarshal.AsBytes(characters)));
    }

    /// <summary>A string that no writer leaves out.</summary>
    public string ReadText() => ReadString() ?? throw CallSerializationException.Malformed("a name is missing");

    public ReadOnlySpan<byte> ReadRaw(long count)
    {
        if ((ulong)count > (ulong)Remaining)
            throw Ended();

        ReadOnlySpan<byte> bytes = _data.Slice(_position, (int)count);
        _position += (int)count;
        return bytes;
    }

    public ReadOnlySpan<byte> ReadBlob() => ReadRaw(ReadVarint());

    public readonly void EnsureAtEnd()
    {
        if (Remaining != 0)
            throw CallSerializationException.Malformed($"{Remaining} bytes are left over");
    }

    private static CallSerializationException Ended() => CallSerializationException.Malformed("they end too early");
}
