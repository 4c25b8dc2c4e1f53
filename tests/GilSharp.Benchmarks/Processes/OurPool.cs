using System.Diagnostics;
using System.Globalization;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Samples.Countdown;

namespace GilSharp.Benchmarks.Processes;

/// <summary>GilSharp's pool under the questions that Peers/pool.py lists, and some of its own.</summary>
internal sealed class OurPool : IContestant
{
    internal const string Title = "GilSharp";
    private const int Batch = 50_000;
    private static readonly int[] Items = [.. Enumerable.Range(0, 2_000_000)];

    private readonly ProcessPool _pool = new(2);
    private double[]? _large;

    internal OurPool() => _pool.StartAsync().Wait();

    public string Name => Title;

    public double[]? Ask(string question)
    {
        string[] words = question.Split(' ');
        double argument = words.Length > 1 ? double.Parse(words[1], CultureInfo.InvariantCulture) : 0;
        return words[0] switch
        {
            "latency" => Latency(argument),
            "awaited" => Awaited(argument).GetAwaiter().GetResult(),
            "rate" => [Rate(argument, Batch, Burst)],
            "stream" => [Rate(argument, Batch, () => Stream().GetAwaiter().GetResult())],
            "map" => [Rate(argument, Items.Length, () => _pool.Map(Increment, Items))],
            "send" => Send((int)(argument / sizeof(double))),
            "share" => Shared((int)argument),
            "cold" => [Cold(2)],
            "countdown" => Countdown((long)argument),
            _ => null,
        };
    }

    public void Dispose()
    {
        _pool.Terminate();
        _pool.Join();
        _pool.Dispose();
    }

    internal static int Increment(int value) => value + 1;

    /// <summary>Milliseconds from the constructor until all workers have answered.</summary>
    internal static double Cold(int workers)
    {
        long start = Stopwatch.GetTimestamp();
        using ProcessPool pool = new(workers);
        Task[] first = [.. Enumerable.Range(0, workers).Select(i => pool.ApplyAsync(Increment, i))];
        Task.WaitAll(first);
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        pool.Terminate(); // what comes after the answers is not measured for the rivals either
        pool.Join();
        return took;
    }

    /// <summary>One thread's time over the pool's, from the constructor to the end of Join; then the thread's seconds.</summary>
    internal static double[] Countdown(long steps)
    {
        long start = Stopwatch.GetTimestamp();
        Check(Loop.Countdown(steps), steps);
        double alone = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        using ProcessPool pool = new(2);
        Task<long>[] halves = [pool.ApplyAsync(Loop.Countdown, steps / 2), pool.ApplyAsync(Loop.Countdown, steps - (steps / 2))];
        pool.Close();
        pool.Join();
        double together = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check(halves[0].Result + halves[1].Result, steps);
        return [alone / together, alone];
    }

    private static void Check(long counted, long steps)
    {
        if (counted != steps) throw new InvalidOperationException($"A countdown of {steps} counted {counted}.");
    }

    private double[] Latency(double seconds)
    {
        for (int i = 0; i < 200; i++) _pool.Apply(Increment, i);
        Percentiles times = new();
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds;)
        {
            long start = Stopwatch.GetTimestamp();
            _pool.Apply(Increment, 1);
            times.Record(start);
        }

        return times.Microseconds();
    }

    private async Task<double[]> Awaited(double seconds)
    {
        for (int i = 0; i < 200; i++) await _pool.ApplyAsync(Increment, i).ConfigureAwait(false);
        Percentiles times = new();
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds;)
        {
            long start = Stopwatch.GetTimestamp();
            await _pool.ApplyAsync(Increment, 1).ConfigureAwait(false);
            times.Record(start);
        }

        return times.Microseconds();
    }

    private void Burst()
    {
        Task[] calls = new Task[Batch];
        for (int i = 0; i < calls.Length; i++) calls[i] = _pool.ApplyAsync(Increment, i);
        Task.WaitAll(calls);
    }

    private async Task Stream()
    {
        await foreach (int _ in _pool.MapStreamAsync(Increment, Enumerable.Range(0, Batch), new MapOptions { ChunkSize = 1, BufferSize = 1024 }).ConfigureAwait(false))
        {
        }
    }

    // GB/s: the median of a few, and the first, which finds no memory that was used before.
    private double[] Send(int length)
    {
        if (_large?.Length != length) Array.Fill(_large = new double[length], 1);
        double[] rates = new double[3];
        for (int i = 0; i < rates.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (_pool.Apply(static (double[] values) => values.Length, _large) != length) throw new InvalidOperationException("An array arrived in another length.");
            rates[i] = length * sizeof(double) / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        return [Spread.Of(rates).Median, rates[0]];
    }

    // Round trips of a call that gets a shared array, in microseconds: only its name travels.
    private double[] Shared(int bytes)
    {
        using SharedArray<byte> array = new(bytes);
        Percentiles times = new();
        for (int i = 0; i < 2_000; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (_pool.Apply(static (SharedArray<byte> shared) => shared.Length, array) != bytes) throw new InvalidOperationException("A shared array arrived in another length.");
            times.Record(start);
        }

        return times.Microseconds();
    }

    private static double Rate(double seconds, int count, Action body)
    {
        body();
        long start = Stopwatch.GetTimestamp();
        long done = 0;
        do
        {
            body();
            done += count;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
