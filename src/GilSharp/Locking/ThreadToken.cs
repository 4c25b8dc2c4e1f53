using System.Runtime.CompilerServices;

namespace GilSharp.Locking;

/// <summary>What a thread is to the locks: an identity that is never used twice, unlike managed thread ids.</summary>
internal sealed class ThreadToken
{
    // No initialisers on the static fields: a static constructor would put a check into every fast path.
    [ThreadStatic]
    private static ThreadToken? t_current;
    private static long s_tokens;

    private OpenRelease[] _openReleases = [];
    private int _openReleaseCount;
    private long _lastRelease;
    private Waiter? _spareWaiter;
    private List<GlobalInterpreterLock>? _runsReleasesOf;

    private ThreadToken()
    {
        // Owner 0 means free and owner 1 is the reservation, so the first thread is owner 2.
        Id = LockWord.Reserved + Interlocked.Increment(ref s_tokens) * LockWord.OwnerStep;
        Thread = Thread.CurrentThread;
    }

    internal static ThreadToken? CurrentOrNull
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current;
    }

    internal static ThreadToken Current => t_current ?? Create();

    /// <summary>The owner part of a lock word, already in its place.</summary>
    internal long Id { get; }

    /// <summary>Kept so that a waiter can see that the owner has ended.</summary>
    internal Thread Thread { get; }

    /// <summary>Whether this thread is running posted releases of that lock: one that reaches a checkpoint does not start the next on its stack.</summary>
    internal bool RunsReleasesOf(GlobalInterpreterLock gil) => _runsReleasesOf is { } locks && locks.Contains(gil);

    internal void BeginReleasesOf(GlobalInterpreterLock gil) => (_runsReleasesOf ??= []).Add(gil);

    // Those of another lock, begun by a release, end before it does.
    internal void EndReleases() => _runsReleasesOf!.RemoveAt(_runsReleasesOf.Count - 1);

    /// <summary>While this thread runs work items: what is to be told once the lock is left.</summary>
    internal List<Action>? AfterLeaving { get; set; }

    /// <summary>The work item that this thread runs, or the one whose next stretch it runs.</summary>
    internal WorkItem? Running { get; set; }

    /// <summary>How many of its last releases in a row, up to a few, this thread came back from within the time of a loan. Its own.</summary>
    internal int ShortReleases { get; set; }

    /// <summary>A thread waits in one place at a time, save where a wait pumps messages: hence a spare and not a field in use.</summary>
    internal Waiter RentWaiter()
    {
        Waiter waiter = _spareWaiter ?? new Waiter(this);
        _spareWaiter = null;
        return waiter;
    }

    internal void ReturnWaiter(Waiter waiter) => _spareWaiter = waiter;

    internal long OpenRelease(GlobalInterpreterLock gil)
    {
        if (_openReleaseCount == _openReleases.Length)
            Array.Resize(ref _openReleases, Math.Max(4, _openReleaseCount * 2));
        _openReleases[_openReleaseCount++] = new OpenRelease(gil, ++_lastRelease);
        return _lastRelease;
    }

    /// <summary>Is this the innermost open release of that lock on this thread? A copy of an ended scope is not.</summary>
    internal bool IsInnermostRelease(GlobalInterpreterLock gil, long number)
    {
        for (int i = _openReleaseCount - 1; i >= 0; i--)
        {
            if (_openReleases[i].Lock == gil)
                return _openReleases[i].Number == number;
        }

        return false;
    }

    internal void CloseRelease(long number)
    {
        int index = _openReleaseCount - 1;
        while (_openReleases[index].Number != number)
            index--;
        _openReleaseCount--;
        Array.Copy(_openReleases, index + 1, _openReleases, index, _openReleaseCount - index);
        _openReleases[_openReleaseCount] = default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadToken Create() => t_current = new ThreadToken();
}

/// <summary>A release scope that has not ended yet.</summary>
internal readonly record struct OpenRelease(GlobalInterpreterLock Lock, long Number);
