using System.Diagnostics;
using GilSharp.Benchmarks.Locking;

namespace ConvoyTimeline;

/// <summary>Two threads that compute and one that answers a request every other millisecond, all under one lock.</summary>
internal static class Workload
{
    private const int Requests = 30;

    /// <summary>Returns how long the requests waited for the lock, shortest first.</summary>
    internal static TimeSpan[] Run(IEchoLock gil)
    {
        bool stop = false;
        Thread[] computing = [.. Enumerable.Range(1, 2).Select(number => new Thread(() => Compute(gil, ref stop)) { Name = $"computing {number}" })];
        foreach (Thread thread in computing)
            thread.Start();
        TimeSpan[] waits = new TimeSpan[Requests];
        var answering = new Thread(() => Answer(gil, waits)) { Name = "answering" };
        answering.Start();
        answering.Join();
        Volatile.Write(ref stop, true);
        foreach (Thread thread in computing)
            thread.Join();
        Array.Sort(waits);
        return waits;
    }

    private static void Compute(IEchoLock gil, ref bool stop)
    {
        gil.Enter();
        while (!Volatile.Read(ref stop))
        {
            Thread.SpinWait(10);
            gil.Checkpoint();
        }

        gil.Exit();
    }

    private static void Answer(IEchoLock gil, TimeSpan[] waits)
    {
        for (int i = 0; i < waits.Length; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            gil.Enter();
            waits[i] = Stopwatch.GetElapsedTime(asked);
            Thread.SpinWait(200);
            gil.Exit();
            // Waiting for the next request: the lock is not held.
            Thread.Sleep(2);
        }
    }
}
