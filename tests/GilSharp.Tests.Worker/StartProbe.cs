using GilSharp;

/// <summary>Says that it is there, waits for a line, makes a pool and a call, and tells in one line what came of it.</summary>
internal static class StartProbe
{
    internal static async Task<int> Run()
    {
        ThreadPool.SetMinThreads(4, 4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Thread.Sleep(50)))); // threads that are there need not be had later
        using CancellationTokenSource soon = new(TimeSpan.FromSeconds(40)); // its timer is a thread, too
        Console.WriteLine("ready");
        Console.ReadLine();
        try
        {
            using ProcessPool pool = new(1);
            Console.WriteLine($"result {await pool.ApplyAsync(static () => 42).WaitAsync(soon.Token)}");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{exception.GetType().Name}: {exception.Message}");
        }

        return 0;
    }
}
