using System.Diagnostics;

namespace GilSharp.Docs.Tests;

/// <summary>What a program left when it ended.</summary>
internal sealed record ChildResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>Runs a program to its end; one that does not end is killed and is a failure.</summary>
internal static class ChildProgram
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    public static ChildResult Dotnet(IEnumerable<string> arguments, string folder) =>
        Run(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments, folder);

    public static ChildResult Run(string program, IEnumerable<string> arguments, string folder)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A build node that outlives the build would keep our pipes open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!Task.WhenAll(output, error, process.WaitForExitAsync()).Wait(Deadline))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end within {Deadline}");
        }
        return new ChildResult(process.ExitCode, output.Result, error.Result);
    }
}
