// A native library in every worker: SQLite, whose connection lives in one process and can't travel. The initializer opens it once in each
// worker; the calls use it. What Main has set up is not there: a worker never runs Main.
using GilSharp;
using GilSharp.Samples.NativeLibrary;

await using ProcessPool pool = new(new ProcessPoolOptions
{
    Workers = 2,
    Initializer = () => WordBase.Open("gil", "handle", "lock", "process", "worker", "zebra"),
    WorkerExiting = WordBase.Close, // runs in a worker that leaves in good order; SQLite would write to disk here
});
await pool.StartAsync(); // any trouble with the library is told here, not by the first call

string[] patterns = ["%l%", "z%", "_o%", "none"];
long[] found = await pool.MapAsync(WordBase.Count, patterns);
for (int i = 0; i < patterns.Length; i++) Console.WriteLine($"{patterns[i],-5} {found[i]}");

// One connection for each worker process, however many calls it had.
(int Process, int Opened)[] opened = await pool.MapAsync(WordBase.Opened, Enumerable.Range(0, 100));
Console.WriteLine($"{opened.Select(one => one.Process).Distinct().Count()} worker(s), each opened the database {opened.Max(one => one.Opened)} time(s)");

return found.SequenceEqual([3, 1, 2, 0]) && opened.All(one => one.Opened == 1 && one.Process != Environment.ProcessId) ? 0 : 1;
