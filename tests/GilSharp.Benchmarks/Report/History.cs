using System.Globalization;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Report;

/// <summary>What rows cost in earlier runs, as ratios to something of the same run; a line for each row and run: <c>date,commit,row,cost</c>.</summary>
/// <remarks>
/// It is appended to by hand (<c>--record</c>) and looked at by every run. Ratios of one run travel from machine to machine better than times, but
/// not perfectly: only a cost of <see cref="Margin"/> times the median of its history is a failure.
/// </remarks>
internal sealed class History
{
    internal const double Margin = 8;
    private const string Header = "date,commit,row,cost";

    private readonly Dictionary<string, List<double>> _costs = new(StringComparer.Ordinal);

    internal static string DefaultFile => Path.Combine(Clone.Reports, "history.csv");

    /// <exception cref="FormatException">A line is not what <see cref="Append"/> writes.</exception>
    internal static History Read(string file)
    {
        History history = new();
        if (!File.Exists(file)) return history;
        foreach (string line in File.ReadLines(file).Skip(1).Where(line => line.Length > 0))
        {
            string[] fields = line.Split(',');
            if (fields.Length != 4 || !double.TryParse(fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out double cost) || !(cost > 0))
                throw new FormatException($"'{line}' is no line of a history: {Header}.");
            if (!history._costs.TryGetValue(fields[2], out List<double>? costs)) history._costs.Add(fields[2], costs = []);
            costs.Add(cost);
        }

        return history;
    }

    internal static void Append(string file, Machine machine, IEnumerable<Row> rows)
    {
        if (!File.Exists(file)) File.WriteAllText(file, Header + "\n");
        File.AppendAllLines(file, rows.Where(row => row.Cost is not null)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{machine.Date[..10]},{machine.Commit},{row.Id},{row.Cost:G4}")));
    }

    /// <summary>What the row cost before; null if it has no history.</summary>
    internal double? Usual(string row) => _costs.TryGetValue(row, out List<double>? costs) ? Spread.Of(costs).Median : null;

    /// <summary>True if the row costs so much more than it used to that noise does not explain it.</summary>
    internal bool IsSlower(Row row) => row.Cost is { } cost && Usual(row.Id) is { } usual && cost > Margin * usual;
}
