using System.Runtime.ExceptionServices;

namespace GilSharp.Processes.Maps;

/// <summary>What MapStreamAsync and MapResultsAsync return: each enumeration is a run of its own.</summary>
/// <param name="start">Begins a run that honours both the map's token and the enumeration's.</param>
/// <param name="select">Makes what the consumer sees of a result; it throws where the error of an item ends the stream.</param>
/// <param name="token">The map's token.</param>
internal sealed class MapStream<TItem, TResult, TSeen>(
    Func<CancellationToken, StreamMap<TItem, TResult>> start, Func<MapChunk<TItem, TResult>, int, TSeen> select, CancellationToken token) : IAsyncEnumerable<TSeen>
{
    public async IAsyncEnumerator<TSeen> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        bool both = token.CanBeCanceled && cancellationToken.CanBeCanceled && token != cancellationToken;
        using CancellationTokenSource? linked = both ? CancellationTokenSource.CreateLinkedTokenSource(token, cancellationToken) : null;
        CancellationToken either = linked?.Token ?? (cancellationToken.CanBeCanceled ? cancellationToken : token);
        ThrowIfCancelled(cancellationToken);
        StreamMap<TItem, TResult> map = start(either);
        Task run = Task.Run(map.RunAsync, CancellationToken.None);
        try
        {
            while (await map.Done.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (map.Done.TryRead(out MapChunk<TItem, TResult>? chunk))
                {
                    for (int item = 0; item < chunk.Count; item++)
                    {
                        ThrowIfCancelled(cancellationToken);
                        yield return map.Show(select, chunk, item);
                        map.ConsumedOne();
                    }
                }
            }

            ThrowIfCancelled(cancellationToken);
            map.ThrowIfFailed();
        }
        finally
        {
            map.Cancel();
            await run.ConfigureAwait(false);
            map.EndTrace();
        }
    }

    // With the token that the caller knows, not the linked one.
    private void ThrowIfCancelled(CancellationToken cancellationToken)
    {
        token.ThrowIfCancellationRequested();
        cancellationToken.ThrowIfCancellationRequested();
    }
}

/// <summary>What a consumer sees of the result of an item.</summary>
internal static class Seen
{
    internal static TResult ValueOrThrow<TItem, TResult>(MapChunk<TItem, TResult> chunk, int item)
    {
        if (chunk.Errors?[item] is { } error) ExceptionDispatchInfo.Throw(error);
        return chunk.ValueOf(item);
    }

    internal static CallResult<TResult> Whole<TItem, TResult>(MapChunk<TItem, TResult> chunk, int item) =>
        chunk.Errors?[item] is { } error
            ? new CallResult<TResult>(IndexOf(chunk, item), default!, error)
            : new CallResult<TResult>(IndexOf(chunk, item), chunk.ValueOf(item), null);

    private static int IndexOf<TItem, TResult>(MapChunk<TItem, TResult> chunk, int item) => checked((int)(chunk.First + item));
}
