using System.Diagnostics;
using GilSharp.Ipc;

namespace GilSharp.Processes.Worker;

/// <summary>Answers on their way to the parent: those of short calls, one close behind the other, are written together.</summary>
/// <remarks>
/// Writing costs more than a short call, since it wakes the parent. So an answer may wait while the next call is here already; it waits on the status
/// page, where the parent finds it should this process die. It is written with the next that doesn't wait, before anything is waited for, and by
/// <see cref="Inbox"/>'s watcher when the call behind it turns out to be long. Like the reader's role it belongs to the main thread between calls, and to
/// the watcher while it leads.
/// </remarks>
internal sealed class HeldAnswers(StatusPage status, WorkerChannel channel)
{
    /// <summary>Longer calls don't notice what writing costs.</summary>
    private static readonly long ShortCall = Stopwatch.Frequency / 50_000; // 20 µs

    private static readonly long LongestWait = Stopwatch.Frequency / 20_000; // 50 µs

    private int _count;
    private long _since;

    internal bool Any => _count > 0;

    /// <summary>Writes an answer, or keeps it for a moment.</summary>
    /// <param name="answer">A whole frame.</param>
    /// <param name="took">How long its call took, in ticks of the monotonic clock.</param>
    /// <param name="mayWait">Nobody needs it now, and the next call is here.</param>
    internal void Add(ReadOnlySpan<byte> answer, long took, bool mayWait)
    {
        if (_count + answer.Length > StatusPage.HeldLength)
        {
            Write();
            channel.Write(answer);
            return;
        }

        bool waits = mayWait && took < ShortCall && (_count == 0 || Stopwatch.GetTimestamp() - _since < LongestWait);
        if (!waits && _count == 0)
        {
            channel.Write(answer);
            return;
        }

        if (_count == 0) _since = Stopwatch.GetTimestamp();
        answer.CopyTo(status.Held[_count..]);
        status.CountHeld(_count += answer.Length);
        if (!waits) Write();
    }

    /// <summary>Writes what waits. Counted until it is written: a parent that finds an answer twice takes it once.</summary>
    internal void Write()
    {
        if (_count == 0) return;
        status.CountHeld(_count, areBeingWritten: true);
        channel.Write(status.Held[.._count]);
        status.CountHeld(_count = 0);
    }
}
