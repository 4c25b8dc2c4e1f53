namespace GilSharp.Tests.Litmus;

/// <summary>What the memory model, or our code, says of an outcome.</summary>
internal enum Verdict
{
    Allowed,

    /// <summary>Allowed, and seen where the hardware or the compiler reorders.</summary>
    Interesting,

    Forbidden,
}

/// <summary>One outcome and why it may be, or may not.</summary>
internal sealed record Outcome(string Result, Verdict Verdict, string Because);

/// <summary>What the actors of one trial share, and what they saw.</summary>
internal sealed class Trial
{
    internal int X, Y, First, Second, Third, Fourth, Arrived;
    internal object? Subject;
}

/// <summary>A litmus test, in the manner of jcstress: a few actors run at once over fresh trials, again and again; every outcome is counted.</summary>
/// <remarks>Evidence on the machine that it runs on, beside the proofs, and no proof.</remarks>
internal static class LitmusTest
{
    private const int TrialsPerRound = 256, TrialsPerMeeting = 8, Rounds = 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    internal static void Run(string name, Func<Trial, int, string> result, Action<Trial, int>? prepare, Outcome[] outcomes, params Action<Trial, int>[] actors)
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        for (int round = 0; round < Rounds * TestEffort.Factor; round++)
        {
            var trials = new Trial[TrialsPerRound];
            for (int i = 0; i < trials.Length; i++)
                prepare?.Invoke(trials[i] = new Trial(), i);
            RunRound(trials, actors);
            for (int i = 0; i < trials.Length; i++)
            {
                string seen = result(trials[i], i);
                counts[seen] = counts.GetValueOrDefault(seen) + 1;
            }
        }

        foreach (Outcome outcome in outcomes)
            Console.WriteLine($"{name} {outcome.Result,-8} {counts.GetValueOrDefault(outcome.Result),9:N0}  {outcome.Verdict}: {outcome.Because}");
        foreach ((string seen, int count) in counts)
        {
            Outcome? outcome = Array.Find(outcomes, listed => listed.Result == seen);
            Assert.IsNotNull(outcome, $"{name}: {seen} was seen {count} times and is not listed.");
            Assert.AreNotEqual(Verdict.Forbidden, outcome.Verdict, $"{name}: {seen} was seen {count} times. {outcome.Because}");
        }
    }

    private static void RunRound(Trial[] trials, Action<Trial, int>[] actors)
    {
        Exception? failure = null;
        Thread[] threads = [.. actors.Select(actor => new Thread(() =>
        {
            try
            {
                for (int i = 0; i < trials.Length; i++)
                {
                    if (i % TrialsPerMeeting == 0) Meet(ref trials[i].Arrived, actors.Length);
                    actor(trials[i], i);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        }) { IsBackground = true })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) Assert.IsTrue(thread.Join(Deadline), "An actor hangs.");
        Assert.IsNull(failure, failure?.ToString());
    }

    // So that they are at work at the same time: each has come before any goes on.
    private static void Meet(ref int arrived, int actors)
    {
        Interlocked.Increment(ref arrived);
        SpinWait wait = default;
        while (Volatile.Read(ref arrived) < actors) wait.SpinOnce(sleep1Threshold: -1);
    }
}
