using System.Globalization;

namespace GilSharp.Benchmarks.Locking;

/// <summary>Round trips to an echo server beside threads that compute.</summary>
/// <param name="Lock">Whose lock.</param>
/// <param name="Pause">Milliseconds between two requests; 0: the client never pauses.</param>
/// <param name="CpuThreads">How many threads compute.</param>
/// <param name="Requests">How many round trips there were.</param>
/// <param name="P50">Their median, in microseconds.</param>
/// <param name="P99">Their 99th percentile, in microseconds.</param>
/// <param name="Kept">What part of their work without the client the computing threads still did; null without such threads.</param>
internal sealed record EchoFigure(string Lock, int Pause, int CpuThreads, int Requests, double P50, double P99, double? Kept)
{
    internal const string Header = "| lock | client | CPU threads | requests | p50 µs | p99 µs | CPU work kept |\n|---|---|---|---|---|---|---|";

    internal static EchoFigure Parse(string name, int pause, int threads, string client, double? kept)
    {
        double[] figures = [.. client.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        return new EchoFigure(name, pause, threads, (int)figures[0], figures[1], figures[2], kept);
    }

    internal string Line() => string.Create(CultureInfo.InvariantCulture,
        $"| {Lock} | {(Pause > 0 ? $"{Pause} ms pause" : "non-stop")} | {CpuThreads} | {Requests} | {P50:0} | {P99:0} | {(Kept is { } kept ? $"{100 * kept:0} %" : "")} |");
}
