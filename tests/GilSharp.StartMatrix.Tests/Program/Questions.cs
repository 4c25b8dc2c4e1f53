/// <summary>What each program of the matrix asks its workers, and what it asks itself.</summary>
internal static class Questions
{
    public static async Task Ask(Action<string> say)
    {
        try
        {
            await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StartTimeout = TimeSpan.FromSeconds(60) });
            int factor = 3;
            string text = "four";
            System.Collections.Hashtable table = new(StringComparer.OrdinalIgnoreCase) { ["Five"] = 5 };

            say($"static method: {pool.Apply(Work.Countdown, 1_000_000)}");
            say($"lambda: {await pool.ApplyAsync(x => x + 1, 41)}");
            say($"closure: {await pool.ApplyAsync(x => x * factor + text.Length, 5)}");
            say($"comparer: {await pool.ApplyAsync(() => table["five"])}");
            say($"strings and arrays: {await pool.ApplyAsync(Work.Join, new[] { 1.5, 2.5 }, "+")}");
            say($"struct: {await pool.ApplyAsync(Work.Turn, new Pair(1, 2.5))}");
            say($"async: {await pool.ApplyAsync(Work.AddLaterAsync, 40)}");
            say($"parallel: {await pool.ApplyAsync(Work.ParallelSum, 1000)}");
            say($"elsewhere: {await pool.ApplyAsync(() => Environment.ProcessId) != Environment.ProcessId}");
            say($"worker: {await pool.ApplyAsync(() => WorkerContext.IsWorker)}, here: {WorkerContext.IsWorker}");
            say($"same folder: {await pool.ApplyAsync(() => AppContext.BaseDirectory) == AppContext.BaseDirectory}");
            await using (ProcessPool other = new(new ProcessPoolOptions { Workers = 1, StartTimeout = TimeSpan.FromSeconds(60), Serializer = new Names() }))
                say($"serializer: {(await other.ApplyAsync(Work.Marry, new Person("Ada"))).Name}");
#if NATIVE
            await AskOfObjects(pool, say);
#endif
#if SQLITE
            say($"native library: {await pool.ApplyAsync(Work.AskSqlite, "select 6 * 7")}");
#endif
            try
            {
                await pool.ApplyAsync(Work.Fail, "on purpose");
            }
            catch (ArgumentException expected)
            {
                say($"exception: {expected.Message}");
            }
        }
        catch (ProcessPoolException refused)
        {
            say($"{refused.GetType().Name}: {refused.Message}");
        }
    }

#if NATIVE
    private static async Task AskOfObjects(ProcessPool pool, Action<string> say)
    {
        Person person = new("Ada");
        try
        {
            say($"object: {await pool.ApplyAsync(() => person.Name)}");
        }
        catch (CallSerializationException refused)
        {
            say($"object: {refused.Message}");
        }

        await AskOfTuple(pool, Tuple.Create("Ada", 36), say);
    }

    private static async Task AskOfTuple(ProcessPool pool, Tuple<string, int> tuple, Action<string> say)
    {
        try
        {
            say($"object: {await pool.ApplyAsync(() => tuple.Item1)}");
        }
        catch (CallSerializationException refused)
        {
            say($"object: {refused.Message}");
        }
    }
#endif
}

internal readonly record struct Pair(int First, double Second);

internal sealed class Person(string name)
{
    public string Name => name;
}

/// <summary>Carries what the default serializer does not, where fields may have been trimmed.</summary>
internal sealed class Names : IPayloadSerializer
{
    public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value) =>
        System.Text.EncodingExtensions.GetBytes(System.Text.Encoding.UTF8, ((Person)(object)value!).Name, writer);

    public T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload) => (T)(object)new Person(System.Text.EncodingExtensions.GetString(System.Text.Encoding.UTF8, payload));
}

internal static class Work
{
    public static Person Marry(Person person) => new(person.Name + " Lovelace");

    public static Pair Turn(Pair pair) => new((int)pair.Second, pair.First);

    public static int Countdown(int from)
    {
        while (from > 0)
            from--;
        return from;
    }

    public static string Join(double[] numbers, string separator) =>
        string.Join(separator, numbers.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Goes on with a thread of the thread pool after each await.</summary>
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

    public static int Fail(string message) => throw new ArgumentException(message, nameof(message));

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
