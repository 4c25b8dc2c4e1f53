using System.Diagnostics;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Telemetry;

/// <summary>The caller's side of traces: a span for each call and each map, of the source <c>GilSharp</c>, and what travels of it.</summary>
internal static class PoolTracing
{
    internal const string SourceName = "GilSharp";

    internal static readonly ActivitySource Source = new(SourceName, typeof(PoolTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Begins the trace of a call; null where nobody traces: no listener, no activity to go on.</summary>
    internal static CallTrace? Begin(string operation, CallEngine engine, FunctionEntry function, string? callName)
    {
        bool listened = Source.HasListeners();
        Activity? around = Activity.Current;
        if (!listened && around is null) return null;
        Activity? span = listened ? Start(operation, engine, function, callName, around) : null;
        return span is null && around is null ? null : new CallTrace(span, around);
    }

    // A listener's code runs here. What it throws must not cost the caller its call.
    private static Activity? Start(string operation, CallEngine engine, FunctionEntry function, string? callName, Activity? around)
    {
        try
        {
            Activity? span = Source.CreateActivity($"{operation} {SpanNames.Of(function, callName)}", ActivityKind.Client);
            if (span is null) return null;
            if (span.IsAllDataRequested)
            {
                span.SetTag(Tags.Pool, engine.Options.Name);
                span.SetTag(Tags.Function, SpanNames.Full(function));
                if (callName is not null) span.SetTag(Tags.CallName, callName);
            }

            return span.Start();
        }
        catch (Exception)
        {
            return null;
        }
        finally
        {
            Activity.Current = around; // it is the call's, not what the caller does meanwhile
        }
    }
}

/// <summary>The trace that a call belongs to.</summary>
/// <param name="span">The call's own, if somebody listens.</param>
/// <param name="around">What was current where the call was made.</param>
internal sealed class CallTrace(Activity? span, Activity? around)
{
    private int _ended;

    /// <summary>What the worker goes on.</summary>
    internal Activity? Parent => span ?? around;

    /// <summary>Whether what the worker does shall come back: somebody here records this trace.</summary>
    internal bool Collects =>
        Parent is { } parent && (parent.Recorded || (parent.IsAllDataRequested && parent.Source.Name.Length > 0));

    /// <summary>The call has ended. On any thread, whose own activity stays what it was.</summary>
    internal void End(long callId, Exception? error)
    {
        if (span is null || Interlocked.Exchange(ref _ended, 1) != 0) return;
        Activity? current = Activity.Current;
        try
        {
            if (span.IsAllDataRequested)
            {
                if (callId != 0) span.SetTag(Tags.CallId, callId);
                if (error is not null)
                {
                    span.SetTag(Tags.ErrorType, Tags.ErrorTypeOf(error));
                    span.SetStatus(ActivityStatusCode.Error, error.Message);
                    // What the function threw is an event of the worker's span; what became of the worker nobody else can tell.
                    if (error is ProcessPoolException and not RemoteException) span.AddException(error);
                }
            }

            span.Stop();
        }
        catch (Exception)
        {
            // A listener's own failure.
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
