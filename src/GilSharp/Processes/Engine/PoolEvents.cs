namespace GilSharp.Processes.Engine;

/// <summary>The handlers of a pool's events. The engine holds these, not the pool, which can so be dropped and finalized.</summary>
/// <remarks>
/// Unless a handler refers to it: the engine has to keep the handlers, for calls of a dropped pool still end and print, and whoever asked for that is told.
/// Such a pool is closed by its user or not at all.
/// </remarks>
internal sealed class PoolEvents
{
    internal WeakReference<object?> Sender { get; } = new(null);

    internal EventHandler<WorkerExitedEventArgs>? WorkerExited { get; set; }

    internal EventHandler<WorkerOutputEventArgs>? WorkerOutputReceived { get; set; }

    internal void RaiseExited(WorkerExitedEventArgs args) => WorkerExited?.Invoke(Target(), args);

    internal void RaiseOutput(WorkerOutputEventArgs args) => WorkerOutputReceived?.Invoke(Target(), args);

    private object? Target() => Sender.TryGetTarget(out object? sender) ? sender : null;
}
