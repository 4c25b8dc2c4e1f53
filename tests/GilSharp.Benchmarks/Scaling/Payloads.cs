using System.Diagnostics;

namespace GilSharp.Benchmarks.Scaling;

/// <summary>What a call costs beyond its work, for arguments of one size.</summary>
internal sealed record PayloadFigure(int Bytes, double Microseconds, double GigabytesPerSecond);

/// <summary>Overhead per call against the size of its argument: an array of bytes goes to a worker, its length comes back.</summary>
internal static class Payloads
{
    private const int KiB = 1024, MiB = 1024 * KiB;
    private static readonly int[] Sizes = [0, KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB, 16 * MiB, 64 * MiB, 256 * MiB];
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);

    internal static List<PayloadFigure> Measure()
    {
        using ProcessPool pool = new(1);
        pool.StartAsync().Wait();
        List<PayloadFigure> figures = [];
        foreach (int size in Sizes)
        {
            byte[] payload = new byte[size];
            payload.AsSpan().Fill(1);
            for (int i = 0; i < (size > MiB ? 1 : 200); i++) Send(pool, payload);
            List<double> times = [];
            for (long begin = Stopwatch.GetTimestamp(); times.Count < 3 || Stopwatch.GetElapsedTime(begin) < Long;)
            {
                long start = Stopwatch.GetTimestamp();
                Send(pool, payload);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            double median = Measuring.Spread.Of(times).Median;
            figures.Add(new PayloadFigure(size, median, size / median / 1e3));
        }

        pool.Terminate();
        pool.Join();
        return figures;
    }

    private static void Send(ProcessPool pool, byte[] payload)
    {
        if (pool.Apply(static (byte[] bytes) => bytes.Length, payload) != payload.Length) throw new InvalidOperationException("An array arrived in another length.");
    }
}
