using GilSharp.Ipc;

namespace GilSharp.Processes.Engine;

/// <summary>Reads the end of a process: what it means and how to say it.</summary>
internal static class WorkerExit
{
    internal static WorkerExitReason Explain(WorkerState state, ExitStatus status, int? announcedExitCode)
    {
        if (status.SignalName is { } signal)
            return signal is "SIGKILL" or "SIGTERM" or "SIGINT" or "SIGHUP" or "STATUS_CONTROL_C_EXIT" ? WorkerExitReason.Killed : WorkerExitReason.Crashed;
        if (state == WorkerState.Leaving && (status.ExitCode == 0 || !status.IsKnown)) return WorkerExitReason.Left;
        // 134 is how the runtime's abort looks where it turns the signal into a code.
        return announcedExitCode is null && status.ExitCode >= 128 ? WorkerExitReason.Crashed : WorkerExitReason.Exited;
    }

    internal static string Describe(ExitStatus status) => status switch
    {
        { SignalName: { } signal } => $"ended by {signal}",
        { IsKnown: false } => "no exit status",
        _ => $"exit code {status.ExitCode}",
    };

    internal static WorkerCrashedException Crashed(WorkerConnection worker, ExitStatus status, WorkerExitReason reason, CallCertainty certainty, List<Exception>? history = null)
    {
        string errors = worker.StandardErrorEnd;
        string end = errors.Trim();
        return new WorkerCrashedException(
            $"Worker {worker.Id} (process {worker.ProcessId}) ended before its call did: {reason}, {Describe(status)}. " +
            (worker.Nonsense is { } nonsense ? $"It spoke nonsense: {nonsense} " : "") +
            (certainty == CallCertainty.NeverStarted ? "The call had not started." : "The call may have run.") +
            (certainty == CallCertainty.NeverStarted && history is not null ? $" It is not sent to another: {history.Count + 1} workers ended when it was their next." : "") +
            (end.Length == 0 ? "" : $" Its standard error ends:{Environment.NewLine}{end}"),
            history is null ? null : new AggregateException($"The call has cost {history.Count + 1} workers; the earlier ones ended so:", history))
        {
            ProcessId = worker.ProcessId,
            ExitCode = status.ExitCode,
            Signal = status.SignalName,
            Reason = reason,
            StandardError = errors,
            Certainty = certainty,
        };
    }
}
