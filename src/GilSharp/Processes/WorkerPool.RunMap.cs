using GilSharp.Processes.Calls;
using GilSharp.Processes.Maps;
using GilSharp.Processes.Startup;

namespace GilSharp;

public abstract partial class WorkerPool
{
    // The doors behind the map families. A null function or input and bad options throw at once; everything else comes in the task or the stream.
    private Task<TResult[]> StartMap<T, TResult>(
        Delegate function, Func<ItemSource<T>> source, MapOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        CompiledBindings.Mention<Arguments<T>, TResult>();
        options = (options ?? MapOptions.Default).Checked();
        TaskCompletionSource<TResult[]> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            ItemSource<T> input = source(); // may throw, and nothing has begun
            ArrayMap<T, TResult> map = new(Begin(function), input, options, cancellationToken);
            _ = Task.Run(() => RunAsync(map, result, cancellationToken), CancellationToken.None);
        }
        catch (Exception exception)
        {
            End(result, exception, cancellationToken);
        }

        return result.Task;
    }

    private Task<TResult[]> StartStarMap<T1, T2, TResult>(
        Delegate function, Func<ItemSource<(T1, T2)>> source, MapOptions? options, CancellationToken cancellationToken)
    {
        CompiledBindings.Mention<Arguments<T1, T2>, TResult>();
        return StartMap<(T1, T2), TResult>(function, source, options, cancellationToken);
    }

    private TResult[] RunMap<T, TResult>(Delegate function, Func<ItemSource<T>> source, MapOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        CompiledBindings.Mention<Arguments<T>, TResult>();
        options = (options ?? MapOptions.Default).Checked();
        cancellationToken.ThrowIfCancellationRequested();
        ItemSource<T> input = source();
        return new ArrayMap<T, TResult>(Begin(function), input, options, cancellationToken).RunAsync(synchronously: true).GetAwaiter().GetResult();
    }

    private MapStream<T, TResult, TSeen> Stream<T, TResult, TSeen>(
        Delegate function, Func<ItemSource<T>> source, Func<MapChunk<T, TResult>, int, TSeen> select, MapOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        CompiledBindings.Mention<Arguments<T>, TResult>();
        MapOptions chosen = (options ?? MapOptions.Default).Checked();
        return new MapStream<T, TResult, TSeen>(token => Start(source(), token), select, cancellationToken);

        StreamMap<T, TResult> Start(ItemSource<T> input, CancellationToken token) => new(Begin(function), input, chosen, token);
    }

    private static async Task RunAsync<T, TResult>(ArrayMap<T, TResult> map, TaskCompletionSource<TResult[]> result, CancellationToken token)
    {
        try
        {
            result.SetResult(await map.RunAsync(synchronously: false).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            End(result, exception, token);
        }
    }

    private static void End<TResult>(TaskCompletionSource<TResult> result, Exception exception, CancellationToken token)
    {
        if (exception is OperationCanceledException && token.IsCancellationRequested) result.SetCanceled(token);
        else result.SetException(exception);
    }

    private static Func<ItemSource<T>> Source<T>(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return () => EnumerableSource<T>.Of(items);
    }

    private static Func<ItemSource<T>> AsyncSource<T>(IAsyncEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return () => new AsyncEnumerableSource<T>(items);
    }

    // The engine takes the map's chunks from now on, until the map ends.
    private MapFunction Begin(Delegate function)
    {
        ThrowIfDisposed();
        Engine.BeginMap();
        Engine.Anticipate();
        try
        {
            return new MapFunction(Engine, function, (_options ?? new CallOptions()).Over(Engine.Options.CallDefaults));
        }
        catch
        {
            Engine.EndMap(null);
            throw;
        }
    }
}
