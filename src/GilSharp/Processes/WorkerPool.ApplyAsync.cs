using GilSharp.Processes.Calls;

namespace GilSharp;

public abstract partial class WorkerPool
{
    /// <summary>Calls a delegate in a worker. Overloads take 0 to 4 arguments, functions and actions, plain or async, each also with a trailing token.</summary>
    /// <remarks>
    /// The delegate may be a static method, a method of an object that can travel, a local function, or a lambda with what it captures. A function's
    /// trailing <see cref="CancellationToken"/> is the call's own: it is signalled when <paramref name="cancellationToken"/> is, or when the call's
    /// timeout passes. The returned task ends when nothing of the call runs any more. What is listed as its exceptions comes in the task.
    /// </remarks>
    /// <param name="function">What to call.</param>
    /// <param name="cancellationToken">Takes the call back if it waits; asks it to stop if it runs, and has its worker killed after
    /// <see cref="ProcessPoolOptions.CancellationGracePeriod"/> if it does not.</param>
    /// <returns>What the function returns.</returns>
    /// <exception cref="ArgumentNullException">The delegate is null; thrown at once.</exception>
    /// <exception cref="CallSerializationException">The delegate, an argument or the result can't travel; the message has the path to it.</exception>
    /// <exception cref="RemoteException">The function threw an exception whose type can't be rebuilt here. Others arrive as they were.</exception>
    /// <exception cref="WorkerCrashedException">The worker ended before the call did.</exception>
    /// <exception cref="CallTimeoutException">The call ran longer than <see cref="CallOptions.Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was signalled, or (<see cref="ProcessPoolTerminatedException"/>) the pool was terminated.</exception>
    /// <exception cref="WorkerStartException">No worker can be started, or the initializer throws.</exception>
    /// <exception cref="QueueFullException">The queue is full and the options say to reject.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    public Task<TResult> ApplyAsync<TResult>(Func<TResult> function, CancellationToken cancellationToken = default) =>
        Submit<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<TResult>(Func<CancellationToken, TResult> function, CancellationToken cancellationToken = default) =>
        Submit<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<TResult>(Func<Task<TResult>> function, CancellationToken cancellationToken = default) =>
        Submit<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<TResult>(Func<CancellationToken, Task<TResult>> function, CancellationToken cancellationToken = default) =>
        Submit<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync(Action action, CancellationToken cancellationToken = default) =>
        SubmitAction(action, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync(Action<CancellationToken> action, CancellationToken cancellationToken = default) =>
        SubmitAction(action, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync(Func<Task> function, CancellationToken cancellationToken = default) =>
        SubmitAction(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync(Func<CancellationToken, Task> function, CancellationToken cancellationToken = default) =>
        SubmitAction(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T, TResult>(Func<T, TResult> function, T argument, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T, TResult>(Func<T, CancellationToken, TResult> function, T argument, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T, TResult>(Func<T, Task<TResult>> function, T argument, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T, TResult>(Func<T, CancellationToken, Task<TResult>> function, T argument, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T>(Action<T> action, T argument, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T>(Action<T, CancellationToken> action, T argument, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T>(Func<T, Task> function, T argument, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T>(Func<T, CancellationToken, Task> function, T argument, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, TResult>(Func<T1, T2, TResult> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, TResult>(Func<T1, T2, CancellationToken, TResult> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, TResult>(Func<T1, T2, Task<TResult>> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, TResult>(Func<T1, T2, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2>(Action<T1, T2> action, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2>(Action<T1, T2, CancellationToken> action, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2>(Func<T1, T2, Task> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2>(Func<T1, T2, CancellationToken, Task> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, TResult> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3>(Action<T1, T2, T3> action, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3>(Action<T1, T2, T3, CancellationToken> action, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3>(Func<T1, T2, T3, Task> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3>(Func<T1, T2, T3, CancellationToken, Task> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, TResult> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, CancellationToken, TResult> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> ApplyAsync<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Submit<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3, T4>(Action<T1, T2, T3, T4> action, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3, T4>(Action<T1, T2, T3, T4, CancellationToken> action, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        SubmitAction(action, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3, T4>(Func<T1, T2, T3, T4, Task> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task ApplyAsync<T1, T2, T3, T4>(Func<T1, T2, T3, T4, CancellationToken, Task> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        SubmitAction(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);
}
