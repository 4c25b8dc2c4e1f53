using System.Diagnostics;
using GilSharp.Processes.Engine;

namespace GilSharp;

/// <summary>Runs calls of delegates somewhere else and gives their results back: what all kinds of pools have in common.</summary>
/// <remarks>All members may be used from any thread at once.</remarks>
public abstract partial class WorkerPool : IAsyncDisposable, IDisposable
{
    private readonly CallOptions? _options;
    private readonly CallOptions? _asked; // with all defaults filled in; null if calls ask for nothing
    private readonly WorkerPool? _viewed;
    private int _disposed;

    private protected WorkerPool(CallEngine engine)
    {
        Engine = engine;
        _asked = engine.Options.CallDefaults.OrNull();
    }

    private protected WorkerPool(WorkerPool viewed, CallOptions options)
    {
        Engine = viewed.Engine;
        _viewed = viewed._viewed ?? viewed;
        _options = options;
        _asked = options.Over(Engine.Options.CallDefaults).OrNull();
    }

    private protected CallEngine Engine { get; }

    /// <summary>A view of this pool whose calls are run as the options say; what is null in them stays as it is here.</summary>
    /// <remarks>Closing, terminating and joining a view acts on the pool; disposing it does nothing.</remarks>
    /// <param name="options">How calls through the view are run.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public WorkerPool With(CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new PoolView(this, _options is null ? options : options.Over(_options));
    }

    /// <summary>Takes no new calls. Accepted calls still run; workers leave when nothing is left for them. A second time: nothing.</summary>
    public void Close() => Engine.Close();

    /// <summary>Kills all workers now. Calls that have not ended get <see cref="ProcessPoolTerminatedException"/>.</summary>
    /// <remarks>What was printed is still delivered; a second later it is given up, and joining waits for it no more.</remarks>
    public void Terminate() => Engine.Terminate();

    /// <summary>Waits, after <see cref="Close"/> or <see cref="Terminate"/>, until every worker process is gone.</summary>
    /// <exception cref="InvalidOperationException">The pool is neither closed nor terminated.</exception>
    public void Join() => JoinAsync().GetAwaiter().GetResult();

    /// <summary>Waits, after <see cref="Close"/> or <see cref="Terminate"/>, until every worker process is gone.</summary>
    /// <param name="cancellationToken">Ends the waiting, nothing else.</param>
    /// <returns>A task that ends when they are gone.</returns>
    /// <exception cref="InvalidOperationException">The pool is neither closed nor terminated.</exception>
    /// <exception cref="OperationCanceledException">The token was signalled.</exception>
    public Task JoinAsync(CancellationToken cancellationToken = default)
    {
        if (!Engine.IsClosed) throw new InvalidOperationException($"Pool {Engine.Options.Name} is still open: call Close() or Terminate() before Join().");
        return Engine.GoneAsSeenByCaller.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Closes the pool, waits for accepted calls up to <see cref="ProcessPoolOptions.ShutdownTimeout"/>, terminates what is left, and waits until every
    /// worker process is gone and what it printed was delivered, for which it waits one second once it has terminated. A second time: nothing.
    /// </summary>
    /// <remarks>A progress reporter may do so, and does not wait: its own call or map can't end before it returns.</remarks>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (!BeginDisposal()) return;
        if (Engine.CallerIsReporter)
        {
            _ = EndInTimeAsync(Engine.Gone);
            return;
        }

        Task gone = Engine.GoneAsSeenByCaller;
        if (!gone.Wait(Engine.Options.ShutdownTimeout)) Engine.Terminate();
        gone.Wait();
    }

    /// <summary>As <see cref="Dispose"/>, without a thread that waits.</summary>
    /// <returns>A task that ends when every worker process is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (!BeginDisposal()) return;
        if (Engine.CallerIsReporter) _ = EndInTimeAsync(Engine.Gone);
        else await EndInTimeAsync(Engine.GoneAsSeenByCaller).ConfigureAwait(false);
    }

    private async Task EndInTimeAsync(Task gone)
    {
        try
        {
            await gone.WaitAsync(Engine.Options.ShutdownTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Engine.Terminate();
            await gone.ConfigureAwait(false);
        }
    }

    private protected void ThrowIfDisposed() =>
        ObjectDisposedException.ThrowIf(Volatile.Read(ref (_viewed ?? this)._disposed) != 0, typeof(ProcessPool));

    private bool BeginDisposal()
    {
        if (_viewed is not null || Interlocked.Exchange(ref _disposed, 1) != 0) return false;
        Engine.Close();
        return true;
    }

    [DebuggerDisplay("{DebuggerDisplay,nq}")]
    private sealed class PoolView(WorkerPool viewed, CallOptions options) : WorkerPool(viewed, options)
    {
        private string DebuggerDisplay => $"{Engine.Options.Name} with {_options}";
    }
}
