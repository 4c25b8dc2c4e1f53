namespace GilSharp.Samples.Countdown;

/// <summary>Two threads that set off together.</summary>
internal static class TwoThreads
{
    /// <summary>Runs <paramref name="body"/> on both and returns what each returned; rethrows what either threw.</summary>
    public static T[] Run<T>(Func<T> body)
    {
        T[] results = new T[2];
        Exception? failure = null;
        using Barrier start = new(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(index => new Thread(() => Body(index)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return failure is null ? results : throw new InvalidOperationException("A thread failed.", failure);

        void Body(int index)
        {
            try
            {
                start.SignalAndWait();
                results[index] = body();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        }
    }
}
