namespace GilSharp.Processes.Maps;

/// <summary>How many items travel together: so many that the way costs little, so few that nobody waits for them.</summary>
/// <remarks>
/// A chunk shall take about two milliseconds: fifty times what it costs to send one. Work that takes longer travels item by item. Sizes grow from
/// one by at most eight times, and shrink at once. Towards the end of an input of known length the rest is shared evenly, and an input that yields
/// slowly is not waited for. Used by the map under its lock.
/// </remarks>
internal sealed class ChunkSizer(int fixedSize, int bufferSize, bool single)
{
    private const int AimMicroseconds = 2_000;
    private const int MostItems = 1 << 16;
    private const int MostGrowth = 8;

    private int _size = 1;
    private int _most = MostItems;

    /// <summary>How many items may have been read and not consumed.</summary>
    internal int Budget(int workers) =>
        bufferSize > 0 ? bufferSize : (int)Math.Min(int.MaxValue, 4L * workers * (single ? 1 : fixedSize > 0 ? fixedSize : _size));

    internal int Next(int workers, int? left)
    {
        if (single) return 1;
        int size = fixedSize > 0 ? Math.Min(fixedSize, Ipc.StatusPage.MostItems) : Math.Min(_size, _most);
        if (bufferSize > 0) size = Math.Min(size, fixedSize > 0 ? bufferSize : Math.Max(1, bufferSize / workers));
        if (fixedSize == 0 && left is { } rest) size = Math.Min(size, Math.Max(1, rest / (2 * workers)));
        return size;
    }

    /// <summary>A worker took so long for a chunk.</summary>
    internal void Took(int items, int microseconds)
    {
        if (items == 0) return;
        long wanted = Math.Clamp((long)items * AimMicroseconds / Math.Max(1, microseconds), 1, (long)items * MostGrowth);
        if (wanted < _size && items < _size / 2) wanted = Math.Max(wanted, _size / 2); // the small ones at the end say little
        _size = (int)Math.Min(wanted > _size ? Math.Min(wanted, (long)_size * MostGrowth) : wanted, MostItems);
    }

    /// <summary>The input took so long to yield a chunk, whose items could have been at work already.</summary>
    internal void Yielded(int items, long microseconds) =>
        _most = (int)Math.Clamp((long)items * AimMicroseconds / Math.Max(1, microseconds), 1, MostItems);
}
