using System.Threading.Channels;

namespace GilSharp.Processes.Maps;

/// <summary>A map whose results go to a consumer as they come, or in the order of the input.</summary>
internal sealed class StreamMap<TItem, TResult>(MapFunction function, ItemSource<TItem> source, MapOptions options, CancellationToken token)
    : MapRun<TItem, TResult>(function, source, options, token)
{
    // Unbounded, since what is read ahead is bounded already.
    private readonly Channel<MapChunk<TItem, TResult>> _done =
        Channel.CreateUnbounded<MapChunk<TItem, TResult>>(new UnboundedChannelOptions { SingleReader = true });

    private readonly bool _ordered = options.Ordered;
    private MapChunk<TItem, TResult>? _head, _tail; // guarded by Lock: chunks in the order of the input that were not handed on; ordered only
    private bool _gap;                              // guarded by Lock: what would come next never will

    internal ChannelReader<MapChunk<TItem, TResult>> Done => _done.Reader;

    internal async Task RunAsync()
    {
        await PumpAsync(synchronously: false).ConfigureAwait(false);
        _done.Writer.Complete();
    }

    /// <summary>What the consumer sees of a result. An error that it throws ends the map.</summary>
    internal TSeen Show<TSeen>(Func<MapChunk<TItem, TResult>, int, TSeen> select, MapChunk<TItem, TResult> chunk, int item)
    {
        try
        {
            return select(chunk, item);
        }
        catch (Exception exception)
        {
            NoteFailure(exception);
            throw;
        }
    }

    /// <summary>The consumer has taken a result.</summary>
    internal void ConsumedOne()
    {
        lock (Lock) ConsumedNeedsLock(1);
    }

    internal override TResult[] PlaceFor(MapChunk<TItem, TResult> chunk, out int at)
    {
        at = 0;
        return new TResult[chunk.Items.Length];
    }

    protected override void InputFailed(Exception exception) => EndInput(exception);

    protected override void AddedNeedsLock(MapChunk<TItem, TResult> chunk, MapChunk<TItem, TResult>? before)
    {
        if (!_ordered) return;
        if (before is not null)
        {
            chunk.Next = before.Next;
            before.Next = chunk;
            if (_tail == before) _tail = chunk;
        }
        else if (_tail is null)
        {
            _head = _tail = chunk;
        }
        else
        {
            _tail = _tail.Next = chunk;
        }
    }

    protected override void DoneNeedsLock(MapChunk<TItem, TResult> chunk)
    {
        if (!_ordered)
        {
            _done.Writer.TryWrite(chunk);
            return;
        }

        while (!_gap && _head is { IsDone: true } head)
        {
            _done.Writer.TryWrite(head);
            _gap = head.IsCut;
            _head = head.Next;
            if (_head is null) _tail = null;
            head.Next = null;
        }
    }
}
