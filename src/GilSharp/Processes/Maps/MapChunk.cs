using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Serialization;

namespace GilSharp.Processes.Maps;

/// <summary>Neighbouring items of a map that travel as one call, and what has come of them.</summary>
/// <remarks>
/// Items settle from the first to the last. Whoever has the call (its worker's reader, the engine when it ends the call) settles them; the map's
/// lock guards the rest. When a chunk loses its later items, to a free worker or with its own worker, these become a chunk behind it.
/// </remarks>
internal sealed class MapChunk<TItem, TResult>(MapRun<TItem, TResult> map, TItem[] items, long first, int attempt) : ChunkCall
{
    private TResult[]? _values;
    private int _valuesAt;

    internal TItem[] Items => items;

    /// <summary>The place of its first item in the input.</summary>
    internal long First => first;

    /// <summary>How often its items are being tried, this time included.</summary>
    internal int Attempt => attempt;

    /// <summary>How many of the items are still its own; guarded by the map's lock.</summary>
    internal int Count { get; set; } = items.Length;

    /// <summary>How many of them have a result or an error.</summary>
    internal int Settled { get; private set; }

    /// <summary>The errors of items, if any.</summary>
    internal Exception?[]? Errors { get; private set; }

    // Guarded by the map's lock.
    internal MapChunk<TItem, TResult>? Next { get; set; }

    internal bool IsDone { get; set; }

    /// <summary>True if items were taken from it that no other chunk has: the map was stopped.</summary>
    internal bool IsCut { get; set; }

    internal int OutstandingAt { get; set; } = -1;

    internal TResult ValueOf(int item) => _values![_valuesAt + item];

    internal ReadOnlySpan<TResult> Values => _values is null ? default : _values.AsSpan(_valuesAt, Count);

    internal override void TakeResults(ReadOnlyMemory<byte> payload) => Take(payload, again: false);

    // What a worker left when it died may have come before; a worker that lives says each item once, in order.
    private void Take(ReadOnlyMemory<byte> payload, bool again)
    {
        ReadOnlySpan<byte> rest = payload.Span;
        int item = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (item < 0 || (again ? item > Settled : item != Settled))
            throw new InvalidDataException($"Results from item {item} on were sent where item {Settled} was due.");
        Microseconds = BinaryPrimitives.ReadInt32LittleEndian(rest[sizeof(int)..]);
        int at = ChunkFormat.HeaderLength;
        while (at < payload.Length)
        {
            int count = TakeInt(payload, ref at);
            if (count < 0 ? count != ChunkFormat.Error || item >= items.Length : count > items.Length - item)
                throw new InvalidDataException($"A chunk of {items.Length} items has {count} results from item {item} on.");
            if (count == ChunkFormat.Error) SettleError(item++, TakePiece(payload, ref at));
            else if (ChunkFormat.IsRaw<TResult>(map.Codec)) TakeRaw(ref item, count, payload, ref at);
            else for (; count > 0 && at < payload.Length; count--) SettleValue(item++, TakePiece(payload, ref at));
        }
    }

    internal void SettleError(int item, Exception error)
    {
        if (item < Settled) return; // came before its worker died, and was found again in what it left
        (Errors ??= new Exception?[items.Length])[item] = error;
        Settled = item + 1;
    }

    /// <summary>What the function made of an item counts no more: its time was up.</summary>
    internal void Overrule(int item, Exception error) => (Errors ??= new Exception?[items.Length])[item] = error;

    internal override void Succeed(ReadOnlyMemory<byte> payload, CallFlags flags) => map.ChunkEnded(this);

    internal override Action Read(ReadOnlyMemory<byte> payload, CallFlags flags) => () => map.ChunkEnded(this); // its results have been taken

    internal override void TakeUnsentResults()
    {
        byte[] left = UnsentResults;
        UnsentResults = [];
        try
        {
            if (left.Length > 0) Take(left, again: true);
        }
        catch (Exception)
        {
            // What it left can't be read beyond here: those items count as not settled.
        }
    }

    internal override void Fail(Exception exception)
    {
        TakeUnsentResults();
        map.ChunkFailed(this, exception);
    }

    internal override void Cancel(CancellationToken token) => map.ChunkCancelled(this);

    private void SettleError(int item, ReadOnlyMemory<byte> exception) => SettleError(item, ExceptionCodec.Read(exception.Span));

    private void SettleValue(int item, ReadOnlyMemory<byte> piece)
    {
        if (item < Settled) return;
        try
        {
            Place()[_valuesAt + item] = map.Codec.Read<TResult>(piece);
            Settled = item + 1;
        }
        catch (Exception exception)
        {
            SettleError(item, exception);
        }
    }

    private void TakeRaw(ref int item, int count, ReadOnlyMemory<byte> payload, ref int at)
    {
        int size = ChunkFormat.RawSize<TResult>();
        if (size > 0) count = Math.Min(count, (payload.Length - at) / size);
        int skip = Math.Clamp(Settled - item, 0, count);
        int end = item + count;
        if (count > skip && size > 0)
            Unsafe.CopyBlockUnaligned(
                ref Unsafe.As<TResult, byte>(ref Place()[_valuesAt + item + skip]), in payload.Span[at + (skip * size)], (uint)((count - skip) * size));
        at += count * size;
        item = end;
        Settled = Math.Max(Settled, end);
    }

    private TResult[] Place() => _values ??= typeof(TResult) == typeof(Worker.Nothing) ? [] : map.PlaceFor(this, out _valuesAt);

    private static ReadOnlyMemory<byte> TakePiece(ReadOnlyMemory<byte> payload, ref int at)
    {
        int length = TakeInt(payload, ref at);
        ReadOnlyMemory<byte> piece = payload.Slice(at, length);
        at += length;
        return piece;
    }

    private static int TakeInt(ReadOnlyMemory<byte> payload, ref int at)
    {
        int value = BinaryPrimitives.ReadInt32LittleEndian(payload.Span[at..]);
        at += sizeof(int);
        return value;
    }
}
