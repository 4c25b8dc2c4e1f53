// Parses a million lines in worker processes. Some are bad: most of these throw, and one ends its whole process. Nothing else is lost.
using GilSharp;

const int Lines = 1_000_000;
await using ProcessPool pool = new(new ProcessPoolOptions { StandardError = WorkerOutput.Discard });

long sum = 0;
int bad = 0, crashed = 0;
await foreach (CallResult<int> result in pool.MapResultsAsync(Parse, ReadLines()))
{
    switch (result.Exception)
    {
        case null: sum += result.Value; break;
        case FormatException: bad++; break;
        case WorkerCrashedException: crashed++; break;
        default: throw result.Exception;
    }
}

Console.WriteLine($"{Lines} lines: sum {sum}, {bad} could not be read, {crashed} ended its process.");
long expected = 0;
for (int i = 0; i < Lines; i++) expected += i % 100_000 == 7 || i == 654_321 ? 0 : i % 1000;
return sum == expected && bad == Lines / 100_000 && crashed == 1 ? 0 : 1;

static IEnumerable<string> ReadLines()
{
    for (int i = 0; i < Lines; i++)
        yield return i == 654_321 ? "crash" : i % 100_000 == 7 ? $"line {i} is bad" : $"{i % 1000}";
}

static int Parse(string line)
{
    if (line == "crash") Environment.FailFast("what native code does when it has lost its way");
    return int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
}
