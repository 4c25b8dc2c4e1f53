using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GilSharp.Ipc;

/// <summary>A growing run of bytes that frames are written into.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private const int InitialCapacity = 1024;

    /// <summary>A buffer that had to hold one large frame gives the memory back afterwards.</summary>
    private const int KeptCapacity = 256 * 1024;

    private byte[] _bytes;
    private int _count;

    internal FrameBuffer(int capacity = InitialCapacity) => _bytes = GC.AllocateUninitializedArray<byte>(capacity);

    internal int Count => _count;

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _count);
        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_count);
    }

    // Not generic: instances of a generic method would have to be compiled in every process before its first call.
    internal void Write(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(GetSpan(sizeof(int)), value);
        _count += sizeof(int);
    }

    internal void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(GetSpan(sizeof(long)), value);
        _count += sizeof(long);
    }

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _count += bytes.Length;
    }

    /// <summary>Leaves room for a length that is known only after what follows has been written.</summary>
    internal int ReserveLength()
    {
        int at = _count;
        Write(0);
        return at;
    }

    /// <summary>Writes into the room at <paramref name="at"/> how many bytes came after it.</summary>
    internal void FillLength(int at) => MemoryMarshal.Write(_bytes.AsSpan(at), _count - at - sizeof(int));

    /// <summary>Writes into room that was left at <paramref name="at"/>.</summary>
    internal void Fill(int at, long value) => MemoryMarshal.Write(_bytes.AsSpan(at), in value);

    /// <summary>Opens a frame; <see cref="EndFrame"/> closes it.</summary>
    internal int BeginFrame()
    {
        int at = _count;
        Reserve(FrameHeader.Size);
        _count += FrameHeader.Size;
        return at;
    }

    internal void EndFrame(int at, FrameKind kind, long callId = 0, ushort slot = 0, CallFlags flags = CallFlags.None) =>
        new FrameHeader(kind, callId, slot, flags, _count - at - FrameHeader.Size).Write(_bytes.AsSpan(at));

    /// <summary>Forgets what was written after <paramref name="count"/>: a frame that could not be finished.</summary>
    internal void Truncate(int count) => _count = count;

    internal void Clear()
    {
        _count = 0;
        if (_bytes.Length > KeptCapacity) _bytes = GC.AllocateUninitializedArray<byte>(InitialCapacity);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _count < needed) Grow(needed);
    }

    private void Grow(int needed)
    {
        long wanted = Math.Max((long)_count + needed, Math.Min(2L * _bytes.Length, Array.MaxLength));
        if (wanted > Array.MaxLength) throw new CallSerializationException($"A payload of {wanted} bytes is larger than the largest frame, {Array.MaxLength} bytes.");
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)wanted);
        _bytes.AsSpan(0, _count).CopyTo(larger);
        _bytes = larger;
    }
}
