using GilSharp.Processes.Inline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp;

/// <summary>What code that runs in a worker may ask about itself. In any other process: not a worker, no call.</summary>
/// <remarks>
/// A worker runs one call at a time, so all of its threads are told the same. A call of an <see cref="InlinePool"/> is seen by its own code alone: it flows
/// with that over awaits and to the threads that it starts, as an <see cref="AsyncLocal{T}"/> does.
/// </remarks>
public static class WorkerContext
{
    private static long s_callId;
    private static CancellationToken s_token;
    private static string? s_callName;
    private static int s_attempt;
    private static ILoggerFactory? s_loggerFactory;

    /// <summary>True in a worker process of a <see cref="ProcessPool"/>.</summary>
    public static bool IsWorker { get; private set; }

    /// <summary>The number of this worker in its pool, from 1; 0 if this process is no worker.</summary>
    public static int WorkerId { get; private set; }

    /// <summary>The call that runs now; 0 between calls.</summary>
    public static long CallId => InlineCall.Current is { } call ? call.Id : ProcessCallId;

    /// <summary>Signalled when the call that runs now is cancelled or past its timeout. Outside a call it is never signalled.</summary>
    public static CancellationToken CancellationToken => InlineCall.Current is { } call ? call.Token : ProcessCallId == 0 ? default : s_token;

    /// <summary>The name that <see cref="CallOptions.Name"/> gave the call that runs now; null without one.</summary>
    public static string? CallName => InlineCall.Current is { } call ? call.Name : ProcessCallId == 0 ? null : s_callName;

    /// <summary>1 for a call that runs for the first time; one more for each re-run after a crash. 0 between calls.</summary>
    public static int Attempt => InlineCall.Current is { } call ? call.Attempt : ProcessCallId == 0 ? 0 : s_attempt;

    /// <summary>
    /// Loggers whose entries the parent's <see cref="ProcessPoolOptions.LoggerFactory"/> receives; in a call of an <see cref="InlinePool"/> the one of its
    /// options. Elsewhere: loggers that write nothing.
    /// </summary>
    public static ILoggerFactory LoggerFactory => InlineCall.Current?.Loggers ?? s_loggerFactory ?? NullLoggerFactory.Instance;

    /// <summary>The call that the parent has sent, whatever this worker runs inline meanwhile.</summary>
    internal static long ProcessCallId => Volatile.Read(ref s_callId);

    internal static void BecomeWorker(int id)
    {
        IsWorker = true;
        WorkerId = id;
    }

    internal static void UseLoggerFactory(ILoggerFactory factory) => s_loggerFactory = factory;

    internal static void Enter(long callId, CancellationToken token)
    {
        s_token = token;
        s_callName = null;
        s_attempt = 1;
        Volatile.Write(ref s_callId, callId);
    }

    internal static void Describe(string? name, int attempt)
    {
        if (InlineCall.Current is { } call) (call.Name, call.Attempt) = (name, attempt);
        else (s_callName, s_attempt) = (name, attempt);
    }

    internal static void Leave() => Volatile.Write(ref s_callId, 0);
}
