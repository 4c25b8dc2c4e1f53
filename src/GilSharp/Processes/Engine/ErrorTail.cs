using System.Text;

namespace GilSharp.Processes.Engine;

/// <summary>The last 4 KiB of a stream.</summary>
internal sealed class ErrorTail
{
    private const int Kept = 4096;

    private readonly byte[] _ring = new byte[Kept];
    private long _total;

    internal string Text
    {
        get
        {
            int count = (int)Math.Min(_total, Kept);
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) bytes[i] = _ring[(_total - count + i) % Kept];
            int start = 0;
            while (start < count && _total > Kept && (bytes[start] & 0xC0) == 0x80) start++; // not in the middle of a character
            return Encoding.UTF8.GetString(bytes, start, count - start);
        }
    }

    internal void Add(ReadOnlySpan<byte> piece)
    {
        foreach (byte value in piece) _ring[_total++ % Kept] = value;
    }
}
