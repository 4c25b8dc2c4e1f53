using System.Diagnostics;

namespace GilSharp.Samples.Countdown;

/// <summary>How long a program took and how many steps it counted.</summary>
internal readonly record struct Timed(TimeSpan Elapsed, long Steps);

/// <summary>The three programs; each counts down n in all, and its time is that of everything it does.</summary>
internal static class Programs
{
    // Some ten microseconds of work: often enough that a waiter is served at once, too rarely to be seen in the time.
    private const long StepsBetweenCheckpoints = 10_000;

    /// <summary>(1) One thread counts down n.</summary>
    public static Timed OneThread(long n)
    {
        long started = Stopwatch.GetTimestamp();
        long steps = Loop.Countdown(n);
        return new Timed(Stopwatch.GetElapsedTime(started), steps);
    }

    /// <summary>(2) Two threads count down n/2 each, one at a time: the lock is one interpreter, and they take turns in it.</summary>
    public static Timed TwoThreadsUnderTheLock(long n)
    {
        long started = Stopwatch.GetTimestamp();
        using GlobalInterpreterLock gil = new();
        long[] steps = TwoThreads.Run(() => CountdownUnder(gil, n / 2));
        return new Timed(Stopwatch.GetElapsedTime(started), steps.Sum());
    }

    /// <summary>(3) Two worker processes count down n/2 each; their start and their end are part of the time.</summary>
    public static Timed TwoWorkers(long n)
    {
        long started = Stopwatch.GetTimestamp();
        using ProcessPool pool = new(workers: 2);
        Task<long> first = pool.ApplyAsync(Loop.Countdown, n / 2);
        Task<long> second = pool.ApplyAsync(Loop.Countdown, n / 2);
        pool.Close();
        pool.Join();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        return new Timed(elapsed, first.GetAwaiter().GetResult() + second.GetAwaiter().GetResult());
    }

    /// <summary>An even number of steps for which program (1) takes about as long as asked.</summary>
    public static long Calibrate(TimeSpan target)
    {
        // The longest of several short runs would measure the noise; the shortest is what the processor can do.
        const long Sample = 20_000_000;
        TimeSpan shortest = Enumerable.Range(0, 5).Min(_ => OneThread(Sample).Elapsed);
        return Math.Max(2, (long)(Sample * (target / shortest)) / 2 * 2);
    }

    private static long CountdownUnder(GlobalInterpreterLock gil, long n)
    {
        long steps = 0;
        using (gil.EnterScope())
        {
            for (long left = n; left > 0; left -= StepsBetweenCheckpoints)
            {
                steps += Loop.Countdown(Math.Min(left, StepsBetweenCheckpoints));
                gil.Checkpoint();
            }
        }
        return steps;
    }
}
