namespace GilSharp.Races.Memory;

/// <summary>A place in memory that threads share on purpose, with the stores that were made to it, in their order.</summary>
internal sealed class Location<T>
{
    private readonly List<Store<T>> _stores = [];

    internal Location(T initial) => _stores.Add(new Store<T>(initial, null));

    internal Store<T> Latest => _stores[^1];

    /// <summary>How many different stores a read by that thread may meet: the latest, and those before it up to the first it must know.</summary>
    internal int Visible(ThreadView view)
    {
        int oldest = _stores.Count - 1;
        while (oldest > 0 && !_stores[oldest].IsKnownTo(view))
            oldest--;
        return _stores.Count - oldest;
    }

    /// <summary>The store that is so many before the latest.</summary>
    internal Store<T> Before(int back) => _stores[_stores.Count - 1 - back];

    internal void Add(T value, int[]? message, ThreadView by)
    {
        Store<T> store = new(value, message);
        store.SeenBy(by);
        _stores.Add(store);
    }
}

/// <summary>One store: its value, what its reader acquires, and who has seen it since when.</summary>
internal sealed class Store<T>(T value, int[]? message)
{
    private int[]? _firstSeen;

    internal T Value => value;

    internal int[]? Message => message;

    internal void SeenBy(ThreadView view)
    {
        _firstSeen ??= new int[ThreadView.MostThreads];
        if (_firstSeen[view.Id] == 0)
            _firstSeen[view.Id] = view.Time;
    }

    /// <summary>Coherence: it, or a later one, has been seen by somebody of whose sight the reader knows.</summary>
    internal bool IsKnownTo(ThreadView view)
    {
        if (_firstSeen is null)
            return true;
        for (int thread = 0; thread < ThreadView.MostThreads; thread++)
        {
            if (_firstSeen[thread] != 0 && view.Knows(thread, _firstSeen[thread]))
                return true;
        }

        return false;
    }
}

/// <summary>A place in memory that threads do not use at the same time, or the program is wrong.</summary>
internal sealed class PlainPlace
{
    private readonly int[] _reads = new int[ThreadView.MostThreads];
    private int _writer = -1;
    private int _written;

    /// <summary>The thread whose access races with this one; -1 if none does.</summary>
    internal int Read(ThreadView view)
    {
        _reads[view.Id] = view.Time;
        return _writer >= 0 && !view.HappenedBefore(_writer, _written) ? _writer : -1;
    }

    internal int Write(ThreadView view)
    {
        int other = _writer >= 0 && !view.HappenedBefore(_writer, _written) ? _writer : -1;
        for (int thread = 0; thread < _reads.Length && other < 0; thread++)
        {
            if (_reads[thread] != 0 && !view.HappenedBefore(thread, _reads[thread]))
                other = thread;
        }

        (_writer, _written) = (view.Id, view.Time);
        return other;
    }
}
