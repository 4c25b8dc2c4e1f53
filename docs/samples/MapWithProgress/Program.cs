// Counts primes below each of many limits in worker processes, and says how far it is.
using GilSharp;

int[] limits = [.. Enumerable.Range(1, 200).Select(i => i * 500)];
int last = 0;
await using ProcessPool pool = new();

int[] counts = await pool.MapAsync(CountPrimes, limits, new MapOptions { Progress = new Percent(percent => last = percent) });

Console.WriteLine($"{counts[^1]} primes below {limits[^1]}; progress ended at {last} %.");
return counts[^1] == 9592 && counts.SequenceEqual(limits.Select(CountPrimes)) && last == 100 ? 0 : 1;

static int CountPrimes(int limit)
{
    bool[] composite = new bool[limit];
    int count = 0;
    for (int i = 2; i < limit; i++)
    {
        if (composite[i]) continue;
        count++;
        for (long j = (long)i * i; j < limit; j += i) composite[j] = true;
    }

    return count;
}

// Progress<T> posts its reports to the thread pool, where they may overtake one another; this one is told at once.
internal sealed class Percent(Action<int> changed) : IProgress<MapProgress>
{
    private int _percent;

    public void Report(MapProgress value)
    {
        int percent = (int)(100L * value.Completed / Math.Max(1, value.Total ?? 1));
        if (percent / 10 != _percent / 10) Console.WriteLine($"{percent} %");
        changed(_percent = percent);
    }
}
