using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Maps;

/// <summary>A map whose results become one array. The first error ends it.</summary>
internal sealed class ArrayMap<TItem, TResult>(MapFunction function, ItemSource<TItem> source, MapOptions options, CancellationToken token)
    : MapRun<TItem, TResult>(function, source, options, token)
{
    private readonly List<MapChunk<TItem, TResult>> _apart = []; // guarded by Lock: whose results are not in the array yet
    private TResult[]? _results;                                 // made under Lock

    protected override bool ItemErrorsEndIt => true;

    /// <summary>The results, after the pump has ended without a failure.</summary>
    internal TResult[] Results()
    {
        lock (Lock)
        {
            TResult[] results = _results ?? [];
            if (results.Length != Read) Array.Resize(ref results, checked((int)Read));
            foreach (MapChunk<TItem, TResult> chunk in _apart) chunk.Values.CopyTo(results.AsSpan((int)chunk.First));
            return results;
        }
    }

    internal async Task<TResult[]> RunAsync(bool synchronously)
    {
        await PumpAsync(synchronously).ConfigureAwait(false);
        EndTrace();
        ThrowIfFailed();
        return typeof(TResult) == typeof(Nothing) ? [] : Results();
    }

    internal override TResult[] PlaceFor(MapChunk<TItem, TResult> chunk, out int at)
    {
        lock (Lock)
        {
            if (Total is not { } total || chunk.First + chunk.Items.Length > total)
            {
                at = 0;
                _apart.Add(chunk);
                return new TResult[chunk.Items.Length];
            }

            at = (int)chunk.First;
            return _results ??= new TResult[total];
        }
    }

    protected override void AddedNeedsLock(MapChunk<TItem, TResult> chunk, MapChunk<TItem, TResult>? before)
    {
    }

    protected override void DoneNeedsLock(MapChunk<TItem, TResult> chunk) => ConsumedNeedsLock(chunk.Count);
}
