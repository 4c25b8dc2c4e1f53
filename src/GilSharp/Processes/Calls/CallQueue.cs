namespace GilSharp.Processes.Calls;

/// <summary>Accepted calls that no worker has: the larger priority first, then in the order of their acceptance.</summary>
/// <remarks>
/// Guarded by the engine's gate. Calls that come back from a lost worker, or that were taken back, go in front of their equals: they were first.
/// A call that is cancelled while it waits stays in its place as a husk and is skipped; husks are swept when they are the majority.
/// </remarks>
internal sealed class CallQueue
{
    private readonly SortedList<int, Level> _levels = new(Comparer<int>.Create(static (one, other) => other.CompareTo(one)));
    private readonly Level _ordinary = new();
    private int _husks;

    internal CallQueue() => _levels.Add(0, _ordinary);

    /// <summary>Calls that wait, husks not counted.</summary>
    internal int Count { get; private set; }

    internal void Add(PendingCall call)
    {
        LevelOf(call.Priority).Calls.Enqueue(call);
        call.State = CallState.Queued;
        Count++;
    }

    internal void AddInFront(PendingCall call)
    {
        LevelOf(call.Priority).Returned.Push(call);
        call.State = CallState.Queued;
        Count++;
    }

    internal bool TryTake(out PendingCall call)
    {
        if (Count > 0)
        {
            foreach (Level level in _levels.Values)
            {
                while (level.TryTake(out call))
                {
                    if (call.State == CallState.Queued)
                    {
                        Count--;
                        return true;
                    }

                    _husks--;
                }
            }
        }

        call = null!;
        return false;
    }

    /// <summary>A waiting call has ended.</summary>
    internal void Forget()
    {
        Count--;
        if (++_husks > 1024 && _husks > Count) Sweep();
    }

    private Level LevelOf(int priority)
    {
        if (priority == 0) return _ordinary;
        if (!_levels.TryGetValue(priority, out Level? level)) _levels.Add(priority, level = new Level());
        return level;
    }

    private void Sweep()
    {
        foreach (Level level in _levels.Values) level.Sweep();
        _husks = 0;
    }

    private sealed class Level
    {
        internal Queue<PendingCall> Calls { get; private set; } = new();

        internal Stack<PendingCall> Returned { get; private set; } = new();

        internal bool TryTake(out PendingCall call) => Returned.TryPop(out call!) || Calls.TryDequeue(out call!);

        internal void Sweep()
        {
            Calls = new Queue<PendingCall>(Calls.Where(static call => call.State == CallState.Queued));
            Returned = new Stack<PendingCall>(Returned.Where(static call => call.State == CallState.Queued).Reverse());
        }
    }
}
