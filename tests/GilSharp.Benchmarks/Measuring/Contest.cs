using System.Diagnostics;

namespace GilSharp.Benchmarks.Measuring;

/// <summary>Who takes part in a contest of pools: answers the questions that Peers/pool.py lists.</summary>
internal interface IContestant : IDisposable
{
    string Name { get; }

    /// <summary>The figures asked for; null where this contestant has no such thing.</summary>
    double[]? Ask(string question);
}

/// <summary>Rivals that take turns: what else the machine does meanwhile hits all of them, so that a ratio of two of them means something.</summary>
internal static class Contest
{
    /// <summary>The answers of each contestant, one for each round; without those that have no such thing.</summary>
    internal static Dictionary<string, List<double[]>> Ask(int rounds, IReadOnlyList<IContestant> contestants, string question)
    {
        Dictionary<string, List<double[]>> answers = new(StringComparer.Ordinal);
        HashSet<IContestant> without = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (IContestant contestant in contestants)
            {
                if (without.Contains(contestant)) continue;
                if (contestant.Ask(question) is not { } figures) without.Add(contestant);
                else if (answers.TryGetValue(contestant.Name, out List<double[]>? earlier)) earlier.Add(figures);
                else answers.Add(contestant.Name, [figures]);
            }
        }

        return answers;
    }

    /// <summary>The time of one operation of each rival, in nanoseconds, one spread over all rounds.</summary>
    internal static Dictionary<string, Spread> Nanoseconds(int rounds, int operations, IReadOnlyList<(string Name, Action Body)> rivals)
    {
        Dictionary<string, double[]> times = rivals.ToDictionary(rival => rival.Name, _ => new double[rounds], StringComparer.Ordinal);
        foreach ((_, Action body) in rivals) body();
        for (int round = 0; round < rounds; round++)
        {
            foreach ((string name, Action body) in rivals)
            {
                long start = Stopwatch.GetTimestamp();
                body();
                times[name][round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
            }
        }

        return times.ToDictionary(pair => pair.Key, pair => Spread.Of(pair.Value), StringComparer.Ordinal);
    }

    /// <summary>A figure over the rounds.</summary>
    internal static Spread Of(this List<double[]> rounds, int figure = 0) => Spread.Of([.. rounds.Select(round => round[figure])]);
}
