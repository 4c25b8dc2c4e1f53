using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Inline;

/// <summary>A call that runs in this process, as <see cref="WorkerContext"/> shows it to its code. The initializer and the exit hook are calls with number 0.</summary>
/// <remarks>
/// It flows with its code, over awaits and to the threads that this starts: the calls of several pools at once know nothing of each other, and a call that
/// is made inside another one is recognised wherever that happens. Those inside take turns by locking this one.
/// </remarks>
internal sealed class InlineCall(InlineEngine engine, long id, CancellationToken token)
{
    // False in a process that has no such calls, which is most: looking must cost nothing there. Where a call flows to, this has been seen to be true before.
    private static bool s_isUsed;

    private InlineCall? _outer = Current;
    private CancellationToken _token = token;
    private bool _hasEnded; // code that runs on at this moment, on another thread, may see it late, as it may be late itself

    /// <summary>The innermost call that the caller's code belongs to; it may have ended.</summary>
    internal static InlineCall? Current => s_isUsed ? Flow.Call.Value : null;

    internal long Id => _hasEnded ? 0 : id;

    internal CancellationToken Token => _hasEnded ? default : _token;

    internal string? Name { get => _hasEnded ? null : field; set; }

    internal int Attempt { get => Id == 0 ? 0 : field; set; } = 1;

    /// <summary>Null where the pool's options name none.</summary>
    internal ILoggerFactory? Loggers => engine.Loggers;

    // What has ended is left out for good, so that code that makes calls for ever, each from what the last one started, keeps no chain of them.
    private InlineCall? Outer
    {
        get
        {
            while (_outer is { _hasEnded: true } ended) _outer = ended._outer;
            return _outer;
        }
    }

    /// <summary>The innermost call of a pool that still runs and that the caller's code belongs to.</summary>
    internal static InlineCall? Inside(InlineEngine engine)
    {
        InlineCall? call = Current;
        while (call is not null && (call._hasEnded || call.Engine != engine)) call = call.Outer;
        return call;
    }

    /// <summary>Makes a call, or none, that which the caller's code belongs to.</summary>
    /// <returns>Which it was before.</returns>
    internal static InlineCall? Swap(InlineCall? call)
    {
        s_isUsed = true;
        InlineCall? before = Flow.Call.Value;
        Flow.Call.Value = call;
        return before;
    }

    /// <summary>Whether the caller's code belongs to this call, at whatever depth.</summary>
    internal bool IsAroundCaller()
    {
        InlineCall? call = Current;
        while (call is not null && call != this) call = call.Outer;
        return call is not null;
    }

    /// <summary>What it has started, and what still runs, belongs to no call any more.</summary>
    internal void End()
    {
        _hasEnded = true;
        _token = default; // which would keep what the call listened to
    }

    private InlineEngine Engine => engine;

    private static class Flow
    {
        internal static readonly AsyncLocal<InlineCall?> Call = new();
    }
}
