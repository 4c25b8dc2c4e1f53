using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace GilSharp.Serialization;

/// <summary>Writes primitive pieces to a buffer writer and objects with their references.</summary>
/// <remarks>
/// A reference is a variable-length number: see <see cref="ReferenceToken"/>. Objects get numbers in the order in which they are first met, on both
/// sides alike.
/// </remarks>
internal ref partial struct GraphWriter
{
    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;
    private int _depth;
    private int _unfinished;
    private WriterTables? _tables;
    private readonly IPayloadSerializer? _capturedBy;

    public GraphWriter(IBufferWriter<byte> output, IPayloadSerializer? capturedBy = null)
    {
        _output = output;
        _capturedBy = capturedBy;
    }

    public readonly IBufferWriter<byte> Output => _output;

    /// <summary>The way for memory that this payload names; null where nothing may be named.</summary>
    public readonly IRegionChannel? Regions => CodecContext.Progress?.Regions is { } regions && regions.MayCarry(_output) ? regions : null;

    /// <summary>So many bytes come next: a growing buffer grows once.</summary>
    public void Expect(long bytes)
    {
        if (bytes > _span.Length - _used && bytes <= Array.MaxLength)
            Grow((int)bytes);
    }

    /// <summary>Hands what was written to the buffer writer; nothing counts as written before.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);

        _used = 0;
        _span = default;
    }

    public void WriteUnmanaged<T>(T value)
    {
        Unsafe.WriteUnaligned(ref Claim(Unsafe.SizeOf<T>()), value);
    }

    public void WriteByte(byte value) => Claim(1) = value;

    public void WriteVarint(uint value)
    {
        if (value < 0x80)
        {
            Claim(1) = (byte)value;
            return;
        }

        while (value >= 0x80)
        {
            Claim(1) = (byte)(value | 0x80);
            value >>= 7;
        }

        Claim(1) = (byte)value;
    }

    /// <summary>Null is 0; else (length, and whether a character takes two bytes) + 1. UTF-16 keeps lone surrogates.</summary>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteByte(0);
            return;
        }

        bool ascii = Ascii.IsValid(value);
        ulong header = (((ulong)value.Length << 1) | (ascii ? 0u : 1u)) + 1;
        WriteVarint((uint)header);
        if (!ascii)
        {
            WriteRaw(MemoryMarshal.AsBytes(value.AsSpan()));
            return;
        }

        ReadOnlySpan<char> rest = value;
        while (!rest.IsEmpty)
        {
            if (_span.Length == _used)
                Grow(1);

            int part = Math.Min(rest.Length, _span.Length - _used);
            _ = Ascii.FromUtf16(rest[..part], _span.Slice(_used, part), out _);
            _used += part;
            rest = rest[part..];
        }
    }

    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_span.Length == _used)
                Grow(Math.Min(bytes.Length, 64 * 1024));

            int part = Math.Min(bytes.Length, _span.Length - _used);
            bytes[..part].CopyTo(_span[_used..]);
            _used += part;
            bytes = bytes[part..];
        }
    }

    public void WriteBlob(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((uint)bytes.Length);
        WriteRaw(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte Claim(int count)
    {
        if (_span.Length - _used < count)
            Grow(count);

        ref byte place = ref Unsafe.Add(ref MemoryMarshal.GetReference(_span), _used);
        _used += count;
        return ref place;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        _span = _output.GetSpan(count);
        if (_span.Length < count)
            throw new InvalidOperationException($"The buffer writer gave {_span.Length} bytes where {count} were asked for.");
    }
}
