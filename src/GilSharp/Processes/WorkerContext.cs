using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp;

/// <summary>What code that runs in a worker may ask about itself. In any other process: not a worker, no call.</summary>
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
    public static long CallId => Volatile.Read(ref s_callId);

    /// <summary>Signalled when the call that runs now is cancelled or past its timeout. Outside a call it is never signalled.</summary>
    public static CancellationToken CancellationToken => CallId == 0 ? default : s_token;

    /// <summary>The name that <see cref="CallOptions.Name"/> gave the call that runs now; null without one.</summary>
    public static string? CallName => CallId == 0 ? null : s_callName;

    /// <summary>1 for a call that runs for the first time; one more for each re-run after a crash. 0 between calls.</summary>
    public static int Attempt => CallId == 0 ? 0 : s_attempt;

    /// <summary>Loggers whose entries the parent's <see cref="ProcessPoolOptions.LoggerFactory"/> receives. Outside a worker: loggers that write nothing.</summary>
    public static ILoggerFactory LoggerFactory => s_loggerFactory ?? NullLoggerFactory.Instance;

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
        s_callName = name;
        s_attempt = attempt;
    }

    /// <summary>What a call that runs inside another one puts aside.</summary>
    internal static State Save() => new(s_callId, s_callName, s_attempt, s_token);

    internal static void Restore(State state)
    {
        (s_token, s_callName, s_attempt) = (state.Token, state.CallName, state.Attempt);
        Volatile.Write(ref s_callId, state.CallId);
    }

    internal readonly record struct State(long CallId, string? CallName, int Attempt, CancellationToken Token);

    internal static void Leave() => Volatile.Write(ref s_callId, 0);
}
