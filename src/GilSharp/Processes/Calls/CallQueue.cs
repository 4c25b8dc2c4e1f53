using GilSharp.Ipc;

namespace GilSharp.Processes.Calls;

/// <summary>Accepted calls that no worker has: the larger priority first, then in the order of their acceptance.</summary>
/// <remarks>
/// Guarded by the engine's gate. Calls that come back from a lost worker, or that were taken back, go in front of their equals: they were first.
/// A call that is cancelled while it waits stays in its place as a husk and is skipped; husks are swept when they are the majority.
/// </remarks>
internal sealed class CallQueue
{
    private const int MostEmptyLevels = 16;

    private readonly Level _ordinary = new(0);
    private readonly List<Level> _levels; // the larger priority first
    private int _husks;

    internal CallQueue() => _levels = [_ordinary];

    /// <summary>Calls that wait, husks not counted.</summary>
    internal int Count { get; private set; }

    /// <summary>Different priorities that are kept, those that nothing waits with included.</summary>
    internal int Levels => _levels.Count;

    /// <summary>How many of them are chunks of maps.</summary>
    internal int Chunks { get; private set; }

    internal void Add(PendingCall call)
    {
        LevelOf(call.Priority).Calls.Enqueue(call);
        call.State = CallState.Queued;
        CountOne(call, 1);
    }

    internal void AddInFront(PendingCall call)
    {
        LevelOf(call.Priority).Returned.Push(call);
        call.State = CallState.Queued;
        CountOne(call, 1);
    }

    internal bool TryTake(out PendingCall call)
    {
        if (Count > 0)
        {
            ForgetEmptyLevels();
            foreach (Level level in _levels)
            {
                while (level.TryTake(out call))
                {
                    if (call.State == CallState.Queued)
                    {
                        CountOne(call, -1);
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
    internal void Forget(PendingCall call)
    {
        CountOne(call, -1);
        if (++_husks > 1024 && _husks > Count) Sweep();
    }

    private void CountOne(PendingCall call, int change)
    {
        Count += change;
        if ((call.Flags & CallFlags.Chunk) != 0) Chunks += change;
    }

    private Level LevelOf(int priority)
    {
        if (priority == 0) return _ordinary;
        ForgetEmptyLevels();
        int at = 0;
        while (at < _levels.Count && _levels[at].Priority > priority) at++;
        if (at == _levels.Count || _levels[at].Priority != priority) _levels.Insert(at, new Level(priority));
        return _levels[at];
    }

    // Who makes priorities of times or sizes has a new one for each call: those that nothing waits with would stay, and be looked through.
    private void ForgetEmptyLevels()
    {
        if (_levels.Count > MostEmptyLevels && _levels.Count > 2 * Count) _levels.RemoveAll(level => level.IsEmpty && level != _ordinary);
    }

    private void Sweep()
    {
        foreach (Level level in _levels) level.Sweep();
        _husks = 0;
    }

    private sealed class Level(int priority)
    {
        internal int Priority => priority;

        internal Queue<PendingCall> Calls { get; private set; } = new();

        internal Stack<PendingCall> Returned { get; private set; } = new();

        internal bool IsEmpty => Calls.Count == 0 && Returned.Count == 0;

        internal bool TryTake(out PendingCall call) => Returned.TryPop(out call!) || Calls.TryDequeue(out call!);

        internal void Sweep()
        {
            Calls = new Queue<PendingCall>(Calls.Where(static call => call.State == CallState.Queued));
            Returned = new Stack<PendingCall>(Returned.Where(static call => call.State == CallState.Queued).Reverse());
        }
    }
}
