// A program for NativeAOT: dotnet publish -r <system>, and its workers are this executable once more, started in a few milliseconds. Nothing is
// called first in Main; the package's generator has put a module initializer before it. Under CoreCLR the same code runs unchanged.
using System.Diagnostics;
using GilSharp;

int step = 7;
long start = Stopwatch.GetTimestamp();
await using ProcessPool pool = new(2);
await Task.WhenAll(pool.ApplyAsync(Countdown, 1L), pool.ApplyAsync(Countdown, 1L)); // a worker is started for each
TimeSpan answered = Stopwatch.GetElapsedTime(start);

long steps = await pool.ApplyAsync(Countdown, 5_000_000L);                                          // a static method
int sum = await pool.ApplyAsync(x => x + step, 35);                                                 // a lambda with a captured variable
double[] roots = await pool.ApplyAsync(numbers => Array.ConvertAll(numbers, Math.Sqrt), new[] { 4.0, 9.0 }); // arrays of unmanaged elements
string text = await pool.ApplyAsync((word, times) => string.Concat(Enumerable.Repeat(word, times)), "ab", 3);
bool elsewhere = await pool.ApplyAsync(() => Environment.ProcessId) != Environment.ProcessId;

Console.WriteLine($"{steps} steps, {sum}, {roots[0]} and {roots[1]}, {text}, in another process: {elsewhere}; two workers had answered after {answered.TotalMilliseconds:F1} ms");
return steps == 5_000_000 && sum == 42 && roots is [2, 3] && text == "ababab" && elsewhere ? 0 : 1;

static long Countdown(long from)
{
    long steps = 0;
    while (from > 0)
    {
        from--;
        steps++;
    }

    return steps;
}
