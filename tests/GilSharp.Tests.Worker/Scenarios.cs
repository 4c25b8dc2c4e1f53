/// <summary>Whole programs that a test runs on their own, by name: each prints "name=value" lines and ends with 0 if all went as it should.</summary>
internal static class Scenarios
{
    internal static readonly Dictionary<string, Func<string[], Task<int>>> All = new()
    {
        ["queue"] = Pressure.QueueAMillion,
        ["arguments"] = Pressure.SendLargeArguments,
        ["print"] = Pressure.Print,
        ["descriptors"] = Exhaustion.Descriptors,
        ["threads"] = Exhaustion.Threads,
        ["drain"] = Ending.DrainOnSignal,
        ["ordinary"] = Ending.WaitForEver,
        ["host"] = Hosting.Run,
        ["container"] = Container.Probe,
        ["clock"] = Container.TimeCalls,
        ["memory"] = Container.FillMemory,
    };

    internal static void Say(string name, object? value) => Console.WriteLine($"{name}={value}");

    internal static long PeakMemory()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    internal static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Waits for what comes without a signal; the test that runs us has the deadline.</summary>
    internal static void Await(Func<bool> condition)
    {
        while (!condition()) Thread.Sleep(5);
    }

    internal static async Task<TException> Throws<TException>(Task task) where TException : Exception
    {
        try
        {
            await task;
        }
        catch (TException exception)
        {
            return exception;
        }

        throw new InvalidOperationException($"No {typeof(TException).Name} was thrown.");
    }
}
