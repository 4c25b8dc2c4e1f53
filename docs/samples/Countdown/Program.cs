// The three programs that GilSharp began with: a countdown on one thread, on two threads under a global interpreter lock, and in two
// worker processes. Beside them, what a plain reference count loses when threads share it, and what a counted handle does not.
using GilSharp.Samples.Countdown;

return CommandLine.Invoke(args, settings =>
{
    Measurements measured = new(settings);
    Display display = Display.For(settings);
    try
    {
        display.Run(measured.Steps());
    }
    catch (Exception failure)
    {
        Console.Error.WriteLine($"countdown: {failure.Message}");
        Console.Error.WriteLine(failure);
        return ExitCode.Failed;
    }
    display.Show(measured.Report());
    return measured.Report().Exact ? ExitCode.Exact : ExitCode.Failed;
});
