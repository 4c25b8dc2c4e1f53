namespace GilSharp.Locking;

/// <summary>Brings an asynchronous function back to the lock after each await.</summary>
internal sealed class GilSynchronizationContext(GlobalInterpreterLock gil, WorkItem function) : SynchronizationContext
{
    /// <summary>Whose stretches come through here.</summary>
    internal WorkItem Function { get; } = function;

    public override void Post(SendOrPostCallback d, object? state) => gil.QueueContinuation(new ContinuationItem(gil, this, d, state));

    /// <summary>Runs the callback on the calling thread, which enters the lock for it.</summary>
    public override void Send(SendOrPostCallback d, object? state) => gil.Run(() => d(state));

    public override SynchronizationContext CreateCopy() => this;
}

/// <summary>A stretch between two awaits.</summary>
internal sealed class ContinuationItem(GlobalInterpreterLock gil, GilSynchronizationContext context, SendOrPostCallback callback, object? state)
    : WorkItem(gil, CancellationToken.None, flowContext: false)
{
    private Exception? _exception;

    internal override bool IsContinuation => true;

    internal override WorkItem Function => context.Function;

    // The compiler's own callbacks carry their exceptions into their tasks. One that throws was posted by hand or by an
    // async void method, and is as fatal as it is on the thread pool.
    internal override void Complete()
    {
        if (_exception is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static exception => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception), _exception, preferLocal: false);
    }

    internal override void Fail(Exception exception) => throw new InvalidOperationException("A continuation cannot be refused.", exception);

    internal override void Cancel() => throw new InvalidOperationException("A continuation cannot be taken back.");

    // What the stretch did to the lock is the function's fault, and its task carries the news.
    internal override void Blame(Exception exception) => context.Function.Blame(exception);

    protected override void Invoke()
    {
        SynchronizationContext? previous = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            _exception = exception;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(previous);
        }
    }
}
