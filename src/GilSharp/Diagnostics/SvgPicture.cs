using System.Globalization;
using System.Security;
using GilSharp.Locking;

namespace GilSharp.Diagnostics;

/// <summary>Draws a timeline: a row for each thread, grey for waiting, blue for holding, a red mark where a switch was forced.</summary>
internal sealed class SvgPicture(List<TimelineSpan> spans, List<TimelineMark> marks, string title)
{
    private const int Left = 160;
    private const int Top = 50;
    private const int RowHeight = 28;
    private const int BarHeight = 18;
    private const int ChartWidth = 1200;
    private const int TickCount = 10;

    private readonly long _length = Math.Max(1, spans.Count == 0 ? 1 : spans.Max(span => span.End));
    private readonly List<(int Thread, string Label)> _rows = [.. spans.Select(span => (span.ThreadId, span.Label)).DistinctBy(row => row.ThreadId)];

    internal void Write(TextWriter writer)
    {
        int height = Top + _rows.Count * RowHeight + 50;
        writer.WriteLine(Text($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Left + ChartWidth + 20}" height="{height}" font-family="sans-serif" font-size="12">"""));
        writer.WriteLine("""<rect width="100%" height="100%" fill="white"/>""");
        writer.WriteLine(Text($"""<text x="10" y="20" font-size="15">{SecurityElement.Escape(title)}: who held it (blue), who waited (grey), forced switches (red)</text>"""));
        for (int row = 0; row < _rows.Count; row++)
            writer.WriteLine(Text($"""<text x="10" y="{Top + row * RowHeight + 14}">{SecurityElement.Escape(_rows[row].Label)}</text>"""));
        foreach (TimelineSpan span in spans)
            WriteBar(writer, span);
        foreach (TimelineMark mark in marks)
            WriteMark(writer, mark);
        WriteAxis(writer);
        writer.WriteLine("</svg>");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private double X(long time) => Left + (double)time / _length * ChartWidth;

    private int RowOf(int thread) => _rows.FindIndex(row => row.Thread == thread);

    private void WriteBar(TextWriter writer, TimelineSpan span)
    {
        // A microsecond under a pixel would be invisible; half a pixel shows that something was there.
        double width = Math.Max(0.5, X(span.End) - X(span.Begin));
        string colour = span.Holds ? "#2166ac" : "#d0d0d0";
        string what = span.Holds ? "held" : "waited";
        writer.WriteLine(Text($"""<rect x="{X(span.Begin):F2}" y="{Top + RowOf(span.ThreadId) * RowHeight}" width="{width:F2}" height="{BarHeight}" fill="{colour}"><title>{SecurityElement.Escape(span.Label)} {what} {Micros(span.End - span.Begin)} µs</title></rect>"""));
    }

    private void WriteMark(TextWriter writer, TimelineMark mark)
    {
        int row = RowOf(mark.ThreadId);
        if (mark.What != LockEvent.ForcedOut || row < 0)
            return;
        int y = Top + row * RowHeight - 3;
        writer.WriteLine(Text($"""<line x1="{X(mark.Time):F2}" x2="{X(mark.Time):F2}" y1="{y}" y2="{y + BarHeight + 6}" stroke="#b2182b" stroke-width="1.5"/>"""));
    }

    private void WriteAxis(TextWriter writer)
    {
        int y = Top + _rows.Count * RowHeight + 8;
        writer.WriteLine(Text($"""<line x1="{Left}" x2="{Left + ChartWidth}" y1="{y}" y2="{y}" stroke="black"/>"""));
        for (int tick = 0; tick <= TickCount; tick++)
        {
            long time = _length / TickCount * tick;
            writer.WriteLine(Text($"""<text x="{X(time):F0}" y="{y + 18}" text-anchor="middle">{new TimeSpan(time).TotalMilliseconds:F1} ms</text>"""));
        }
    }

    private static double Micros(long ticks) => new TimeSpan(ticks).TotalMicroseconds;
}
