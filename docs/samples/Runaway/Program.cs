// A call that does not end, does not listen and has started a process of its own is stopped by its timeout, child and all. The pool goes on.
using GilSharp;
using GilSharp.Samples.Runaway;

await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, CancellationGracePeriod = TimeSpan.FromMilliseconds(200) });
string note = Path.Combine(Path.GetTempPath(), $"gilsharp-runaway-{Environment.ProcessId}");
try
{
    Task<int> neighbour = pool.ApplyAsync(Work.CountTo, 100_000_000);
    WorkerPool limited = pool.With(new CallOptions { Timeout = TimeSpan.FromSeconds(6), Name = "runaway" });
    string outcome = "it ended by itself";
    try
    {
        await limited.ApplyAsync(Work.RunAway, note);
    }
    catch (CallTimeoutException exception)
    {
        outcome = exception.Message;
    }

    Console.WriteLine($"the runaway: {outcome}");
    int child = int.Parse(await File.ReadAllTextAsync(note), System.Globalization.CultureInfo.InvariantCulture);
    bool childIsGone = await Work.IsGone(child);
    Console.WriteLine($"the process that it had started, {child}: {(childIsGone ? "gone" : "still there")}");

    // A function that listens is asked, ends within the grace period, and keeps its worker.
    int polite = 0;
    try
    {
        await pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) }).ApplyAsync(Work.WaitPolitely);
    }
    catch (CallTimeoutException)
    {
        polite++;
    }

    Console.WriteLine($"its neighbour counted to {await neighbour}; the pool still answers: {await pool.ApplyAsync(Work.CountTo, 7)}");
    return outcome.Contains("runaway", StringComparison.Ordinal) && childIsGone && polite == 1 && neighbour.Result == 100_000_000 ? 0 : 1;
}
finally
{
    File.Delete(note);
}
