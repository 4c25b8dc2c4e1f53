using GilSharp;

#if EXPLICIT
ProcessPool.RunWorkerIfRequested();
#endif
File.AppendAllText(Environment.GetEnvironmentVariable("MATRIX_MAINS")!, "Main\n");

try
{
    await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StartTimeout = TimeSpan.FromSeconds(60) });
    int factor = 3;
    string text = "four";

    Console.WriteLine($"static method: {pool.Apply(Work.Countdown, 1_000_000)}");
    Console.WriteLine($"lambda: {await pool.ApplyAsync(x => x + 1, 41)}");
    Console.WriteLine($"closure: {await pool.ApplyAsync(x => x * factor + text.Length, 5)}");
    Console.WriteLine($"strings and arrays: {await pool.ApplyAsync(Work.Join, new[] { 1.5, 2.5 }, "+")}");
    Console.WriteLine($"async: {await pool.ApplyAsync(Work.AddLaterAsync, 40)}");
    Console.WriteLine($"parallel: {await pool.ApplyAsync(Work.ParallelSum, 1000)}");
    Console.WriteLine($"elsewhere: {await pool.ApplyAsync(() => Environment.ProcessId) != Environment.ProcessId}");
    Console.WriteLine($"worker: {await pool.ApplyAsync(() => WorkerContext.IsWorker)}, here: {WorkerContext.IsWorker}");
    Console.WriteLine($"same folder: {await pool.ApplyAsync(() => AppContext.BaseDirectory) == AppContext.BaseDirectory}");
#if SQLITE
    Console.WriteLine($"native library: {await pool.ApplyAsync(Work.AskSqlite, "select 6 * 7")}");
#endif
    try
    {
        await pool.ApplyAsync(Work.Fail, "on purpose");
    }
    catch (InvalidOperationException expected)
    {
        Console.WriteLine($"exception: {expected.Message}");
    }
}
catch (ProcessPoolException refused)
{
    Console.WriteLine($"{refused.GetType().Name}: {refused.Message}");
}

internal static class Work
{
    public static int Countdown(int from)
    {
        while (from > 0)
            from--;
        return from;
    }

    public static string Join(double[] numbers, string separator) =>
        string.Join(separator, numbers.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Goes on with a thread of the pool after each await.</summary>
    public static async Task<int> AddLaterAsync(int number)
    {
        await Task.Yield();
        number += await Task.Run(static () => 1);
        await Task.Delay(1).ConfigureAwait(false);
        return number + 1;
    }

    /// <summary>Needs other threads to run code of this assembly meanwhile.</summary>
    public static long ParallelSum(int count)
    {
        long sum = 0;
        Parallel.For(0, count, i => Interlocked.Add(ref sum, i));
        return sum;
    }

    public static int Fail(string message) => throw new InvalidOperationException(message);

#if SQLITE
    public static long AskSqlite(string question)
    {
        using Microsoft.Data.Sqlite.SqliteConnection connection = new("Data Source=:memory:");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = question;
        return (long)command.ExecuteScalar()!;
    }
#endif
}
