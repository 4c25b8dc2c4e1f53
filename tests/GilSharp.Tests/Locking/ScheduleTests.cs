using GilSharp.Locking;
using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class ScheduleTests
{
    private const long Interval = 1000;

    [TestMethod]
    [Timeout(60_000)]
    public void SwitchInterval_Longest_HasDeadlinesToo()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.MaxValue });
        using var other = new GlobalInterpreterLock();
        other.SwitchInterval = TimeSpan.MaxValue;
        foreach (GlobalInterpreterLock each in new[] { gil, other })
        {
            Assert.AreEqual(TimeSpan.MaxValue, each.SwitchInterval);
            each.Enter();
            Task waiter = OnThread(() => each.Run(() => { }));
            Task item = each.RunAsync(() => { });
            UntilWaiting(each, 2);
            each.Exit();
            Join(waiter, item);
        }
    }

    [TestMethod]
    public void OneWhoBlocksEarly_KeepsAnEarlierDeadlineThanOneWhoComputes()
    {
        var schedule = new Schedule(Interval);
        var computing = new Seat { Deadline = Interval };
        var blocking = new Seat { Deadline = Interval };
        for (int i = 0; i < 1000; i++)
        {
            schedule.Charge(computing, 100, 1);
            schedule.Join(blocking);
            // Six percent of the time, below its half.
            schedule.Charge(blocking, 6, 2);
            if (i > 30)
                Assert.IsLessThan(computing.Deadline, blocking.Deadline);
        }
    }

    [TestMethod]
    public void OneWhoAsksForEverything_GetsNoMoreThanItsShare()
    {
        var schedule = new Schedule(Interval);
        Seat[] seats = [new() { Deadline = Interval }, new() { Deadline = Interval }];
        long[] served = new long[2];
        for (int i = 0; i < 100_000; i++)
        {
            foreach (Seat seat in seats)
                schedule.Join(seat);
            int next = seats[0].Deadline <= seats[1].Deadline ? 0 : 1;
            schedule.Charge(seats[next], 10, 2);
            served[next] += 10;
        }

        Assert.AreEqual(0.5, (double)served[0] / (served[0] + served[1]), 0.02);
    }

    [TestMethod]
    public void NobodyIsPassedOver_ByAnotherForMoreThanFourIntervals()
    {
        var random = new Random(7);
        for (int round = 0; round < 200 * Effort; round++)
        {
            var schedule = new Schedule(Interval);
            Seat[] seats = [.. Enumerable.Range(0, 2 + random.Next(6)).Select(_ => new Seat())];
            // A past that may be anything.
            for (int i = 0; i < 200; i++)
                schedule.Charge(seats[random.Next(seats.Length)], random.Next(3000), 1 + random.Next(8));

            // The last one waits; the others come back at once each time.
            long waiting = schedule.Join(seats[^1]);
            long[] served = new long[seats.Length];
            while (true)
            {
                int next = 0;
                for (int i = 0; i < seats.Length - 1; i++)
                {
                    if (schedule.Join(seats[i]) < seats[next].Deadline)
                        next = i;
                }

                if (seats[next].Deadline > waiting)
                    break;
                long use = 1 + random.Next(300);
                schedule.Charge(seats[next], use, seats.Length);
                served[next] += use;
                Assert.IsLessThanOrEqualTo(4 * Interval + 300, served[next]);
            }
        }
    }

    [TestMethod]
    public void ManyThreadsThatCameAndWent_LeaveNoSeats()
    {
        var schedule = new Schedule(Interval);
        for (int i = 0; i < 2000; i++)
        {
            var thread = new Thread(() => schedule.Charge(schedule.SeatOf(ThreadToken.Current), 500, 1));
            thread.Start();
            thread.Join();
        }

        Assert.IsLessThan(500, schedule.SeatCount);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void AThreadThatWaits_IsServedWithinTheBound_BesideThreadsThatCompute()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromMilliseconds(1) });
        bool stop = false;
        Task[] computing = [.. Enumerable.Range(0, 4).Select(_ => OnThread(() =>
        {
            using (gil.EnterScope())
            {
                while (!Volatile.Read(ref stop))
                    gil.Checkpoint();
            }
        }))];
        Until(() => gil.GetStatistics().Waiting == 3, "all compute");
        int inTime = 0;
        int tries = 20 * Effort;
        for (int i = 0; i < 10 * tries && inTime < tries / 2; i++)
        {
            // Four computing threads, four intervals each. Some tries suffice: this thread may lose the processor before it queues.
            long before = gil.GetStatistics().ForcedSwitches;
            gil.Run(() => { });
            if (gil.GetStatistics().ForcedSwitches <= before + 16)
                inTime++;
        }

        Assert.IsGreaterThanOrEqualTo(tries / 2, inTime);
        Volatile.Write(ref stop, true);
        Join(computing);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void ThreadsThatCompute_ShareTheLockEvenly()
    {
        using var gil = new GlobalInterpreterLock(new() { SwitchInterval = TimeSpan.FromMilliseconds(1) });
        int rounds = 0;
        int[] turns = new int[4];
        using var start = new Barrier(turns.Length);
        Task[] computing = [.. Enumerable.Range(0, turns.Length).Select(me => OnThread(() =>
        {
            start.SignalAndWait();
            using (gil.EnterScope())
            {
                while (rounds < 400)
                {
                    if (!gil.Checkpoint())
                        continue;
                    rounds++;
                    turns[me]++;
                }
            }
        }))];
        Join(computing);
        foreach (int turn in turns)
            Assert.IsGreaterThanOrEqualTo(400 / turns.Length / 3, turn, string.Join(", ", turns));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void ShortReleases_PassAWaiterOver_ButNotForEver()
    {
        using var gil = new GlobalInterpreterLock();
        bool entered = false;
        gil.Enter();
        // As if the last releases had all been short, so that the lock is lent and not handed over.
        ThreadToken.Current.ShortReleases = 3;
        Task waiter = OnThread(() => gil.Run(() => Volatile.Write(ref entered, true)));
        UntilWaiting(gil, 1);
        Until(
            () =>
            {
                using (gil.ReleaseScope())
                {
                }

                return Volatile.Read(ref entered);
            },
            "the waiter was served");
        gil.Exit();
        Join(waiter);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void ALoanThatTurnsOutLong_IsTakenUpByTheWaiter()
    {
        using var gil = new GlobalInterpreterLock();
        gil.Enter();
        ThreadToken.Current.ShortReleases = 3;
        Task waiter = OnThread(() => gil.Run(() => { }));
        UntilWaiting(gil, 1);
        using (gil.ReleaseScope())
            Join(waiter);
        gil.Exit();
    }
}
