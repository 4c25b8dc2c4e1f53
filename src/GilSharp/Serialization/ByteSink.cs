using System.Buffers;

namespace GilSharp.Serialization;

/// <summary>A growing array of bytes that can be emptied and filled again.</summary>
internal sealed class ByteSink : IBufferWriter<byte>
{
    private const int KeptAtMost = 1 << 20;

    [ThreadStatic]
    private static ByteSink? t_spare;

    private byte[] _bytes = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>An empty sink of this thread; give it back when done. Nested rents get sinks of their own.</summary>
    public static ByteSink Rent()
    {
        ByteSink sink = t_spare ?? new ByteSink();
        t_spare = null;
        return sink;
    }

    public void Return()
    {
        _length = 0;
        if (_bytes.Length <= KeptAtMost)
            t_spare = this;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, 1);
        if (_bytes.Length - _length >= wanted)
            return;

        long larger = Math.Max((long)_bytes.Length * 2, (long)_length + wanted);
        Array.Resize(ref _bytes, (int)Math.Min(larger, Math.Max(Array.MaxLength, (long)_length + wanted)));
    }
}
