namespace GilSharp.Ipc;

/// <summary>Cuts the bytes of one direction into frames.</summary>
/// <remarks>
/// The owner reads from the channel into <see cref="Room"/>, says how much with <see cref="Received"/> and takes frames while there are any.
/// A frame's payload is valid until the next call of <see cref="Room"/>.
/// </remarks>
internal sealed class FrameReader(FrameKinds kinds)
{
    private const int Capacity = 64 * 1024;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity);
    private int _start;
    private int _end;

    internal FrameReader() : this(FrameKinds.All)
    {
    }

    /// <summary>Bytes received since the beginning, for statistics.</summary>
    internal long TotalReceived { get; private set; }

    /// <summary>A frame has begun and not ended.</summary>
    internal bool HoldsPart => _end != _start;

    /// <summary>Where the next bytes go: at least one, and all of a frame whose header is there already.</summary>
    /// <exception cref="InvalidDataException">The header that arrived is no header.</exception>
    internal Span<byte> Room()
    {
        int held = _end - _start;
        int needed = held >= FrameHeader.Size ? checked(FrameHeader.Size + PeekHeader().Length) : Capacity;
        if (_start > 0 && (held == 0 || _bytes.Length - _start < needed)) MoveToFront(held);
        if (_bytes.Length < needed) Grow(needed);
        else if (held == 0 && _bytes.Length > 4 * Capacity) _bytes = GC.AllocateUninitializedArray<byte>(Capacity);
        return _bytes.AsSpan(_end);
    }

    /// <summary>Leaves the payload that was given out last to who has it: what comes next comes into other memory.</summary>
    internal void Detach()
    {
        int held = _end - _start;
        byte[] fresh = GC.AllocateUninitializedArray<byte>(Math.Max(Capacity, held));
        _bytes.AsSpan(_start, held).CopyTo(fresh);
        (_bytes, _start, _end) = (fresh, 0, held);
    }

    internal void Received(int count)
    {
        _end += count;
        TotalReceived += count;
    }

    /// <exception cref="InvalidDataException">The header that arrived is no header.</exception>
    internal bool TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload)
    {
        int held = _end - _start;
        payload = default;
        header = default;
        if (held < FrameHeader.Size) return false;
        header = PeekHeader();
        if (held - FrameHeader.Size < header.Length)
        {
            if (FrameKinds.IsBare(header.Kind)) throw new InvalidDataException($"A frame of kind {header.Kind} has no payload, and this one begins one of {header.Length} bytes.");
            return false;
        }

        payload = _bytes.AsMemory(_start + FrameHeader.Size, header.Length);
        _start += FrameHeader.Size + header.Length;
        return true;
    }

    /// <summary>The header of a frame that has begun and not ended, if that much of it is there. After all whole frames were taken.</summary>
    internal bool TryPeek(out FrameHeader header)
    {
        bool whole = _end - _start >= FrameHeader.Size;
        header = whole ? PeekHeader() : default;
        return whole;
    }

    /// <summary>Whether the next frame is there, whole, and of that kind. What is no frame is for who reads it.</summary>
    internal bool Has(FrameKind kind)
    {
        int payload = _end - _start - FrameHeader.Size;
        if (payload < 0) return false;
        FrameHeader header = FrameHeader.Read(_bytes.AsSpan(_start));
        return header.Kind == kind && (uint)header.Length <= (uint)payload;
    }

    private FrameHeader PeekHeader()
    {
        FrameHeader header = FrameHeader.Read(_bytes.AsSpan(_start));
        if ((uint)header.Length > FrameHeader.MaxLength || !kinds.Has(header.Kind))
            throw new InvalidDataException($"The channel carries no frame: length {header.Length}, kind {(byte)header.Kind}.");
        return header;
    }

    private void MoveToFront(int held)
    {
        _bytes.AsSpan(_start, held).CopyTo(_bytes);
        _start = 0;
        _end = held;
    }

    // Grows with what has arrived, not with what a header claims: a forged length costs its sender the bytes.
    private void Grow(int needed)
    {
        int held = _end - _start;
        if (_bytes.Length - _end > 0) return;
        Array.Resize(ref _bytes, (int)Math.Min(needed, Math.Max(4L * held, Capacity)));
    }
}
