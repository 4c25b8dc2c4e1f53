namespace GilSharp.Locking;

/// <summary>A delegate that waits for the lock without a thread.</summary>
internal abstract class WorkItem(GlobalInterpreterLock gil, CancellationToken cancellationToken, bool flowContext = true) : QueueEntry
{
    // Null where the caller suppressed the flow.
    private readonly ExecutionContext? _context = flowContext ? ExecutionContext.Capture() : null;

    private CancellationTokenRegistration _registration;

    internal GlobalInterpreterLock Lock { get; } = gil;

    internal CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The next piece of a function that has begun can be neither refused nor failed: its end is somebody's await.</summary>
    internal virtual bool IsContinuation => false;

    /// <summary>Itself, or the asynchronous function that it is a stretch of.</summary>
    internal virtual WorkItem Function => this;

    /// <summary>Runs the delegate under the lock and keeps what comes of it.</summary>
    internal void Run()
    {
        _registration.Unregister();
        if (_context is null)
            Invoke();
        else
            ExecutionContext.Run(_context, static item => ((WorkItem)item!).Invoke(), this);
    }

    /// <summary>Tells the caller what came of it; after the lock was left.</summary>
    internal abstract void Complete();

    /// <summary>Ends the item without having run.</summary>
    internal abstract void Fail(Exception exception);

    /// <summary>Ends the item without having run; its token asked for it.</summary>
    internal abstract void Cancel();

    /// <summary>The delegate left the lock in a state that it cannot have meant.</summary>
    internal abstract void Blame(Exception exception);

    internal void ListenForCancellation()
    {
        if (!CancellationToken.CanBeCanceled)
            return;
        CancellationTokenRegistration registration = CancellationToken.UnsafeRegister(static item => ((WorkItem)item!).TakeBack(), this);
        _registration = registration;
        // It may have begun or been taken back before the registration was stored.
        if (State != WaitState.Queued)
            registration.Unregister();
    }

    /// <summary>Ends the listening of an item that leaves the queue without running.</summary>
    internal void StopListening() => _registration.Unregister();

    protected abstract void Invoke();

    private void TakeBack()
    {
        if (Lock.TryTakeBack(this))
            Cancel();
    }
}

/// <summary>A work item with a task that its caller awaits.</summary>
/// <remarks>The caller's continuations never run on the stack of the thread that runs items, let alone under the lock.</remarks>
internal abstract class WorkItem<TResult>(GlobalInterpreterLock gil, CancellationToken cancellationToken) : WorkItem(gil, cancellationToken)
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _exception;
    private TResult? _result;

    internal Task<TResult> Task => _completion.Task;

    internal override void Complete()
    {
        if (_exception is null)
            _completion.TrySetResult(_result!);
        else if (_exception is OperationCanceledException canceled && canceled.CancellationToken == CancellationToken && CancellationToken.IsCancellationRequested)
            _completion.TrySetCanceled(CancellationToken);
        else
            _completion.TrySetException(_exception);
    }

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);

    internal override void Cancel() => _completion.TrySetCanceled(CancellationToken);

    protected abstract TResult Call();

    protected override void Invoke()
    {
        try
        {
            _result = Call();
        }
        catch (Exception exception)
        {
            _exception = exception;
        }
    }

    internal override void Blame(Exception exception) => _exception ??= exception;

    /// <summary>Gives the caller's task the end of another, unless that hides what the function is blamed for.</summary>
    protected void EndAs(Task task)
    {
        if (task.Exception is { } exception)
            _completion.TrySetException(exception.InnerExceptions);
        else if (Volatile.Read(ref _exception) is { } blame)
            _completion.TrySetException(blame);
        else if (task.IsCanceled)
            _completion.TrySetCanceled(new TaskCanceledException(task).CancellationToken);
        else
            _completion.TrySetResult(ResultOf(task));
    }

    protected virtual TResult ResultOf(Task task) => ((Task<TResult>)task).Result;
}

/// <summary><c>RunAsync(Action)</c>.</summary>
internal sealed class ActionItem(GlobalInterpreterLock gil, Action action, CancellationToken cancellationToken) : WorkItem<bool>(gil, cancellationToken)
{
    protected override bool Call()
    {
        action();
        return true;
    }
}

/// <summary><c>RunAsync(Func&lt;TResult&gt;)</c>.</summary>
internal sealed class FunctionItem<TResult>(GlobalInterpreterLock gil, Func<TResult> function, CancellationToken cancellationToken)
    : WorkItem<TResult>(gil, cancellationToken)
{
    protected override TResult Call() => function();
}
