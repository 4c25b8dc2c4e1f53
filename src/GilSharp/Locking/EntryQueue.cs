namespace GilSharp.Locking;

/// <summary>A doubly linked queue: entries leave from the middle in one step, and what has left leaves no memory.</summary>
/// <remarks>Guarded by the lock's gate.</remarks>
internal sealed class EntryQueue<T>
    where T : QueueEntry
{
    private QueueEntry? _last;
    private QueueEntry? _first;

    internal T? First => (T?)_first;

    internal int Count { get; private set; }

    internal bool IsEmpty => _first is null;

    /// <summary>Appends an entry: the order of arrival.</summary>
    internal void Add(T entry) => InsertAfter(_last, entry);

    /// <summary>Puts an entry behind all whose deadline is not later than its own.</summary>
    internal void AddByDeadline(T entry)
    {
        QueueEntry? before = _last;
        while (before is not null && before.Deadline > entry.Deadline)
            before = before.Previous;
        InsertAfter(before, entry);
    }

    internal void Remove(T entry)
    {
        if (entry.Previous is null)
            _first = entry.Next;
        else
            entry.Previous.Next = entry.Next;
        if (entry.Next is null)
            _last = entry.Previous;
        else
            entry.Next.Previous = entry.Previous;
        entry.Previous = entry.Next = null;
        Count--;
    }

    private void InsertAfter(QueueEntry? before, T entry)
    {
        entry.Previous = before;
        entry.Next = before is null ? _first : before.Next;
        if (before is null)
            _first = entry;
        else
            before.Next = entry;
        if (entry.Next is null)
            _last = entry;
        else
            entry.Next.Previous = entry;
        Count++;
    }
}
