using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Peers;

/// <summary>A pool of another language, kept running and asked over its standard input: its start does not count, and it can take turns.</summary>
internal sealed class PeerProgram : IContestant
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PeerProgram(string name, string version, Process process)
    {
        (Name, Version, _process) = (name, version, process);
    }

    public string Name { get; }

    internal string Version { get; }

    /// <summary>Null, and a reason, where the program, its language or its library is not here.</summary>
    internal static PeerProgram? Start(string name, ProcessStartInfo start, out string why)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            why = exception.Message;
            return null;
        }

        string lastError = "";
        process.ErrorDataReceived += (_, line) => lastError = line.Data is { Length: > 0 } text ? text : lastError;
        process.BeginErrorReadLine();
        if (Line(process) is { } ready && ready.StartsWith("ready", StringComparison.Ordinal))
        {
            why = "";
            return new PeerProgram(name, ready["ready".Length..].Trim(), process);
        }

        End(process);
        why = lastError.Length > 0 ? lastError : "it did not become ready";
        return null;
    }

    /// <exception cref="InvalidOperationException">The peer ended, or did not answer within a minute.</exception>
    public double[]? Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        _process.StandardInput.Flush();
        string answer = Line(_process) ?? throw new InvalidOperationException($"{Name} did not answer '{question}'.");
        return answer == "-"
            ? null
            : [.. answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.WriteLine("quit");
            _process.StandardInput.Close();
            _process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (IOException)
        {
            // It is gone already.
        }

        End(_process);
    }

    private static string? Line(Process process)
    {
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        return line.Wait(Patience) ? line.Result : null;
    }

    private static void End(Process process)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
