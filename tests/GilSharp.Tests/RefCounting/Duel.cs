using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace GilSharp.Tests.RefCounting;

/// <summary>Threads that meet before every round, so that what they do in it happens as nearly at once as the machine allows.</summary>
internal sealed class Duel
{
    // On a machine with other work to do a meeting costs many times what it costs alone: then there are fewer rounds, not a missed deadline.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(Effort.Times(8));

    private readonly Action<int>[] _participants;
    private ExceptionDispatchInfo? _failure;
    private int _arrivals;
    private bool _over;

    private Duel(Action<int>[] participants) => _participants = participants;

    /// <summary>
    /// Runs so many rounds, or as many as there is time for, and returns their number. In each, <paramref name="prepare"/> runs alone, then every
    /// participant once, all at the same time, then <paramref name="judge"/> alone. The first exception of any of them ends the duel and is thrown.
    /// </summary>
    internal static int Fight(int rounds, Action<int> prepare, Action<int> judge, params Action<int>[] participants)
    {
        Duel duel = new(participants);

        // The first participant and the umpire are one thread: two who fight need two processors, not three.
        Thread[] threads = [.. participants[1..].Select((_, me) => new Thread(() => duel.TakePart(me + 1)) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        int fought = duel.Umpire(rounds, prepare, judge);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        duel._failure?.Throw();
        return fought;
    }

    private int Umpire(int rounds, Action<int> prepare, Action<int> judge)
    {
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; ; round++)
        {
            bool over = round == rounds || Stopwatch.GetElapsedTime(start) > Budget;
            if (!over)
            {
                Try(prepare, round);
            }

            Volatile.Write(ref _over, over || Volatile.Read(ref _failure) is not null);
            Meet((2 * round) + 1);
            if (_over)
            {
                return round;
            }

            TakeTurn(me: 0, round);
            Meet((2 * round) + 2);
            Try(judge, round);
        }
    }

    private void TakePart(int me)
    {
        for (int round = 0; ; round++)
        {
            Meet((2 * round) + 1);
            if (Volatile.Read(ref _over))
            {
                return;
            }

            TakeTurn(me, round);
            Meet((2 * round) + 2);
        }
    }

    // Who comes to the meeting last goes on first, so the roles change and everybody waits for a while that is different in each round: somewhere
    // in the sweep two steps fall together.
    private void TakeTurn(int me, int round)
    {
        Thread.SpinWait(me == 0 ? round % 61 : round % 7);
        Try(_participants[(me + round) % _participants.Length], round);
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
        int all = _participants.Length;
        Interlocked.Increment(ref _arrivals);
        int looks = 0;
        while (Volatile.Read(ref _arrivals) < meeting * all)
        {
            // A look costs a nanosecond, a pause many: who pauses between looks is late. But the one who is missing may need this processor.
            if (++looks > 2000)
            {
                Thread.Yield();
            }
        }
    }
}
