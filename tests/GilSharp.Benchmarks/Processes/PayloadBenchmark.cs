using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Benchmarks.Processes;

/// <summary>
/// What a call costs by the size of what it carries, 0 B to 256 MiB: an array as argument, as result, and a shared array; beside a copy within this
/// process and Python's multiprocessing.Pool, all in turn in the same run. <c>pool-payload [--no-peers] [--cpu] [largest MiB]</c>
/// With <c>--cpu</c> the times are those that both processes spent on processors: what a busy machine still tells truly, since the copies of one call
/// follow one another.
/// </summary>
internal static class PayloadBenchmark
{
    private const int Rounds = 9;

    internal static int Run(string[] args)
    {
        int largest = args.Select(arg => int.TryParse(arg, out int mebibytes) ? mebibytes : 0).FirstOrDefault(mebibytes => mebibytes > 0, 256);
        bool peers = !args.Contains("--no-peers");
        using ProcessPool pool = new(1);
        pool.StartAsync().Wait();
        int[] processes = [Environment.ProcessId, pool.Workers[0].ProcessId];
        Func<double> clock = args.Contains("--cpu") ? () => ProcessorSeconds(processes) : () => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        Console.WriteLine($"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, {Environment.ProcessorCount} processors; median of {Rounds} rounds in turn (16 calls each up to 1 MiB)");
        Console.WriteLine("|size|copy here|copy here into a new array|array to a worker|array from a worker|shared array|Python to a worker|");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (int bytes in Sizes(largest))
        {
            byte[] source = new byte[bytes];
            Random.Shared.NextBytes(source);
            byte[] target = new byte[bytes];
            using SharedArray<byte> shared = new(source);
            Action[] ways =
            [
                () => source.CopyTo(target, 0),
                () => source.CopyTo(s_fresh = GC.AllocateUninitializedArray<byte>(bytes), 0),
                () => Expect(bytes, pool.Apply(static (byte[] array) => array.Length, source)),
                () => Expect(bytes, pool.Apply(static (int length) => Result(length), bytes).Length),
                () => Expect(bytes, pool.Apply(static (SharedArray<byte> array) => array.Length, shared)),
            ];
            double[] seconds = Medians(ways, bytes <= 1 << 20 ? 16 : 1, clock);
            string python = peers && Python(bytes) is { } time ? Cell(bytes, time) : "";
            Console.WriteLine($"|{Name(bytes)}|{string.Join('|', seconds.Select(time => Cell(bytes, time)))}|{python}|");
        }

        return 0;
    }

    private static byte[]? s_fresh; // whatever arrives by value is a new array

    // Only the way back is to be measured, not the making.
    private static byte[]? s_result;

    private static byte[] Result(int length) => s_result?.Length == length ? s_result : s_result = new byte[length];

    private static IEnumerable<int> Sizes(int largest)
    {
        yield return 0;
        for (int bytes = 1 << 10; bytes <= largest << 20 && bytes > 0; bytes *= 4) yield return bytes;
    }

    private static void Expect(int bytes, int length)
    {
        if (bytes != length) throw new InvalidOperationException($"{length} bytes of {bytes} arrived.");
    }

    private static double[] Medians(Action[] ways, int calls, Func<double> clock)
    {
        double[][] times = [.. ways.Select(_ => new double[Rounds])];
        for (int round = -2; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                double start = clock();
                for (int call = 0; call < calls; call++) ways[way]();
                if (round >= 0) times[way][round] = (clock() - start) / calls;
            }
        }

        return [.. times.Select(series => { Array.Sort(series); return series[Rounds / 2]; })];
    }

    // All threads, in nanoseconds: the kernel's other counts go in steps of 10 ms.
    private static double ProcessorSeconds(int[] processes) => processes
        .SelectMany(static process => Directory.GetDirectories($"/proc/{process}/task"))
        .Sum(static thread => File.Exists($"{thread}/schedstat") ? double.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) : 0) / 1e9;

    private static string Name(int bytes) => bytes < 1 << 10 ? $"{bytes} B" : bytes < 1 << 20 ? $"{bytes >> 10} KiB" : $"{bytes >> 20} MiB";

    private static string Cell(int bytes, double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:F1} µs") + (bytes < 1 << 16 ? "" : string.Create(CultureInfo.InvariantCulture, $", {bytes / seconds / 1e9:F2} GB/s"));

    private static double? Python(int bytes)
    {
        string program = """
            import sys, time
            from multiprocessing import get_context
            def length(b):
                return len(b)
            if __name__ == '__main__':
                size, calls = int(sys.argv[1]), int(sys.argv[2])
                with get_context('fork').Pool(1) as pool:
                    big = bytes(size)
                    times = []
                    for i in range(calls + 1):
                        start = time.perf_counter()
                        pool.apply(length, (big,))
                        times.append(time.perf_counter() - start)
                    print(sorted(times[1:])[calls // 2])
            """;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("python3", ["-c", program, $"{bytes}", bytes <= 1 << 20 ? "200" : "3"]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no python3 here
        }
    }
}
