using System.Diagnostics;

namespace GilSharp.Processes.Telemetry;

/// <summary>The worker's side of a traced call: an activity that goes on the caller's trace, current while the call runs.</summary>
internal sealed class CallSpan
{
    private static CallSpan? s_current; // in a worker, which runs one call at a time

    private readonly Activity? _before = Activity.Current;
    private readonly Activity _activity;
    private bool _failed;

    internal CallSpan(bool collects, string? id, string? state, KeyValuePair<string, string?>[] baggage, string? callName, int attempt)
    {
        Collects = collects;
        if (WorkerContext.IsWorker) s_current = this;
        if (collects && WorkerContext.IsWorker) WorkerTracing.Listen();
        Activity.Current = null;
        _activity = Create(id, state, callName);
        foreach ((string key, string? value) in baggage) _activity.AddBaggage(key, value);
        if (_activity.IsAllDataRequested)
        {
            _activity.SetTag(Tags.CallId, WorkerContext.CallId);
            _activity.SetTag(Tags.ProcessId, Environment.ProcessId);
            if (WorkerContext.IsWorker) _activity.SetTag(Tags.WorkerId, WorkerContext.WorkerId);
            if (callName is not null) _activity.SetTag(Tags.CallName, callName);
            if (attempt > 1) _activity.SetTag(Tags.Attempt, attempt);
        }

        if (_activity.Id is null) _activity.Start();
    }

    /// <summary>The traced call that this worker runs; null if the one that it runs is not traced.</summary>
    internal static CallSpan? Current => s_current;

    /// <summary>Whether somebody in the parent records what happens here.</summary>
    internal bool Collects { get; }

    internal bool IsRecorded => _activity.Recorded;

    /// <summary>The function, or an item of a chunk, threw. Used as an exception filter: false.</summary>
    internal bool Note(Exception error)
    {
        if (!_activity.IsAllDataRequested) return false;
        _activity.AddException(error);
        if (_failed) return false;
        _failed = true;
        _activity.SetTag(Tags.ErrorType, Tags.ErrorTypeOf(error));
        _activity.SetStatus(ActivityStatusCode.Error, error.Message);
        return false;
    }

    internal void End()
    {
        _activity.Stop();
        Activity.Current = _before;
        if (WorkerContext.IsWorker) s_current = null;
    }

    // Where nobody listens there is still something current, so that what the function calls finds the trace.
    private static Activity Create(string? id, string? state, string? callName)
    {
        const string Name = "run";
        string name = callName is null ? Name : $"{Name} {callName}";
        if (id is not null && ActivityContext.TryParse(id, state, isRemote: true, out ActivityContext parent))
        {
            Activity? listened = PoolTracing.Source.CreateActivity(name, ActivityKind.Server, parent);
            if (listened is not null) return listened;
        }

        Activity silent = new(name) { TraceStateString = state, IsAllDataRequested = false };
        if (id is not null) silent.SetParentId(id);
        return silent;
    }
}
