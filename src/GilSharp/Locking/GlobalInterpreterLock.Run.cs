using System.ComponentModel;
using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp;

/// <content>Running a delegate under the lock.</content>
public sealed partial class GlobalInterpreterLock
{
    private const string NoAsyncRun =
        "Run holds the lock on the calling thread, which an asynchronous function leaves at its first await. Use RunAsync, which runs each stretch between awaits under the lock. (A lambda that only throws counts as asynchronous: write Run((Action)(() => throw …)).)";

    private const string NoValueTask = "RunAsync takes functions that return Task: a ValueTask may be awaited only once. Write async () => await … instead.";

    /// <summary>Runs a delegate on the calling thread under the lock.</summary>
    /// <param name="action">It may enter the lock again, call <see cref="Checkpoint"/> and open release scopes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="action"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The lock is or was disposed.</exception>
    /// <exception cref="AbandonedMutexException">The owner before ended without leaving; the delegate did not run and the caller does not own the lock.</exception>
    /// <exception cref="ThreadInterruptedException">The waiting thread was interrupted; the delegate did not run.</exception>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        using (EnterScope())
            action();
    }

    /// <summary>Runs a delegate on the calling thread under the lock and returns its result.</summary>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="function">It may enter the lock again, call <see cref="Checkpoint"/> and open release scopes.</param>
    /// <returns>What the delegate returned.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    /// <inheritdoc cref="Run(Action)" path="/exception"/>
    public TResult Run<TResult>(Func<TResult> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using (EnterScope())
            return function();
    }

    /// <summary>Does not compile: use <see cref="RunAsync(Func{Task}, CancellationToken)"/>.</summary>
    /// <param name="function">Refused.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoAsyncRun, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    [OverloadResolutionPriority(1)]
    public void Run(Func<Task> function) => throw new NotSupportedException(NoAsyncRun);

    /// <summary>Does not compile: use <see cref="RunAsync{TResult}(Func{Task{TResult}}, CancellationToken)"/>.</summary>
    /// <typeparam name="TResult">Refused.</typeparam>
    /// <param name="function">Refused.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoAsyncRun, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    [OverloadResolutionPriority(1)]
    public Task<TResult> Run<TResult>(Func<Task<TResult>> function) => throw new NotSupportedException(NoAsyncRun);

    /// <summary>Does not compile: use <see cref="RunAsync(Func{Task}, CancellationToken)"/>.</summary>
    /// <param name="function">Refused.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoAsyncRun, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void Run(Func<ValueTask> function) => throw new NotSupportedException(NoAsyncRun);

    /// <summary>Does not compile: use <see cref="RunAsync{TResult}(Func{Task{TResult}}, CancellationToken)"/>.</summary>
    /// <typeparam name="TResult">Refused.</typeparam>
    /// <param name="function">Refused.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoAsyncRun, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ValueTask<TResult> Run<TResult>(Func<ValueTask<TResult>> function) => throw new NotSupportedException(NoAsyncRun);

    /// <summary>Queues a delegate to run under the lock; no thread waits for its turn, and it never runs on the caller's stack.</summary>
    /// <param name="action">It runs on a pool thread, or on the lock's dedicated thread, after all that were queued before it.</param>
    /// <param name="cancellationToken">Takes the delegate back as long as it has not begun.</param>
    /// <returns>
    /// A task that ends with the delegate: faulted with what it threw; cancelled if the token was cancelled while it was queued; faulted
    /// with <see cref="ObjectDisposedException"/> if the lock is or was disposed, or with <see cref="AbandonedMutexException"/>
    /// if the owner before had ended without leaving, in both cases without having run.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="action"/> is null.</exception>
    public Task RunAsync(Action action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Queue(new ActionItem(this, action, cancellationToken));
    }

    /// <summary>Queues a delegate to run under the lock, for its result.</summary>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="function">It runs on a pool thread, or on the lock's dedicated thread, after all that were queued before it.</param>
    /// <param name="cancellationToken">Takes the delegate back as long as it has not begun.</param>
    /// <returns>A task that ends with the delegate's result; otherwise as with <see cref="RunAsync(Action, CancellationToken)"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    public Task<TResult> RunAsync<TResult>(Func<TResult> function, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Queue(new FunctionItem<TResult>(this, function, cancellationToken));
    }

    /// <summary>Queues an asynchronous function: each stretch between two awaits runs under the lock, and no await holds it.</summary>
    /// <param name="function">
    /// It runs under a synchronization context of its own that brings it back to the lock after each await;
    /// <c>ConfigureAwait(false)</c> leaves the lock for the rest of the method that says so. Two such functions interleave only at awaits.
    /// </param>
    /// <param name="cancellationToken">Takes the function back as long as it has not begun.</param>
    /// <returns>
    /// A task that ends as the function's own does, or as with <see cref="RunAsync(Action, CancellationToken)"/> if it could not begin.
    /// A function that has begun is carried on to its end also if the lock is disposed meanwhile.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    [OverloadResolutionPriority(1)]
    public Task RunAsync(Func<Task> function, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Queue(new AsyncActionItem(this, function, cancellationToken));
    }

    /// <summary>Queues an asynchronous function for its result: each stretch between two awaits runs under the lock, and no await holds it.</summary>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="function">As with <see cref="RunAsync(Func{Task}, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Takes the function back as long as it has not begun.</param>
    /// <returns>As with <see cref="RunAsync(Func{Task}, CancellationToken)"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    [OverloadResolutionPriority(1)]
    public Task<TResult> RunAsync<TResult>(Func<Task<TResult>> function, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Queue(new AsyncFunctionItem<TResult>(this, function, cancellationToken));
    }

    /// <summary>Does not compile: a function that returns <see cref="Task"/> is wanted.</summary>
    /// <param name="function">Refused.</param>
    /// <param name="cancellationToken">Refused.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoValueTask, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Task RunAsync(Func<ValueTask> function, CancellationToken cancellationToken = default) => throw new NotSupportedException(NoValueTask);

    /// <summary>Does not compile: a function that returns <see cref="Task{TResult}"/> is wanted.</summary>
    /// <typeparam name="TResult">Refused.</typeparam>
    /// <param name="function">Refused.</param>
    /// <param name="cancellationToken">Refused.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(NoValueTask, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Task<TResult> RunAsync<TResult>(Func<ValueTask<TResult>> function, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NoValueTask);
}
