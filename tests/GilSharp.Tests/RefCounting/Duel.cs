using System.Runtime.ExceptionServices;

namespace GilSharp.Tests.RefCounting;

/// <summary>Threads that meet before every round, so that what they do in it happens as nearly at once as the machine allows.</summary>
internal sealed class Duel
{
    private readonly Action<int>[] _participants;
    private ExceptionDispatchInfo? _failure;
    private int _arrivals;
    private bool _over;

    private Duel(Action<int>[] participants) => _participants = participants;

    /// <summary>
    /// Runs so many rounds. In each, <paramref name="prepare"/> runs alone, then every participant once, all at the same time, then
    /// <paramref name="judge"/> alone. The first exception of any of them ends the duel and is thrown.
    /// </summary>
    internal static void Fight(int rounds, Action<int> prepare, Action<int> judge, params Action<int>[] participants)
    {
        Duel duel = new(participants);
        Thread[] threads = [.. participants.Select(participant => new Thread(() => duel.TakePart(participant)) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        duel.Umpire(rounds, prepare, judge);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        duel._failure?.Throw();
    }

    private void Umpire(int rounds, Action<int> prepare, Action<int> judge)
    {
        for (int round = 0; ; round++)
        {
            if (round < rounds)
            {
                Try(prepare, round);
            }

            Volatile.Write(ref _over, round == rounds || Volatile.Read(ref _failure) is not null);
            Meet((2 * round) + 1);
            if (_over)
            {
                return;
            }

            Meet((2 * round) + 2);
            Try(judge, round);
        }
    }

    private void TakePart(Action<int> participant)
    {
        for (int round = 0; ; round++)
        {
            Meet((2 * round) + 1);
            if (Volatile.Read(ref _over))
            {
                return;
            }

            Try(participant, round);
            Meet((2 * round) + 2);
        }
    }

    private void Try(Action<int> action, int round)
    {
        try
        {
            action(round);
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
        }
    }

    // Two meetings a round: all start together, and all have ended before anybody looks.
    private void Meet(int meeting)
    {
        int all = _participants.Length + 1;
        Interlocked.Increment(ref _arrivals);
        SpinWait wait = default;
        while (Volatile.Read(ref _arrivals) < meeting * all)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }
}
