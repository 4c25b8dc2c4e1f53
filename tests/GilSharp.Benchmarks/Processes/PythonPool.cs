using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Benchmarks.Processes;

/// <summary>Python's multiprocessing.Pool (fork) at the same work, where there is a python3.</summary>
internal static class PythonPool
{
    private const string Program = """
        import time
        from multiprocessing import get_context

        def increment(x):
            return x + 1

        def length(b):
            return len(b)

        def rate(count, body):
            body()
            start = time.perf_counter()
            body()
            return count / (time.perf_counter() - start)

        if __name__ == '__main__':
            context = get_context('fork')
            times = []
            for _ in range(5):
                start = time.perf_counter()
                with context.Pool(2) as pool:
                    pool.map(increment, [1, 2], chunksize=1)
                    times.append(time.perf_counter() - start)
            print('cold', sorted(times)[2] * 1e3)
            with context.Pool(2) as pool:
                times = []
                for i in range(3000):
                    start = time.perf_counter()
                    pool.apply(increment, (i,))
                    times.append(time.perf_counter() - start)
                print('apply', sorted(times)[1500] * 1e6)
                print('apply_async', rate(20000, lambda: [r.get() for r in [pool.apply_async(increment, (i,)) for i in range(20000)]]))
                print('imap', rate(20000, lambda: [0 for _ in pool.imap(increment, range(20000))]))
                print('map', rate(1000000, lambda: pool.map(increment, range(1000000))))
                big = bytearray(256 << 20)
                print('send', rate(len(big), lambda: pool.apply(length, (big,))) / 1e9)
        """;

    internal static Dictionary<string, double> Measure()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("gilsharp-bench-").FullName, "pool.py");
        try
        {
            File.WriteAllText(file, Program);
            using Process process = Process.Start(new ProcessStartInfo("python3", [file]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // no python3 here
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
