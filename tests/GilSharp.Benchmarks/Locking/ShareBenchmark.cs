using System.Diagnostics;

namespace GilSharp.Benchmarks.Locking;

/// <summary>How evenly threads that compute share the lock. Arguments: threads (4), milliseconds (3000).</summary>
internal static class ShareBenchmark
{
    internal static int Run(string[] args)
    {
        int threads = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 4;
        int milliseconds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 3000;
        double[] shares = Shares(threads, milliseconds);
        Console.WriteLine($"share of {threads} threads: {string.Join(", ", shares.Select(share => share.ToString("P1", System.Globalization.CultureInfo.InvariantCulture)))}");
        return 0;
    }

    /// <summary>What part of the time each of several CPU-bound threads had the lock.</summary>
    internal static double[] Shares(int threads, int milliseconds)
    {
        using var gil = new GlobalInterpreterLock();
        bool stop = false;
        long[] held = new long[threads];
        Thread[] all = [.. Enumerable.Range(0, threads).Select(me => new Thread(() =>
        {
            gil.Enter();
            long since = Stopwatch.GetTimestamp();
            while (!Volatile.Read(ref stop))
            {
                long until = Stopwatch.GetTimestamp();
                if (gil.Checkpoint())
                    held[me] += until - since;
                else
                    continue;
                since = Stopwatch.GetTimestamp();
            }

            held[me] += Stopwatch.GetTimestamp() - since;
            gil.Exit();
        }))];
        foreach (Thread thread in all)
            thread.Start();
        Thread.Sleep(milliseconds);
        Volatile.Write(ref stop, true);
        foreach (Thread thread in all)
            thread.Join();
        double sum = held.Sum();
        return [.. held.Select(share => share / sum)];
    }
}
