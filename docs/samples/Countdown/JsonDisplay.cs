using System.Text.Json;

namespace GilSharp.Samples.Countdown;

/// <summary>JSON on standard output for a program to read, progress on standard error for whoever watches.</summary>
internal sealed class JsonDisplay : Display
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public override void Run(IReadOnlyList<Step> steps) => RunWithLines(steps, Console.Error);

    public override void Show(Report report) => Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            report.Machine,
            report.N,
            report.Programs,
            Counts = report.Counts.Select(count => new
            {
                count.Mode,
                count.Objects,
                count.References,
                count.CountsLost,
                count.Leaked,
                count.FreedTooEarly,
                Seconds = count.Elapsed.TotalSeconds,
            }),
            report.Exact,
        },
        Format));
}
