using GilSharp.Processes.Maps;

namespace GilSharp;

public abstract partial class WorkerPool
{
    /// <summary>Calls a function for each item and yields the results while the work goes on, in the order of the items unless the options say otherwise.</summary>
    /// <remarks>
    /// Never reads more than <see cref="MapOptions.BufferSize"/> items ahead of the consumer. An error is thrown in its place and ends the stream; so
    /// is what the input throws. Leaving the loop early cancels the rest, and waits until nothing of it runs any more. Each enumeration runs anew.
    /// </remarks>
    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapStreamAsync<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, TResult>(function, Source(items), Seen.ValueOrThrow, options, cancellationToken);

    /// <inheritdoc cref="MapStreamAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapStreamAsync<T, TResult>(Func<T, Task<TResult>> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, TResult>(function, Source(items), Seen.ValueOrThrow, options, cancellationToken);

    /// <inheritdoc cref="MapStreamAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapStreamAsync<T, TResult>(Func<T, TResult> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, TResult>(function, AsyncSource(items), Seen.ValueOrThrow, options, cancellationToken);

    /// <inheritdoc cref="MapStreamAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapStreamAsync<T, TResult>(Func<T, Task<TResult>> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, TResult>(function, AsyncSource(items), Seen.ValueOrThrow, options, cancellationToken);

    /// <summary>Calls a function for each item and yields for each its index with the value or the exception: an error of an item is never thrown.</summary>
    /// <remarks>As <see cref="MapStreamAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>, but goes on after errors.
    /// Thrown is only what concerns the whole: cancellation, the end of the pool, what the input throws, and <see cref="OverflowException"/> where an index would
    /// pass <see cref="int.MaxValue"/>.</remarks>
    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<CallResult<TResult>> MapResultsAsync<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, CallResult<TResult>>(function, Source(items), Seen.Whole, options, cancellationToken);

    /// <inheritdoc cref="MapResultsAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<CallResult<TResult>> MapResultsAsync<T, TResult>(Func<T, Task<TResult>> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, CallResult<TResult>>(function, Source(items), Seen.Whole, options, cancellationToken);

    /// <inheritdoc cref="MapResultsAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<CallResult<TResult>> MapResultsAsync<T, TResult>(Func<T, TResult> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, CallResult<TResult>>(function, AsyncSource(items), Seen.Whole, options, cancellationToken);

    /// <inheritdoc cref="MapResultsAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public IAsyncEnumerable<CallResult<TResult>> MapResultsAsync<T, TResult>(Func<T, Task<TResult>> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream<T, TResult, CallResult<TResult>>(function, AsyncSource(items), Seen.Whole, options, cancellationToken);
}
