using GilSharp.Races.Exploring;

namespace GilSharp.Races.Scenarios;

/// <summary>The global interpreter lock.</summary>
internal static class LockScenarios
{
    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("lock: two threads, two rounds", "one holder at a time; both get in", static stage => MutualExclusion(stage, threads: 2, rounds: 2)),
        new("lock: three threads", "one holder at a time; all get in", static stage => MutualExclusion(stage, threads: 3, rounds: 1)),
    ];

    private static void MutualExclusion(Stage stage, int threads, int rounds)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        for (int i = 0; i < threads; i++)
        {
            stage.Actor("ABC"[i].ToString(), () =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    gil.Enter();
                    guarded.Value++;
                    gil.Exit();
                }
            });
        }

        stage.Play();
        stage.Check(guarded.Value == threads * rounds, "nobody's work is lost");
        stage.Check(!gil.IsHeldByCurrentThread && gil.GetStatistics().Waiting == 0, "the lock is free in the end");
    }
}
