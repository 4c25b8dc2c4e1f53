using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Benchmarks.Measuring;

/// <summary>This program once more, with another verb; and what the system says of any process.</summary>
internal static class OtherProcess
{
    internal static ProcessStartInfo Self(params string[] arguments)
    {
        string path = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(path) == "dotnet";
        return new ProcessStartInfo(path, isHost ? [typeof(OtherProcess).Assembly.Location, .. arguments] : arguments);
    }

    /// <exception cref="InvalidOperationException">It failed.</exception>
    internal static string OutputOfSelf(params string[] arguments)
    {
        ProcessStartInfo start = Self(arguments);
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    /// <summary>Resident memory in KiB.</summary>
    internal static long Resident(int process) => Machine.Kibibytes($"/proc/{process}/status", "VmRSS");

    /// <summary>Memory that would be free if the process were gone, in KiB: shared pages count in shares.</summary>
    internal static long Proportional(int process) => Machine.Kibibytes($"/proc/{process}/smaps_rollup", "Pss:");

    /// <summary>Processor time that the threads of a process have used, in seconds, to the nanosecond; threads that have ended are left out.</summary>
    internal static double ProcessorTime(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task").Sum(task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture)) / 1e9;

    internal static double OwnProcessorTime() => Environment.CpuUsage.TotalTime.TotalSeconds;
}
