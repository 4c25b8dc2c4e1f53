using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GilSharp.Tests.Processes;

/// <summary>A program of ours that runs on its own, GilSharp.Tests.Worker, with what it says; it does not outlive the test.</summary>
internal sealed class OwnProgram : IDisposable
{
    internal static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker.dll");

    private readonly Task<string> _errors;

    private OwnProgram(Process process)
    {
        Process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    internal Process Process { get; }

    /// <summary>Starts it by way of another command, such as <c>setsid</c>, or by itself.</summary>
    internal static OwnProgram Start(string[] by, string scenario, params object[] arguments)
    {
        string[] command = [.. by, "dotnet", Path, scenario, .. arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)!)];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new OwnProgram(Process.Start(start)!);
    }

    /// <summary>Starts it as the foreground program of a terminal of its own, whose keyboard is our input.</summary>
    internal static OwnProgram StartAtATerminal(string scenario, params object[] arguments)
    {
        // Without exec some shells stay between the two: they get the interrupt too, and end by it after the program ended well.
        string command = $"exec env --default-signal=HUP,INT,QUIT,TERM dotnet {Path} {scenario} {string.Join(' ', arguments)}";
        ProcessStartInfo start = new("script", ["--quiet", "--return", "--command", command, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SHELL"] = "/bin/sh", ["TERM"] = "dumb" }, // no control sequences among what the program says
        };
        return new OwnProgram(Process.Start(start)!);
    }

    /// <summary>Runs a scenario to its end, which must be a good one, and gives what it printed, by name.</summary>
    internal static async Task<Dictionary<string, string>> Run(TimeSpan deadline, IDictionary<string, string> environment, string scenario, params object[] arguments)
    {
        using OwnProgram program = Start(["env", .. environment.Select(variable => $"{variable.Key}={variable.Value}")], scenario, arguments);
        string output = await program.Process.StandardOutput.ReadToEndAsync().WaitAsync(deadline);
        string errors = await program.Errors().WaitAsync(deadline);
        await program.Process.WaitForExitAsync().WaitAsync(deadline);
        Assert.AreEqual(0, program.Process.ExitCode, $"{scenario}: {output}{errors}");
        return Said(output + errors);
    }

    internal static Dictionary<string, string> Said(string output) =>
        output.Split('\n').Select(line => line.Trim().Split('=', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);

    internal Task<string> Errors() => _errors;

    internal static void Signal(int process, PosixSignal signal)
    {
        int number = signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGTERM => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        Assert.AreEqual(0, kill(process, number));
    }

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        Process.Dispose();
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
