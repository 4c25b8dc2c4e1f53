using System.Buffers;
using System.Diagnostics;
using GilSharp.Ipc;

namespace GilSharp.Processes.Telemetry;

/// <summary>What of a trace travels with a call: W3C traceparent and tracestate, the baggage, and whether spans shall come back.</summary>
internal static class TraceContext
{
    internal static void Write(IBufferWriter<byte> buffer, CallTrace trace)
    {
        Activity parent = trace.Parent!;
        buffer.Write([(byte)(trace.Collects ? 1 : 0)]);
        WireText.Write(buffer, parent.Id);
        WireText.Write(buffer, parent.TraceStateString);
        KeyValuePair<string, string?>[] baggage = [.. parent.Baggage];
        WireText.Write(buffer, baggage.Length);
        for (int i = baggage.Length - 1; i >= 0; i--) // the last that was added is enumerated first
        {
            WireText.Write(buffer, baggage[i].Key);
            WireText.Write(buffer, baggage[i].Value);
        }
    }

    /// <summary>In the worker: makes what was sent the current activity's parent.</summary>
    internal static CallSpan Enter(ref ReadOnlySpan<byte> context, string? callName, int attempt)
    {
        bool collects = context[0] != 0;
        context = context[1..];
        string? id = WireText.Read(ref context);
        string? state = WireText.Read(ref context);
        var baggage = new KeyValuePair<string, string?>[BitConverter.ToInt32(context)];
        context = context[sizeof(int)..];
        for (int i = 0; i < baggage.Length; i++) baggage[i] = new(WireText.Read(ref context)!, WireText.Read(ref context));
        return new CallSpan(collects, id, state, baggage, callName, attempt);
    }
}
