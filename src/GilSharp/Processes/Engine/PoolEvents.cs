namespace GilSharp.Processes.Engine;

/// <summary>The handlers of a pool's events. The engine holds these, not the pool, which can so be dropped and finalized.</summary>
internal sealed class PoolEvents
{
    internal WeakReference<object?> Sender { get; } = new(null);

    internal EventHandler<WorkerExitedEventArgs>? WorkerExited { get; set; }

    internal EventHandler<WorkerOutputEventArgs>? WorkerOutputReceived { get; set; }

    internal void RaiseExited(WorkerExitedEventArgs args) => WorkerExited?.Invoke(Target(), args);

    internal void RaiseOutput(WorkerOutputEventArgs args) => WorkerOutputReceived?.Invoke(Target(), args);

    private object? Target() => Sender.TryGetTarget(out object? sender) ? sender : null;
}
