using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Engine;

/// <summary>What a pool logs, in the category GilSharp.ProcessPool.</summary>
internal static partial class PoolLog
{
    internal const string Category = "GilSharp.ProcessPool";

    [LoggerMessage(1, LogLevel.Error, "The exit hook of worker {Worker} of pool {Pool} failed")]
    internal static partial void ExitHookFailed(ILogger logger, string pool, int worker, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "A handler of {Event} of pool {Pool} failed")]
    internal static partial void HandlerFailed(ILogger logger, string pool, string @event, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "Shared arrays of pool {Pool} are files in {Directory}: the system gives neither memfd nor /dev/shm, and writes them to disk")]
    internal static partial void SharedMemoryIsOnDisk(ILogger logger, string pool, string directory);

    [LoggerMessage(3, LogLevel.Error, "Worker {Worker} of pool {Pool} had not left after {Timeout} (WorkerExitingTimeout) and was killed")]
    internal static partial void ExitTookTooLong(ILogger logger, string pool, int worker, TimeSpan timeout);
}
