using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace GilSharp.Benchmarks.Report;

/// <summary>A chart with the few things that ours have in common. Logarithmic axes are plotted as logarithms with ticks that say the number.</summary>
internal sealed class Picture : IDisposable
{
    private const int Width = 760, Height = 430;
    private readonly Plot _plot = new();

    internal Picture(string title, string x, string y)
    {
        _plot.Title(title, 15);
        _plot.XLabel(x, 12);
        _plot.YLabel(y, 12);
        _plot.Grid.MajorLineColor = Colors.Black.WithOpacity(0.08);
    }

    /// <summary>A line through points; dashed for what was predicted and not measured.</summary>
    internal void Line(string name, IEnumerable<double> xs, IEnumerable<double> ys, bool isThick = false, bool isDashed = false, int? color = null)
    {
        ScottPlot.Plottables.Scatter line = _plot.Add.Scatter(xs.ToArray(), ys.ToArray());
        line.LegendText = name;
        line.LineWidth = isThick ? 3 : 1.5f;
        line.MarkerSize = isDashed ? 0 : 5;
        if (isDashed) line.LinePattern = LinePattern.Dashed;
        if (color is { } number) line.Color = _plot.Add.Palette.GetColor(number);
    }

    /// <summary>Logarithmic ticks from 10^from to 10^to, each said as a number.</summary>
    internal void LogarithmicX(int from, int to) => _plot.Axes.Bottom.TickGenerator = Decades(from, to);

    internal void LogarithmicY(int from, int to) => _plot.Axes.Left.TickGenerator = Decades(from, to);

    internal void TicksX(IEnumerable<(double At, string Text)> ticks)
    {
        NumericManual generator = new();
        foreach ((double at, string text) in ticks) generator.AddMajor(at, text);
        _plot.Axes.Bottom.TickGenerator = generator;
    }

    internal void LimitY(double least, double most) => _plot.Axes.SetLimitsY(least, most);

    internal void Save(string file, Alignment legend = Alignment.UpperLeft)
    {
        _plot.ShowLegend(legend);
        _plot.Legend.FontSize = 11;
        _plot.SaveSvg(file, Width, Height);
    }

    public void Dispose() => _plot.Dispose();

    private static NumericManual Decades(int from, int to)
    {
        NumericManual generator = new();
        for (int power = from; power <= to; power++) generator.AddMajor(power, Text(Math.Pow(10, power)));
        return generator;
    }

    private static string Text(double value) => value switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0} M"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0} k"),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
