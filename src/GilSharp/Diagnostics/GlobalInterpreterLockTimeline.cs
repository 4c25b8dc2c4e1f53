using GilSharp.Diagnostics;
using GilSharp.Locking;

namespace GilSharp;

/// <summary>Records who held a lock, who waited and when a switch was forced, and draws it: for a person as SVG, for Perfetto and chrome://tracing as a trace.</summary>
/// <remarks>Recording costs a timestamp or two for each event, so attach one to look at something and dispose it.</remarks>
public sealed class GlobalInterpreterLockTimeline : IDisposable
{
    private readonly GlobalInterpreterLock _lock;
    private readonly Entry[] _entries;
    private readonly long _begin = MonotonicClock.Now;
    private int _count;

    /// <summary>Begins to record.</summary>
    /// <param name="gil">The lock to watch.</param>
    /// <param name="capacity">How many events are kept; later ones are dropped. 100,000 by default.</param>
    /// <exception cref="ArgumentNullException"><paramref name="gil"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is zero or negative.</exception>
    public GlobalInterpreterLockTimeline(GlobalInterpreterLock gil, int capacity = 100_000)
    {
        ArgumentNullException.ThrowIfNull(gil);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _lock = gil;
        _entries = new Entry[capacity];
        gil.Attach(this);
    }

    /// <summary>How many events were recorded.</summary>
    public int Count => Math.Min(Volatile.Read(ref _count), _entries.Length);

    /// <summary>Ends the recording; what was recorded can still be written.</summary>
    public void Dispose() => _lock.Detach(this);

    /// <summary>Writes the recording as a picture: a row for each thread, waiting and holding as bars, forced switches as marks.</summary>
    /// <param name="writer">Receives an SVG document.</param>
    /// <exception cref="ArgumentNullException"><paramref name="writer"/> is null.</exception>
    public void WriteSvg(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        new SvgPicture(Spans(out List<TimelineMark> marks), marks, _lock.Name ?? "lock").Write(writer);
    }

    /// <summary>Writes the recording in the Trace Event Format, which Perfetto and chrome://tracing open.</summary>
    /// <param name="writer">Receives a JSON document.</param>
    /// <exception cref="ArgumentNullException"><paramref name="writer"/> is null.</exception>
    public void WriteTrace(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        TraceFile.Write(writer, Spans(out List<TimelineMark> marks), marks, _lock.Name ?? "lock");
    }

    internal void Record(LockEvent what, long time, Thread thread)
    {
        int index = Interlocked.Increment(ref _count) - 1;
        if ((uint)index >= (uint)_entries.Length)
        {
            // Kept near the end, so that it cannot wrap in a long recording.
            Volatile.Write(ref _count, _entries.Length);
            return;
        }

        ref Entry entry = ref _entries[index];
        entry.Time = time;
        entry.ThreadId = thread.ManagedThreadId;
        entry.ThreadName = thread.Name;
        // Written last: an entry without it is one that another thread is still writing.
        Volatile.Write(ref entry.What, (int)what);
    }

    /// <summary>Pairs beginnings with ends, thread by thread.</summary>
    internal List<TimelineSpan> Spans(out List<TimelineMark> marks)
    {
        List<TimelineSpan> spans = [];
        marks = [];
        Dictionary<int, (bool Holds, long Since)> open = [];
        long end = _begin;
        Entry[] entries = [.. _entries.Take(Count).Where(entry => entry.What != 0).OrderBy(entry => entry.Time)];
        foreach (Entry entry in entries)
        {
            end = Math.Max(end, entry.Time);
            var what = (LockEvent)entry.What;
            if (what is LockEvent.ForcedOut or LockEvent.SwitchRequested)
                marks.Add(new TimelineMark(entry.ThreadId, entry.Time - _begin, what));
            if (what == LockEvent.SwitchRequested)
                continue;

            if (open.Remove(entry.ThreadId, out (bool Holds, long Since) before))
                spans.Add(new TimelineSpan(entry.ThreadId, entry.ThreadName, before.Holds, before.Since - _begin, entry.Time - _begin));
            if (what is LockEvent.Requested or LockEvent.ForcedOut)
                open[entry.ThreadId] = (false, entry.Time);
            else if (what == LockEvent.Acquired)
                open[entry.ThreadId] = (true, entry.Time);
        }

        foreach ((int thread, (bool holds, long since)) in open)
            spans.Add(new TimelineSpan(thread, Array.FindLast(entries, entry => entry.ThreadId == thread).ThreadName, holds, since - _begin, end - _begin));
        return spans;
    }

    private struct Entry
    {
        internal long Time;
        internal string? ThreadName;
        internal int ThreadId;
        internal int What;
    }
}
