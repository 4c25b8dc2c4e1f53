using System.Text;
using System.Text.Json;
using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>Writes a timeline in the Trace Event Format: complete events for spans, instants for marks, times in microseconds.</summary>
internal static class TraceFile
{
    private const int Process = 1;

    internal static void Write(TextWriter writer, List<TimelineSpan> spans, List<TimelineMark> marks, string name)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("displayTimeUnit", "ns");
            json.WriteStartArray("traceEvents");
            WriteName(json, "process_name", 0, name);
            foreach (TimelineSpan thread in spans.DistinctBy(span => span.ThreadId))
                WriteName(json, "thread_name", thread.ThreadId, thread.Label);
            foreach (TimelineSpan span in spans)
                WriteSpan(json, span);
            foreach (TimelineMark mark in marks)
                WriteMark(json, mark);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void WriteName(Utf8JsonWriter json, string what, int thread, string name)
    {
        Begin(json, what, "M", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, TimelineSpan span)
    {
        Begin(json, span.Holds ? "held" : "waiting", "X", span.ThreadId);
        json.WriteNumber("ts", Micros(span.Begin));
        json.WriteNumber("dur", Micros(span.End - span.Begin));
        json.WriteEndObject();
    }

    private static void WriteMark(Utf8JsonWriter json, TimelineMark mark)
    {
        Begin(json, mark.What == LockEvent.ForcedOut ? "forced out" : "switch requested", "i", mark.ThreadId);
        json.WriteNumber("ts", Micros(mark.Time));
        json.WriteString("s", "t");
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string name, string phase, int thread)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("cat", "gil");
        json.WriteString("ph", phase);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", thread);
    }

    private static double Micros(long ticks) => new TimeSpan(ticks).TotalMicroseconds;
}
