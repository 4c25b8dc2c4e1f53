using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>What runs the calls of a pool: in worker processes, or in this one.</summary>
internal abstract class CallEngine(ProcessPoolOptions options)
{
    private readonly FunctionTable _functions = new();
    private long _lastCallId;

    internal ProcessPoolOptions Options => options;

    internal PayloadCodec Codec { get; } = new(options.CustomSerializer);

    /// <summary>The cultures that a call without its own runs under.</summary>
    internal WorkerCulture Culture { get; } = WorkerCulture.Current;

    /// <summary>Ends when the pool is closed and nothing of it is left.</summary>
    internal abstract Task Gone { get; }

    internal abstract bool IsClosed { get; }

    /// <summary>Throws what a call gets that may not be accepted now.</summary>
    internal abstract void ThrowIfNotOpen();

    /// <summary>A first call is about to be written: what takes long to start may start meanwhile.</summary>
    internal virtual void Anticipate()
    {
    }

    /// <summary>Takes over a call whose arguments have been written; its task ends in any case.</summary>
    internal abstract void Accept(PendingCall call);

    internal abstract void CancelRequested(PendingCall call, CallTerms terms);

    internal abstract void CallIsDue(PendingCall call, CallTerms terms);

    internal abstract void Close();

    internal abstract void Terminate();

    internal FunctionEntry Function(Delegate function) => _functions.For(function);

    private protected long NextCallId() => Interlocked.Increment(ref _lastCallId);
}
