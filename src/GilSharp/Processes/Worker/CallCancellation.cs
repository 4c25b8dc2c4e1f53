using System.Diagnostics.CodeAnalysis;

namespace GilSharp.Processes.Worker;

/// <summary>The token of the call that runs. One source serves call after call until one of them is cancelled.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as its process.")]
internal sealed class CallCancellation
{
    private readonly object _gate = new();
    private CancellationTokenSource _source = new(); // guarded by _gate
    private long _current;                           // guarded by _gate: 0 between calls

    internal CancellationToken Begin(long callId)
    {
        lock (_gate)
        {
            _current = callId;
            return _source.Token;
        }
    }

    internal void End()
    {
        lock (_gate)
        {
            _current = 0;
            if (!_source.TryReset()) _source = new CancellationTokenSource();
        }
    }

    /// <summary>Asks a call to stop; nothing if another one runs by now. User callbacks run on the thread pool.</summary>
    internal void Cancel(long callId)
    {
        lock (_gate)
        {
            if (_current == callId) _ = _source.CancelAsync();
        }
    }
}
