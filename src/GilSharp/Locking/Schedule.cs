namespace GilSharp.Locking;

/// <summary>Who deserves the lock next: virtual deadlines, after Nir Aides' proposal for CPython (bpo-7946) and earliest eligible virtual deadline first.</summary>
/// <remarks>
/// <para>Virtual time runs at the speed of one competitor's fair share: while n compete, it advances by 1/n of the time the lock is
/// held. Each competitor has a seat with a virtual deadline, which moves one interval ahead whenever it has used up an interval.
/// The earliest deadline is served first. A thread that blocks early keeps its early deadline, so it is served at once until it has
/// used more than its share; a thread that computes pushes its own deadline back.</para>
/// <para>A deadline is kept within [now − 1 interval, now + 2 intervals] of virtual time. The lower bound limits the credit
/// of one who was away, the upper one the debt of one who held on for long; together they bound how long anybody is passed over.</para>
/// <para>Guarded by the lock's gate. Times are ticks of 100 ns.</para>
/// </remarks>
internal sealed class Schedule(long interval)
{
    private const int SeatsBeforeFirstSweep = 64;

    private readonly Dictionary<long, Seat> _seats = [];
    private int _sweepAt = SeatsBeforeFirstSweep;
    private long _virtualNow;

    /// <summary>The switch interval.</summary>
    internal long Interval { get; private set; } = interval;

    /// <summary>The seat of the queued work items together: ten thousand of them compete as one.</summary>
    internal Seat WorkItems { get; } = new();

    internal int SeatCount => _seats.Count;

    internal Seat SeatOf(ThreadToken token)
    {
        if (_seats.TryGetValue(token.Id, out Seat? seat))
            return seat;

        if (_seats.Count >= _sweepAt)
            Sweep();
        // A newcomer has no credit: it waits its turn, as CPython makes it wait one interval.
        seat = new Seat { Deadline = _virtualNow + Interval };
        _seats.Add(token.Id, seat);
        return seat;
    }

    /// <summary>Changes the interval while in use, and brings every deadline into the new bounds.</summary>
    internal void ChangeInterval(long interval)
    {
        Interval = interval;
        Join(WorkItems);
        foreach (Seat seat in _seats.Values)
            Join(seat);
    }

    /// <summary>A deadline within the bounds; which of two is earlier does not change.</summary>
    internal long Clamp(long deadline) => Math.Clamp(deadline, Earliest, _virtualNow + 2 * Interval);

    /// <summary>Somebody queues: brings the deadline of one who was away into the present.</summary>
    internal long Join(Seat seat) => seat.Deadline = Clamp(seat.Deadline);

    /// <summary>A holder who came in while nobody waited has had the lock to itself: it keeps no credit against one who waits.</summary>
    internal void JoinAsHolder(Seat seat) => seat.Deadline = Math.Clamp(seat.Deadline, _virtualNow, _virtualNow + 2 * Interval);

    /// <summary>Charges a time of use; returns true when the seat has used up its slice and was pushed back.</summary>
    internal bool Charge(Seat seat, long elapsed, int competitors)
    {
        if (elapsed <= 0)
            return false;

        _virtualNow += Math.Max(1, elapsed / Math.Max(1, competitors));
        return Fine(seat, elapsed);
    }

    /// <summary>Charges a seat with time that the lock was not held for: the price of having been served early.</summary>
    internal bool Fine(Seat seat, long time)
    {
        seat.Used += time;
        if (seat.Used < Interval)
            return false;

        (long intervals, seat.Used) = Math.DivRem(seat.Used, Interval);
        // Compared before it is multiplied: somebody may have held the lock for a week.
        long moved = intervals > 3 ? long.MaxValue : seat.Deadline + intervals * Interval;
        // Aides' rule, an interval from now. Only one who stayed well below its share keeps its credit: fines and switches make
        // virtual time run a little ahead of those who compute, and they must not look as if they had been away.
        long earliest = seat.Deadline > _virtualNow - Interval / 2 ? _virtualNow + Interval : _virtualNow;
        seat.Deadline = Math.Clamp(moved, earliest, _virtualNow + 2 * Interval);
        return true;
    }

    private long Earliest => _virtualNow - Interval;

    // A seat whose deadline has long passed says little: its owner may be dead for all we know. If it comes back, it is a newcomer.
    private void Sweep()
    {
        foreach ((long id, Seat seat) in _seats)
        {
            if (seat.Deadline <= Earliest)
                _seats.Remove(id);
        }

        _sweepAt = Math.Max(SeatsBeforeFirstSweep, _seats.Count * 2);
    }
}

/// <summary>What a schedule knows of one competitor.</summary>
internal sealed class Seat
{
    /// <summary>Used of the current slice.</summary>
    internal long Used;

    /// <summary>In virtual time.</summary>
    internal long Deadline;
}
