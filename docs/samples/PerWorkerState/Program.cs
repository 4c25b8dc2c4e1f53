// Something dear is built once in each worker, kept in a static, and used by all of its calls. MaxCallsPerWorker renews it from time to time.
using GilSharp;
using GilSharp.Samples.PerWorkerState;

const int Lines = 200, LinesOfAWorker = 50;
await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, Initializer = Parser.Build, MaxCallsPerWorker = LinesOfAWorker });

Parsed[] parsed = await Task.WhenAll(Enumerable.Range(0, Lines).Select(i => pool.ApplyAsync(Parser.Parse, $"line{i} = {i}")));

bool right = parsed.Select((line, i) => line.Name == $"line{i}" && line.Value == i).All(same => same);
foreach (IGrouping<int, Parsed> worker in parsed.GroupBy(line => line.Worker).OrderBy(worker => worker.Key))
{
    // Each parser has counted its lines 1, 2, 3 …: it was built once, and every call of its worker has used it.
    bool counted = worker.Select(line => line.LinesOfThisParser).Order().SequenceEqual(Enumerable.Range(1, worker.Count()));
    right &= counted && worker.Count() <= LinesOfAWorker;
    Console.WriteLine($"worker {worker.Key}: one parser, {worker.Count()} lines");
}

int workers = parsed.Select(line => line.Worker).Distinct().Count();
Console.WriteLine($"{Lines} lines, {workers} parsers: a new worker, and with it a new parser, after {LinesOfAWorker} calls.");
return right && workers >= Lines / LinesOfAWorker ? 0 : 1;
