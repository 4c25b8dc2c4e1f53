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
        ILogger logger = factory.CreateLogger(WireText.Read(ref entry) ?? "");
        string message = WireText.Read(ref entry) ?? "";
        Stack<IDisposable?> scopes = new();
        scopes.Push(logger.BeginScope(new Dictionary<string, object> { ["Pool"] = pool, ["WorkerId"] = worker, ["CallId"] = call }));
        for (int left = TakeNumber(ref entry); left > 0; left--) scopes.Push(logger.BeginScope(WireText.Read(ref entry) ?? ""));
        Exception? exception = entry.Length > 0 ? ExceptionCodec.Read(entry) : null;
        logger.Log(level, eventId, message, exception, static (text, _) => text);
        while (scopes.TryPop(out IDisposable? scope)) scope?.Dispose();
    }

    private static int TakeNumber(ref ReadOnlySpan<byte> entry)
    {
        int number = BinaryPrimitives.ReadInt32LittleEndian(entry);
        entry = entry[sizeof(int)..];
        return number;
    }
}
