using System.Diagnostics;

namespace GilSharp;

/// <summary>What a <see cref="GlobalInterpreterLock"/> has done so far.</summary>
/// <remarks>The figures are read one after another while the lock is in use, so they need not be of the same instant.</remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public readonly record struct GlobalInterpreterLockStatistics
{
    /// <summary>How many times the lock changed from not held to held by a thread, coming back from a checkpoint or a release included; nested enters are not counted.</summary>
    public long Acquisitions { get; init; }

    /// <summary>How many of the acquisitions had to wait.</summary>
    public long ContendedAcquisitions { get; init; }

    /// <summary>How many times a checkpoint gave way to somebody who waited.</summary>
    public long ForcedSwitches { get; init; }

    /// <summary>How many times a holder gave the lock up with <see cref="GlobalInterpreterLock.ReleaseScope"/>.</summary>
    public long VoluntaryReleases { get; init; }

    /// <summary>How many threads and work items wait now.</summary>
    public int Waiting { get; init; }

    /// <summary>How long all finished waits lasted together.</summary>
    public TimeSpan WaitTime { get; init; }

    /// <summary>How long the lock was held; zero unless <see cref="GlobalInterpreterLockOptions.TrackHeldTime"/> is set.</summary>
    public TimeSpan HeldTime { get; init; }

    private string DebuggerDisplay => $"{Acquisitions} acquisitions, {ContendedAcquisitions} contended, {Waiting} waiting";
}
