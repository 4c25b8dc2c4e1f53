using System.Diagnostics;

namespace GilSharp.Benchmarks.Measuring;

/// <summary>The clone that this program was built from: where reports go and peers are installed.</summary>
internal static class Clone
{
    /// <summary>The folder that holds GilSharp.sln.</summary>
    /// <exception cref="InvalidOperationException">This program was copied out of its clone.</exception>
    internal static string Root { get; } = FindRoot();

    internal static string Reports => Path.Combine(Root, "docs", "benchmarks");

    /// <summary>Where <c>--install-peers</c> puts what it fetches; git does not look there.</summary>
    internal static string Installed => Path.Combine(Root, "tests", "GilSharp.Benchmarks", "obj", "peers");

    /// <summary>The short name of the commit, with a plus if files differ from it; "unknown" without git.</summary>
    internal static string Commit()
    {
        string? name = Output("git", ["rev-parse", "--short", "HEAD"])?.Trim();
        if (string.IsNullOrEmpty(name)) return "unknown";
        string? changed = Output("git", ["status", "--porcelain", "--", "src", "tests/GilSharp.Benchmarks"]);
        return string.IsNullOrWhiteSpace(changed) ? name : name + "+";
    }

    /// <summary>What a program prints; null if it is not there or fails.</summary>
    internal static string? Output(string program, IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GilSharp.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"There is no GilSharp.sln above {AppContext.BaseDirectory}: run the benchmarks from a clone.");
    }
}
