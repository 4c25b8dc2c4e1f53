using System.Globalization;
using Spectre.Console;

namespace GilSharp.Samples.Countdown;

/// <summary>Progress bars while the program works, then two tables.</summary>
internal sealed class TerminalDisplay : Display
{
    public override void Run(IReadOnlyList<Step> steps)
    {
        Progress progress = AnsiConsole.Progress().AutoClear(true).Columns(
            new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn());
        // Drawing takes time from the processors that are being measured.
        progress.RefreshRate = TimeSpan.FromMilliseconds(250);
        progress.Start(context =>
        {
            ProgressTask[] tasks = [.. steps.Select(step => context.AddTask(Markup.Escape(step.Title), autoStart: false, maxValue: 1))];
            for (int i = 0; i < steps.Count; i++)
            {
                tasks[i].IsIndeterminate = true;
                tasks[i].StartTask();
                steps[i].Work();
                tasks[i].IsIndeterminate = false;
                tasks[i].Value = 1;
                tasks[i].StopTask();
            }
        });
    }

    public override void Show(Report report)
    {
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{report.Machine}[/]");
        AnsiConsole.Write(ProgramTable(report));
        AnsiConsole.Write(CountTable(report));
        AnsiConsole.MarkupLine(report.Exact ? "[green]Every count is exact.[/]" : "[red]A count is wrong.[/]");
    }

    private static Table ProgramTable(Report report)
    {
        Table table = new Table().Title(Text($"A countdown of {report.N:N0} steps"))
            .AddColumn("program").AddColumn(Number("seconds")).AddColumn(Number("speed-up")).AddColumn(Number("steps counted"));
        foreach (ProgramResult program in report.Programs)
            table.AddRow(program.Name, Text($"{program.Seconds:0.000}"), Text($"{program.SpeedUp:0.00} ×"), Text($"{program.Steps:N0}"));
        return table;
    }

    private static Table CountTable(Report report)
    {
        Table table = new Table().Title(Text($"{report.Counts[0].References:N0} references to {report.Counts[0].Objects} objects, by two threads"))
            .AddColumn("counted with").AddColumn(Number("counts lost")).AddColumn(Number("leaked")).AddColumn(Number("freed too early"))
            .AddColumn(Number("seconds"));
        foreach (CountResult count in report.Counts)
        {
            string colour = count.Exact ? "green" : "red";
            table.AddRow(
                Markup.Escape(count.Mode), Text($"[{colour}]{count.CountsLost:N0}[/]"), Text($"[{colour}]{count.Leaked}[/]"),
                Text($"[{colour}]{count.FreedTooEarly}[/]"), Text($"{count.Elapsed.TotalSeconds:0.000}"));
        }
        return table;
    }

    private static TableColumn Number(string header) => new TableColumn(header).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
