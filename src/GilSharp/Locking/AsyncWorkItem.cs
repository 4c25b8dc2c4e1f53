namespace GilSharp.Locking;

/// <summary>An asynchronous function: this item runs its first stretch, its context queues the others.</summary>
internal abstract class AsyncWorkItem<TResult>(GlobalInterpreterLock gil, CancellationToken cancellationToken) : WorkItem<TResult>(gil, cancellationToken)
{
    private Task? _task;

    internal override void Complete()
    {
        if (_task is null)
            base.Complete();
        else if (_task.IsCompleted)
            EndAs(_task);
        else
            CompleteLater(_task);
    }

    protected abstract Task Start();

    protected override TResult Call() => throw new NotSupportedException();

    protected override void Invoke()
    {
        // A context for each function: with a common one, whoever completes a task that another function awaits would run
        // that function on its own stack, in the middle of its own stretch.
        var context = new GilSynchronizationContext(Lock, this);
        SynchronizationContext? previous = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            _task = Start() ?? throw new InvalidOperationException("The asynchronous function returned null instead of a task.");
        }
        catch (Exception exception)
        {
            Blame(exception);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(previous);
        }
    }

    private void CompleteLater(Task task)
    {
        Lock.FunctionBegan();
        task.ContinueWith(
            (task, item) =>
            {
                // The last stretch completes the task while it holds the lock; the caller hears of it after the lock was left.
                var self = (AsyncWorkItem<TResult>)item!;
                self.Lock.RunAfterLeaving(self, () =>
                {
                    self.EndAs(task);
                    self.Lock.FunctionEnded();
                });
            },
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}

/// <summary><c>RunAsync(Func&lt;Task&gt;)</c>.</summary>
internal sealed class AsyncActionItem(GlobalInterpreterLock gil, Func<Task> function, CancellationToken cancellationToken)
    : AsyncWorkItem<bool>(gil, cancellationToken)
{
    protected override Task Start() => function();

    protected override bool ResultOf(Task task) => true;
}

/// <summary><c>RunAsync(Func&lt;Task&lt;TResult&gt;&gt;)</c>.</summary>
internal sealed class AsyncFunctionItem<TResult>(GlobalInterpreterLock gil, Func<Task<TResult>> function, CancellationToken cancellationToken)
    : AsyncWorkItem<TResult>(gil, cancellationToken)
{
    protected override Task Start() => function();
}
