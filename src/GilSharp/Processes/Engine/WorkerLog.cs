using System.Buffers.Binary;
using GilSharp.Ipc;
using GilSharp.Serialization;
using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Engine;

/// <summary>Gives what a worker logged to the factory of the pool's options, under its own category, in its scopes and in the worker's.</summary>
internal static class WorkerLog
{
    internal static void Replay(ILoggerFactory factory, string pool, int worker, long call, ReadOnlySpan<byte> entry)
    {
        LogLevel level = (LogLevel)TakeNumber(ref entry);
        int id = TakeNumber(ref entry);
        EventId eventId = new(id, WireText.Read(ref entry));
        string category = WireText.Read(ref entry) ?? "";
        string message = WireText.Read(ref entry) ?? "";
        List<string> scopes = [];
        for (int left = TakeNumber(ref entry); left > 0; left--) scopes.Add(WireText.Read(ref entry) ?? "");
        Exception? exception = entry.Length > 0 ? ExceptionCodec.Read(entry) : null;
        Dictionary<string, object> origin = new() { ["Pool"] = pool, ["WorkerId"] = worker, ["CallId"] = call };
        try
        {
            ILogger logger = factory.CreateLogger(category);
            LogWithin(logger, origin, scopes, () => logger.Log(level, eventId, message, exception, static (text, _) => text));
        }
        catch (Exception)
        {
            // A logger that throws, whatever it is, says nothing of the worker; there is nowhere to say so but the log itself.
        }
    }

    // Scopes are a thread's own, and this one goes on: each ends, whatever throws. There may be many, of functions that end none of theirs.
    private static void LogWithin(ILogger logger, Dictionary<string, object> origin, List<string> scopes, Action log)
    {
        Stack<IDisposable?> begun = new();
        try
        {
            begun.Push(logger.BeginScope(origin));
            foreach (string scope in scopes) begun.Push(logger.BeginScope(scope));
            log();
        }
        finally
        {
            while (begun.TryPop(out IDisposable? scope)) End(scope);
        }
    }

    private static void End(IDisposable? scope)
    {
        try
        {
            scope?.Dispose();
        }
        catch (Exception)
        {
            // The others end all the same.
        }
    }

    private static int TakeNumber(ref ReadOnlySpan<byte> entry)
    {
        int number = BinaryPrimitives.ReadInt32LittleEndian(entry);
        entry = entry[sizeof(int)..];
        return number;
    }
}
