using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Benchmarks.RefCounting;

/// <summary>The counted handles of other languages, compiled and run beside ours where their compilers are present.</summary>
internal static class NativePeers
{
    /// <summary>Nanoseconds by name of figure; without the figures of peers whose compiler is missing.</summary>
    internal static Dictionary<string, double> Measure()
    {
        string output = Directory.CreateTempSubdirectory("gilsharp-peers").FullName;
        try
        {
            return new[]
            {
                CompileAndRun(output, "rustc", "arc.rs", ["-C", "opt-level=3"]),
                CompileAndRun(output, "g++", "shared_ptr.cpp", ["-O2", "-pthread"]),
            }.SelectMany(figures => figures).ToDictionary(figure => figure.Key, figure => figure.Value);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static List<KeyValuePair<string, double>> CompileAndRun(string output, string compiler, string source, string[] options)
    {
        string program = Path.Combine(output, Path.GetFileNameWithoutExtension(source));
        string path = Path.Combine(AppContext.BaseDirectory, "Peers", source);
        try
        {
            Run(compiler, [.. options, path, "-o", program]);
            return [.. Run(program, []).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        }
        catch (Win32Exception)
        {
            Console.WriteLine($"{compiler} is not installed; {source} is left out.");
            return [];
        }
    }

    private static KeyValuePair<string, double> Parse(string line)
    {
        string[] words = line.Split(' ');
        return new(words[0], double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    private static string Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
