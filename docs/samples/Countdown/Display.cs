using Spectre.Console;

namespace GilSharp.Samples.Countdown;

/// <summary>What is seen while the program works, and of its result.</summary>
internal abstract class Display
{
    public static Display For(Settings settings) =>
        settings.Json ? new JsonDisplay()
        : Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi ? new PlainDisplay()
        : new TerminalDisplay();

    /// <summary>Carries out the steps, one after the other, on the calling thread.</summary>
    public abstract void Run(IReadOnlyList<Step> steps);

    public abstract void Show(Report report);

    /// <summary>Tells of each step by a line when it begins.</summary>
    protected static void RunWithLines(IReadOnlyList<Step> steps, TextWriter lines)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            lines.WriteLine($"[{i + 1}/{steps.Count}] {steps[i].Title}");
            steps[i].Work();
        }
    }
}
