namespace GilSharp.Processes.Engine;

/// <summary>Somebody who waits until the pool's queue has room.</summary>
/// <param name="reserves">True for a call, which takes the room; false for a producer that is only to be told.</param>
internal abstract class RoomWaiter(bool reserves)
{
    internal bool Reserves => reserves;

    /// <summary>Where it stands in the line, until it leaves it; guarded by the engine's gate.</summary>
    internal LinkedListNode<RoomWaiter>? Place { get; set; }

    /// <summary>Takes it out of the line when its caller's token is signalled.</summary>
    internal CancellationTokenRegistration Registration { get; set; }

    /// <summary>There is room. Runs on a thread of the pool's own, for arguments are written by foreign code.</summary>
    internal abstract void Admit();

    /// <summary>There never will be.</summary>
    internal abstract void Refuse(Exception exception);

    internal abstract void Cancelled(CancellationToken token);
}

/// <summary>A producer that paces itself.</summary>
internal sealed class PacedProducer() : RoomWaiter(reserves: false)
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Task => _source.Task;

    internal override void Admit() => _source.TrySetResult();

    internal override void Refuse(Exception exception) => _source.TrySetException(exception);

    internal override void Cancelled(CancellationToken token) => _source.TrySetCanceled(token);
}

/// <summary>A call whose arguments have not been written yet. What surrounds the caller, as its culture, surrounds the writing too.</summary>
internal sealed class WaitingCall<TResult>(Calls.PendingCall<TResult> call, Action writeAndAccept) : RoomWaiter(reserves: true)
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    internal override void Admit()
    {
        if (_context is null) writeAndAccept();
        else ExecutionContext.Run(_context, static write => ((Action)write!)(), writeAndAccept);
    }

    internal override void Refuse(Exception exception) => call.Fail(exception);

    internal override void Cancelled(CancellationToken token) => call.Cancel(token);
}
