using System.Diagnostics;

namespace GilSharp.Samples.Countdown;

/// <summary>What became of the counts in one way of counting.</summary>
internal sealed record CountResult(string Mode, int Objects, long References, long CountsLost, int Leaked, int FreedTooEarly, TimeSpan Elapsed)
{
    public bool Exact => CountsLost == 0 && Leaked == 0 && FreedTooEarly == 0;
}

/// <summary>Objects shared, one after the other, by two threads.</summary>
internal static class CountTrial
{
    private const int Objects = 20;
    /// <summary>So many that the two threads overlap: a thread takes some 50 µs to wake.</summary>
    private const int ReferencesPerThread = 400_000;

    public static CountResult Plain() => Run("plain int, ++ and --", () => new PlainlyCounted());

    public static CountResult Atomic() => Run("RefCounted, Atomic", () => new HandleCounted(RefCountMode.Atomic));

    public static CountResult LockGuarded() => Run("RefCounted, LockGuarded", () => new HandleCounted(RefCountMode.LockGuarded));

    public static CountResult GilCounted()
    {
        using GlobalInterpreterLock gil = new();
        return Run("RefCounted, GilCounted", () => gil.Run(() => new HandleCounted(gil)));
    }

    private static CountResult Run(string mode, Func<CountedObject> create)
    {
        long started = Stopwatch.GetTimestamp();
        List<CountedObject> objects = [];
        for (int i = 0; i < Objects; i++)
        {
            CountedObject shared = create();
            TwoThreads.Run(() =>
            {
                shared.TakeAndDrop(ReferencesPerThread);
                return true;
            });
            shared.DropLast();
            objects.Add(shared);
        }
        return new CountResult(
            mode,
            Objects,
            2L * Objects * ReferencesPerThread,
            objects.Sum(counted => counted.CountsLost),
            objects.Count(counted => counted.Leaked),
            objects.Count(counted => counted.FreedTooEarly),
            Stopwatch.GetElapsedTime(started));
    }
}
