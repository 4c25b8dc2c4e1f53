using System.Globalization;

namespace GilSharp.Samples.Countdown;

/// <summary>Lines of text, for a file or a pipe.</summary>
internal sealed class PlainDisplay : Display
{
    public override void Run(IReadOnlyList<Step> steps) => RunWithLines(steps, Console.Out);

    public override void Show(Report report)
    {
        Write($"");
        Write($"{report.Machine}");
        Write($"countdown of {report.N:N0} steps");
        foreach (ProgramResult program in report.Programs)
            Write($"  {program.Name,-42} {program.Seconds,7:0.000} s  {program.SpeedUp:0.00}x  {program.Steps:N0} steps");
        Write($"{report.Counts[0].References:N0} references to {report.Counts[0].Objects} objects, taken and dropped by two threads");
        foreach (CountResult count in report.Counts)
            Write($"  {count.Mode,-24} {count.CountsLost,7:N0} lost  {count.Leaked,3} leaked  {count.FreedTooEarly,3} freed too early  {count.Elapsed.TotalSeconds,6:0.000} s");
        Write($"{(report.Exact ? "every count is exact" : "A COUNT IS WRONG")}");
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
