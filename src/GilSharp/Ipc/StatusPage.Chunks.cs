using System.Runtime.CompilerServices;

namespace GilSharp.Ipc;

/// <summary>What the page says of the chunk that runs: which of its items have started, and the results that were not sent yet.</summary>
/// <remarks>
/// One word holds the items, so that the worker, which starts the next, and the parent, which takes the last ones back for another worker, agree:
/// <code>
///  63            40 39              20 19               0
///  +---------------+------------------+------------------+
///  | low id of call|  items it keeps  |  items started   |     started ≤ kept; equal: nothing is left to start or to take back
///  +---------------+------------------+------------------+
/// </code>
/// Surprising row: the id of an earlier call, which means that no item of the running one has started. Results are written first and counted
/// afterwards: what is counted is whole, also when the worker is killed in between.
/// </remarks>
internal sealed unsafe partial class StatusPage
{
    /// <summary>How many items a chunk may have.</summary>
    internal const int MostItems = (1 << ItemBits) - 1;

    /// <summary>How many bytes of results may wait to be sent.</summary>
    internal const int ResultsLength = 64 * 1024;

    private const int ItemBits = 20;

    // The worker's side.

    /// <summary>Where results are collected, as the frame that will be sent.</summary>
    internal Span<byte> Results => new(_page + PageLength, ResultsLength);

    /// <summary>A chunk begins: no item has started, no result is there.</summary>
    internal void BeginChunk(long callId, int items)
    {
        CountResults(0);
        Volatile.Write(ref Word(ResultsOfAt), callId);
        Volatile.Write(ref Word(ItemsAt), ItemsWord(callId, items, 0));
    }

    /// <summary>True if there is another item to run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryStartItem()
    {
        ref long word = ref Word(ItemsAt);
        long seen = Volatile.Read(ref word);
        while (Begun(seen) < Kept(seen))
        {
            long found = Interlocked.CompareExchange(ref word, seen + 1, seen);
            if (found == seen) return true;
            seen = found; // the parent took some back
        }

        return false;
    }

    internal void CountResults(int bytes) => Volatile.Write(ref Word(ResultsCountAt), bytes);

    // The parent's side.

    /// <summary>How many items of a call's chunk have started.</summary>
    internal int StartedItems(long callId)
    {
        long word = Volatile.Read(ref Word(ItemsAt));
        return IsOf(word, callId) ? Begun(word) : 0;
    }

    /// <summary>The results that a worker that is gone had not sent: the payload of a frame, or nothing.</summary>
    internal byte[] UnsentResults(long callId)
    {
        int count = (int)Math.Clamp(Volatile.Read(ref Word(ResultsCountAt)), 0, ResultsLength);
        return Volatile.Read(ref Word(ResultsOfAt)) == callId && count > FrameHeader.Size
            ? new ReadOnlySpan<byte>(_page + PageLength + FrameHeader.Size, count - FrameHeader.Size).ToArray()
            : [];
    }

    /// <summary>Takes back the later half, or all, of the items that have not started.</summary>
    /// <returns>How many items the chunk keeps; -1 if it isn't running.</returns>
    internal int Shorten(long callId, bool all)
    {
        ref long word = ref Word(ItemsAt);
        while (RunningCall == callId)
        {
            long seen = Volatile.Read(ref word);
            if (!IsOf(seen, callId)) return -1;
            int left = Kept(seen) - Begun(seen);
            int kept = all ? Begun(seen) : Begun(seen) + (left / 2);
            if (left == 0 || Interlocked.CompareExchange(ref word, ItemsWord(callId, kept, Begun(seen)), seen) == seen) return kept;
        }

        return -1;
    }

    private static long ItemsWord(long callId, int kept, int started) => (callId << (2 * ItemBits)) | ((long)kept << ItemBits) | (uint)started;

    private static bool IsOf(long word, long callId) => (ulong)word >> (2 * ItemBits) == (ulong)(callId << (2 * ItemBits)) >> (2 * ItemBits);

    private static int Kept(long word) => (int)(word >> ItemBits) & MostItems;

    private static int Begun(long word) => (int)word & MostItems;
}
