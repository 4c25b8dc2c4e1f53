using System.Buffers;

namespace GilSharp.Processes.Calls;

/// <summary>Where the arguments of waiting calls lie: many small ones in one array, which the garbage collector takes when the last has ended.</summary>
/// <remarks>One writer at a time: each thread has its own. A call needs no array of its own, and a million waiting calls are few objects.</remarks>
internal sealed class PayloadSlab : IBufferWriter<byte>
{
    private const int SlabSize = 64 * 1024;

    [ThreadStatic]
    private static PayloadSlab? t_slab;

    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private bool _inUse;

    /// <summary>The calling thread's slab; a fresh one if a serializer comes back to the pool while it writes.</summary>
    internal static PayloadSlab Rent()
    {
        PayloadSlab slab = t_slab ??= new PayloadSlab();
        if (slab._inUse) slab = new PayloadSlab();
        slab._inUse = true;
        slab._start = slab._end;
        return slab;
    }

    /// <summary>How much has been written.</summary>
    internal int Count => _end - _start;

    /// <summary>Ends the writing and gives what was written.</summary>
    internal ReadOnlyMemory<byte> Finish()
    {
        _inUse = false;
        ReadOnlyMemory<byte> written = _bytes.AsMemory(_start, _end - _start);
        if (_bytes.Length > SlabSize) (_bytes, _start, _end) = ([], 0, 0); // a large payload has its array to itself
        return written;
    }

    /// <summary>Ends the writing of something that can't be sent.</summary>
    internal void Abandon()
    {
        _inUse = false;
        _end = _start;
        if (_bytes.Length > SlabSize) (_bytes, _start, _end) = ([], 0, 0);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _end);
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_end);
    }

    internal void Write(int value)
    {
        BitConverter.TryWriteBytes(GetSpan(sizeof(int)), value);
        _end += sizeof(int);
    }

    internal int ReserveLength()
    {
        int at = _end - _start;
        Write(0);
        return at;
    }

    internal void FillLength(int at) => BitConverter.TryWriteBytes(_bytes.AsSpan(_start + at), _end - _start - at - sizeof(int));

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _end >= needed) return;
        int written = _end - _start;
        long wanted = (long)written + needed;
        if (wanted > SlabSize) wanted = Math.Min(Math.Max(wanted, 2L * written), Array.MaxLength);
        byte[] fresh = GC.AllocateUninitializedArray<byte>((int)Math.Max(wanted, SlabSize));
        _bytes.AsSpan(_start, written).CopyTo(fresh);
        (_bytes, _start, _end) = (fresh, 0, written);
    }
}
