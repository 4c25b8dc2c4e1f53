using System.Diagnostics;

namespace GilSharp.Samples.AspNetEndpoint;

/// <summary>What costs processor time.</summary>
internal static class Work
{
    internal static readonly ActivitySource Source = new("AspNetEndpoint.Work");

    /// <summary>Runs in a worker; its span reaches the exporter of the server.</summary>
    internal static long SumOfSquares(int count)
    {
        using Activity? activity = Source.StartActivity("sum of squares");
        activity?.SetTag("count", count);
        long sum = 0;
        Stopwatch watch = Stopwatch.StartNew();
        do
        {
            sum = 0;
            for (long i = 1; i <= count; i++) sum += i * i;
        }
        while (watch.ElapsedMilliseconds < 20);
        return sum;
    }
}
