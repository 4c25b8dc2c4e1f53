using GilSharp.Processes.Calls;

namespace GilSharp;

public abstract partial class WorkerPool
{
    /// <summary>Calls a delegate in a worker and waits for it, as <see cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/> does without waiting.</summary>
    /// <remarks>Needs no thread of the thread pool and no synchronization context to go on: it can't deadlock where these are blocked.</remarks>
    /// <inheritdoc cref="ApplyAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<TResult>(Func<TResult> function, CancellationToken cancellationToken = default) =>
        Await<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<TResult>(Func<CancellationToken, TResult> function, CancellationToken cancellationToken = default) =>
        Await<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<TResult>(Func<Task<TResult>> function, CancellationToken cancellationToken = default) =>
        Await<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<TResult>(Func<CancellationToken, Task<TResult>> function, CancellationToken cancellationToken = default) =>
        Await<NoArguments, TResult>(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply(Action action, CancellationToken cancellationToken = default) =>
        AwaitAction(action, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply(Action<CancellationToken> action, CancellationToken cancellationToken = default) =>
        AwaitAction(action, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply(Func<Task> function, CancellationToken cancellationToken = default) =>
        AwaitAction(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply(Func<CancellationToken, Task> function, CancellationToken cancellationToken = default) =>
        AwaitAction(function, default(NoArguments), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T, TResult>(Func<T, TResult> function, T argument, CancellationToken cancellationToken = default) =>
        Await<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T, TResult>(Func<T, CancellationToken, TResult> function, T argument, CancellationToken cancellationToken = default) =>
        Await<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T, TResult>(Func<T, Task<TResult>> function, T argument, CancellationToken cancellationToken = default) =>
        Await<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T, TResult>(Func<T, CancellationToken, Task<TResult>> function, T argument, CancellationToken cancellationToken = default) =>
        Await<Arguments<T>, TResult>(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T>(Action<T> action, T argument, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T>(Action<T, CancellationToken> action, T argument, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T>(Func<T, Task> function, T argument, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T>(Func<T, CancellationToken, Task> function, T argument, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T>(argument), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, TResult>(Func<T1, T2, TResult> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, TResult>(Func<T1, T2, CancellationToken, TResult> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, TResult>(Func<T1, T2, Task<TResult>> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, TResult>(Func<T1, T2, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2>, TResult>(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2>(Action<T1, T2> action, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2>(Action<T1, T2, CancellationToken> action, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2>(Func<T1, T2, Task> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2>(Func<T1, T2, CancellationToken, Task> function, T1 argument1, T2 argument2, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2>(argument1, argument2), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, TResult> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, TResult>(Func<T1, T2, T3, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3>, TResult>(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3>(Action<T1, T2, T3> action, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3>(Action<T1, T2, T3, CancellationToken> action, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3>(Func<T1, T2, T3, Task> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3>(Func<T1, T2, T3, CancellationToken, Task> function, T1 argument1, T2 argument2, T3 argument3, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2, T3>(argument1, argument2, argument3), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, TResult> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, CancellationToken, TResult> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public TResult Apply<T1, T2, T3, T4, TResult>(Func<T1, T2, T3, T4, CancellationToken, Task<TResult>> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        Await<Arguments<T1, T2, T3, T4>, TResult>(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3, T4>(Action<T1, T2, T3, T4> action, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3, T4>(Action<T1, T2, T3, T4, CancellationToken> action, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        AwaitAction(action, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3, T4>(Func<T1, T2, T3, T4, Task> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);

    /// <inheritdoc cref="Apply{TResult}(Func{TResult}, CancellationToken)"/>
    public void Apply<T1, T2, T3, T4>(Func<T1, T2, T3, T4, CancellationToken, Task> function, T1 argument1, T2 argument2, T3 argument3, T4 argument4, CancellationToken cancellationToken = default) =>
        AwaitAction(function, new Arguments<T1, T2, T3, T4>(argument1, argument2, argument3, argument4), cancellationToken);
}
