using System.Globalization;
using System.Text;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Report;

/// <summary>The rows as Markdown: one table for each topic.</summary>
internal static class Table
{
    internal static string Of(IEnumerable<Row> rows)
    {
        StringBuilder text = new();
        foreach (IGrouping<string, Row> topic in rows.GroupBy(row => row.Topic))
        {
            text.Append(CultureInfo.InvariantCulture, $"### {topic.Key}\n\n");
            text.Append("| what | GilSharp | others | the limit | against the best, the limit | to reach |\n|---|---|---|---|---|---|\n");
            foreach (Row row in topic) text.Append(Line(row)).Append('\n');
            text.Append('\n');
        }

        return text.ToString();
    }

    internal static string Line(Row row)
    {
        string ours = Figures.Text(row.Ours, row.Unit) + (row.Besides.Length > 0 ? $"; {row.Besides}" : "");
        return $"| {row.What} | {ours} | {List(row.Others)} | {List(row.Limits)} | {Against(row)} | {Reached(row.Target)} |";
    }

    internal static string Reached(Target? target) => target switch
    {
        null => "",
        { IsMet: true } => $"{target.Text}: met ({Figures.Text(target.Value)})",
        _ => $"{target.Text}: **missed**, {Figures.Text(target.Value)}, by {Figures.Text(target.MissedBy)}×",
    };

    private static string List(IReadOnlyDictionary<string, Spread> rivals) =>
        string.Join("; ", rivals.OrderBy(rival => rival.Value.Median).Select(rival => $"{rival.Key} {Figures.Text(rival.Value.Median)}"));

    private static string Against(Row row)
    {
        List<string> parts = [];
        if (row.AgainstBest is { } best) parts.Add($"{Figures.Text(best.Times)}× {best.Name}");
        if (row.AgainstLimit is { } limit) parts.Add($"{Figures.Text(limit.Times)}× {limit.Name}");
        return string.Join(", ", parts);
    }
}
