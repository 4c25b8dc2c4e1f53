using System.Diagnostics;
using System.Globalization;
using System.Text;
using GilSharp.Benchmarks.Locking;

namespace ConvoyTimeline;

/// <summary>Notes when each thread waits for another kind of lock and when it has it, to draw it beside GilSharp's own timeline.</summary>
internal sealed class RecordedLock(ConvoyLock inner) : IEchoLock
{
    [ThreadStatic]
    private static double t_since;

    private readonly List<(string Thread, bool Holds, double Begin, double End)> _spans = [];
    private readonly long _begin = Stopwatch.GetTimestamp();

    private double Now => Stopwatch.GetElapsedTime(_begin).TotalMilliseconds;

    public void Enter()
    {
        double asked = Now;
        inner.Enter();
        t_since = Now;
        Note(holds: false, asked, t_since);
    }

    public void Exit()
    {
        Note(holds: true, t_since, Now);
        inner.Exit();
    }

    public void Checkpoint()
    {
        double before = Now;
        inner.Checkpoint();
        double after = Now;
        // Less than this and it did not give way.
        if (after - before < 0.01)
            return;
        Note(holds: true, t_since, before);
        Note(holds: false, before, after);
        t_since = after;
    }

    internal string ToSvg(string title)
    {
        const int Left = 160, Width = 1200, Row = 28;
        string[] threads = [.. _spans.Select(span => span.Thread).Distinct().Order()];
        double length = _spans.Max(span => span.End);
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Left + Width + 20}" height="{90 + threads.Length * Row}" font-family="sans-serif" font-size="12">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="10" y="20" font-size="15">{title}: who held it (blue), who waited (grey), {length:F0} ms</text>""");
        foreach ((string thread, bool holds, double begin, double end) in _spans)
        {
            int y = 50 + Array.IndexOf(threads, thread) * Row;
            double x = Left + begin / length * Width;
            double width = Math.Max(0.5, (end - begin) / length * Width);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{x:F2}" y="{y}" width="{width:F2}" height="18" fill="{(holds ? "#2166ac" : "#d0d0d0")}"/>""");
        }

        for (int i = 0; i < threads.Length; i++)
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="10" y="{64 + i * Row}">{threads[i]}</text>""");
        return svg.AppendLine("</svg>").ToString();
    }

    private void Note(bool holds, double begin, double end)
    {
        lock (_spans)
            _spans.Add((Thread.CurrentThread.Name ?? "thread", holds, begin, end));
    }
}
