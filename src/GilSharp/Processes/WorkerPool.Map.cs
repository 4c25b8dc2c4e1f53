using GilSharp.Processes.Worker;

namespace GilSharp;

public abstract partial class WorkerPool
{
    /// <summary>Calls a function for each item and returns the results in the order of the items.</summary>
    /// <remarks>
    /// Items travel in chunks that adapt to how long the work takes; a free worker takes the next at once. The function and what it captures are
    /// sent once to each worker. The first error to arrive takes back what has not started and is thrown when what runs has ended; to have the other
    /// results all the same, use <see cref="MapResultsAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>. A worker
    /// that dies fails the one item that it ran. The function reads its token from <see cref="WorkerContext.CancellationToken"/>. The input is read
    /// on a thread of the thread pool; one that blocks holds back the end of the map.
    /// </remarks>
    /// <param name="function">What to call.</param>
    /// <param name="items">The input; it may be endless where the result is a stream.</param>
    /// <param name="options">Sizes, order and progress; null for the defaults.</param>
    /// <param name="cancellationToken">Takes back what waits, asks what runs to stop, and has its worker killed after
    /// <see cref="ProcessPoolOptions.CancellationGracePeriod"/> if it does not.</param>
    /// <returns>What the function returns for each item.</returns>
    /// <exception cref="ArgumentNullException">The function or the input is null; thrown at once.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size in the options is negative; thrown at once.</exception>
    /// <exception cref="CallSerializationException">The function, an item or a result can't travel; the message has the path to it.</exception>
    /// <exception cref="RemoteException">The function threw an exception whose type can't be rebuilt here. Others arrive as they were.</exception>
    /// <exception cref="WorkerCrashedException">The worker ended before the item did.</exception>
    /// <exception cref="CallTimeoutException">An item ran longer than <see cref="CallOptions.Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was signalled, or (<see cref="ProcessPoolTerminatedException"/>) the pool was terminated.</exception>
    /// <exception cref="WorkerStartException">No worker can be started, or the initializer throws.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    public Task<TResult[]> MapAsync<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, TResult>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> MapAsync<T, TResult>(Func<T, Task<TResult>> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, TResult>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> MapAsync<T, TResult>(Func<T, TResult> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, TResult>(function, AsyncSource(items), options, cancellationToken);

    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> MapAsync<T, TResult>(Func<T, Task<TResult>> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, TResult>(function, AsyncSource(items), options, cancellationToken);

    /// <summary>Calls a function with the two parts of each item as its arguments and returns the results in the order of the items.</summary>
    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> StarMapAsync<T1, T2, TResult>(Func<T1, T2, TResult> function, IEnumerable<(T1, T2)> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartStarMap<T1, T2, TResult>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="StarMapAsync{T1, T2, TResult}(Func{T1, T2, TResult}, IEnumerable{ValueTuple{T1, T2}}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> StarMapAsync<T1, T2, TResult>(Func<T1, T2, Task<TResult>> function, IEnumerable<(T1, T2)> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartStarMap<T1, T2, TResult>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="StarMapAsync{T1, T2, TResult}(Func{T1, T2, TResult}, IEnumerable{ValueTuple{T1, T2}}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> StarMapAsync<T1, T2, TResult>(Func<T1, T2, TResult> function, IAsyncEnumerable<(T1, T2)> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartStarMap<T1, T2, TResult>(function, AsyncSource(items), options, cancellationToken);

    /// <inheritdoc cref="StarMapAsync{T1, T2, TResult}(Func{T1, T2, TResult}, IEnumerable{ValueTuple{T1, T2}}, MapOptions, CancellationToken)"/>
    public Task<TResult[]> StarMapAsync<T1, T2, TResult>(Func<T1, T2, Task<TResult>> function, IAsyncEnumerable<(T1, T2)> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartStarMap<T1, T2, TResult>(function, AsyncSource(items), options, cancellationToken);

    /// <summary>Calls an action for each item and ends when all have ended; otherwise as a map that returns nothing.</summary>
    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task ForEachAsync<T>(Action<T> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, Nothing>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(Action{T}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task ForEachAsync<T>(Func<T, Task> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, Nothing>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(Action{T}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task ForEachAsync<T>(Action<T> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, Nothing>(function, AsyncSource(items), options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(Action{T}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public Task ForEachAsync<T>(Func<T, Task> function, IAsyncEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        StartMap<T, Nothing>(function, AsyncSource(items), options, cancellationToken);

    /// <summary>Calls a function for each item and waits for all results; the input is read on the calling thread.</summary>
    /// <remarks>Needs no thread of the thread pool and no synchronization context to go on: it can't deadlock where these are blocked.</remarks>
    /// <inheritdoc cref="MapAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public TResult[] Map<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        RunMap<T, TResult>(function, Source(items), options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(Func{T, TResult}, IEnumerable{T}, MapOptions, CancellationToken)"/>
    public TResult[] Map<T, TResult>(Func<T, Task<TResult>> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        RunMap<T, TResult>(function, Source(items), options, cancellationToken);
}
