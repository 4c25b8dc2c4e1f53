using GilSharp.Locking;

namespace GilSharp.Tests.Locking;

/// <summary>Deadlines, charges and bounds of the schedule, number by number.</summary>
[TestClass]
public sealed class ScheduleValuesTests
{
    private const long Interval = 1000;

    private readonly Schedule _schedule = new(Interval);

    // The present in virtual time: the bounds of a deadline say it.
    private long Now => _schedule.Clamp(long.MinValue) + _schedule.Interval;

    [TestMethod]
    public void Newcomer_WaitsOneInterval_AndKeepsItsSeat()
    {
        ThreadToken me = TokenOfAThread();
        _schedule.Charge(new Seat(), 500, 1);
        Seat seat = _schedule.SeatOf(me);

        Assert.AreEqual(500 + Interval, seat.Deadline);
        Assert.AreSame(seat, _schedule.SeatOf(me));
        Assert.AreEqual(1, _schedule.SeatCount);
        Assert.AreNotSame(seat, _schedule.SeatOf(TokenOfAThread()));
    }

    [TestMethod]
    [DataRow(600L, 1, 600L)]
    [DataRow(600L, 3, 200L)]
    [DataRow(600L, 0, 600L)]
    [DataRow(2L, 10, 1L)]  // not nothing
    [DataRow(0L, 1, 0L)]
    [DataRow(-5L, 1, 0L)]
    public void VirtualTime_AdvancesByTheShareOfOne(long elapsed, int competitors, long advanced)
    {
        Seat seat = new();
        Assert.IsFalse(_schedule.Charge(seat, elapsed, competitors));
        Assert.AreEqual(advanced, Now);
        Assert.AreEqual(Math.Max(0, elapsed), seat.Used);
    }

    [TestMethod]
    public void Slice_IsUsedUpWithTheLastTickOfTheInterval()
    {
        Seat seat = new();
        Assert.IsFalse(_schedule.Fine(seat, Interval - 1));
        Assert.AreEqual((0, Interval - 1), (seat.Deadline, seat.Used));
        Assert.IsTrue(_schedule.Fine(seat, 1));
        Assert.AreEqual((Interval, 0L), (seat.Deadline, seat.Used));
        Assert.IsTrue(_schedule.Charge(seat, Interval, 1));
    }

    [TestMethod]
    [DataRow(0L, 1000L, 1000L)]
    [DataRow(0L, 1999L, 1000L)]
    [DataRow(-400L, 1000L, 1000L)]              // close to its share: an interval from now
    [DataRow(-400L, 2000L, 1600L)]
    [DataRow(-499L, 1000L, 1000L)]
    [DataRow(-500L, 1000L, 500L)]               // well below its share: it keeps its credit
    [DataRow(-1000L, 1000L, 0L)]
    [DataRow(500L, 2000L, 2000L)]               // two intervals of debt at most
    [DataRow(-1000L, 4000L, 2000L)]
    [DataRow(1000L, long.MaxValue - 10, 2000L)] // held for longer than numbers reach
    public void Deadline_IsPushedBackByWhatWasUsed_WithinItsBounds(long deadline, long used, long pushed)
    {
        Seat seat = new() { Deadline = deadline };
        Assert.IsTrue(_schedule.Fine(seat, used));
        Assert.AreEqual(pushed, seat.Deadline);
        Assert.AreEqual(used % Interval, seat.Used);
    }

    [TestMethod]
    [DataRow(-5000L, -1000L, 0L)]
    [DataRow(-700L, -700L, 0L)]
    [DataRow(700L, 700L, 700L)]
    [DataRow(5000L, 2000L, 2000L)]
    public void WhoComesBack_HasCreditAndDebtWithinBounds_AndAHolderNoCredit(long deadline, long joined, long asHolder)
    {
        Seat seat = new() { Deadline = deadline };
        Assert.AreEqual(joined, _schedule.Join(seat));
        Assert.AreEqual(joined, seat.Deadline);
        seat.Deadline = deadline;
        _schedule.JoinAsHolder(seat);
        Assert.AreEqual(asHolder, seat.Deadline);
    }

    [TestMethod]
    public void ChangedInterval_BringsEveryDeadlineIntoTheNewBounds()
    {
        Seat seat = _schedule.SeatOf(TokenOfAThread());
        (seat.Deadline, _schedule.WorkItems.Deadline) = (-900, 1900);
        _schedule.ChangeInterval(100);

        Assert.AreEqual(100, _schedule.Interval);
        Assert.AreEqual((-100, 200), (seat.Deadline, _schedule.WorkItems.Deadline));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void SixtyFourSeats_AreSweptWhenAnotherComes_IfTheirDeadlinesHavePassed()
    {
        for (int i = 0; i < 64; i++) _schedule.SeatOf(TokenOfAThread());
        Assert.AreEqual(64, _schedule.SeatCount);
        _schedule.Charge(new Seat(), 2 * Interval, 1); // as long ago as a deadline may be
        _schedule.SeatOf(TokenOfAThread());
        Assert.AreEqual(1, _schedule.SeatCount);

        _schedule.Charge(new Seat(), 2 * Interval, 1);
        _schedule.SeatOf(TokenOfAThread());
        Assert.AreEqual(2, _schedule.SeatCount); // not swept again before there are sixty-four
    }

    [TestMethod]
    [Timeout(60_000)]
    public void SeatsWhoseDeadlineIsNear_AreNotSwept()
    {
        for (int i = 0; i < 64; i++) _schedule.SeatOf(TokenOfAThread());
        _schedule.Charge(new Seat(), 2 * Interval - 1, 1);
        _schedule.SeatOf(TokenOfAThread());
        Assert.AreEqual(65, _schedule.SeatCount);
    }

    private static ThreadToken TokenOfAThread()
    {
        ThreadToken? token = null;
        Thread thread = new(() => token = ThreadToken.Current);
        thread.Start();
        thread.Join();
        return token!;
    }
}
