using System.Numerics;
using GilSharp.Ipc;

namespace GilSharp.Sharing;

/// <summary>A region that carries one large value to another process, and others after it.</summary>
internal sealed class RegionLoan(RefCounted<SharedRegion> handle)
{
    internal SharedRegion Region { get; } = handle.Value;

    /// <summary>Since when nobody uses it. Guarded by the pool.</summary>
    internal long IdleSince { get; set; }

    internal void End() => handle.Dispose();
}

/// <summary>Regions for large values on their way, used again and again: what costs is touching fresh pages, not copying.</summary>
/// <remarks>
/// <code>
///   Rent ──► on its way ──► Return ──► idle ──┬─► Rent …
///                                             └─► unused for a while: ended, and whoever has it mapped is told
/// </code>
/// Bounded in number and in bytes; who gets none writes the value into the channel. One for the process: what one worker has read may serve another.
/// </remarks>
internal sealed class RegionPool
{
    internal const int MostRegions = 32;

    private const long MostBytes = 4L << 30;
    private const long Grain = 1 << 20;
    private const int Share = 4; // of the memory that there is, one part may be on its way

    internal static readonly RegionPool Shared = new(TimeSpan.FromSeconds(5));

    private readonly TimeSpan _idleTime;
    private readonly Lock _gate = new();
    private readonly List<RegionLoan> _idle = []; // guarded by _gate, the one that was used last at the end
    private Timer? _timer;                        // guarded by _gate
    private int _count;                           // guarded by _gate: idle ones and those on their way
    private long _bytes;                          // guarded by _gate
    private bool _unavailable = !HostSystem.SharesArrays; // guarded by _gate: the system gives no memory that is worth the trouble

    internal RegionPool(TimeSpan idleTime) => _idleTime = idleTime;

    internal int Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>A region of at least so many bytes, its content undefined; null if there is none to spare.</summary>
    internal RegionLoan? TryRent(long bytes)
    {
        long size = RoundUp(bytes);
        List<RegionLoan> toEnd = [];
        lock (_gate)
        {
            if (_unavailable || bytes > MostBytes) return null;
            if (TakeIdleNeedsGate(bytes, size) is { } loan) return loan;
            while (_idle.Count > 0 && (_count >= MostRegions || _bytes + size > MostBytes)) toEnd.Add(RemoveNeedsGate(0));
            if (_count < MostRegions && _bytes + size <= MostBytes)
            {
                _count++;
                _bytes += size;
            }
            else
            {
                size = 0;
            }
        }

        foreach (RegionLoan old in toEnd) old.End();
        return size == 0 ? null : Make(size);
    }

    /// <summary>Nobody reads or writes it any more.</summary>
    internal void Return(RegionLoan loan)
    {
        lock (_gate)
        {
            loan.IdleSince = Environment.TickCount64;
            _idle.Add(loan);
            _timer ??= new Timer(static pool => ((RegionPool)pool!).EndUnused(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_idle.Count == 1) _timer.Change(_idleTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>In place of <see cref="Return"/>: it is not lent again.</summary>
    internal void End(RegionLoan loan)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= loan.Region.Bytes;
        }

        loan.End();
    }

    /// <summary>Gives back what has not been used for a while.</summary>
    internal void EndUnused()
    {
        List<RegionLoan> toEnd = [];
        lock (_gate)
        {
            long now = Environment.TickCount64;
            while (_idle.Count > 0 && now - _idle[0].IdleSince >= (long)_idleTime.TotalMilliseconds) toEnd.Add(RemoveNeedsGate(0));
            if (_idle.Count > 0) _timer!.Change(TimeSpan.FromMilliseconds(Math.Max(1, _idleTime.TotalMilliseconds - (now - _idle[0].IdleSince))), Timeout.InfiniteTimeSpan);
        }

        foreach (RegionLoan loan in toEnd) loan.End();
    }

    private RegionLoan? Make(long size)
    {
        try
        {
            if (size <= HostSystem.Current.AvailableMemory / Share)
            {
                RefCounted<SharedRegion> handle = SharedRegion.Create(size);
                if (handle.Value.Kind != SharedMemoryKind.DiskFile) return new RegionLoan(handle);
                handle.Dispose();
                lock (_gate) _unavailable = true; // the channel is faster than a disk
            }
        }
        catch (Exception exception) when (exception is IOException or InsufficientMemoryException)
        {
            // The channel will do.
        }

        lock (_gate)
        {
            _count--;
            _bytes -= size;
        }

        return null;
    }

    // The smallest that will do; a small value does not keep a large region from a large one.
    private RegionLoan? TakeIdleNeedsGate(long bytes, long size)
    {
        int best = -1;
        for (int i = _idle.Count - 1; i >= 0; i--)
        {
            long has = _idle[i].Region.Bytes;
            if (has >= bytes && has <= 4 * size && (best < 0 || has < _idle[best].Region.Bytes)) best = i;
        }

        if (best < 0) return null;
        RegionLoan loan = _idle[best];
        _idle.RemoveAt(best);
        return loan;
    }

    private RegionLoan RemoveNeedsGate(int at)
    {
        RegionLoan loan = _idle[at];
        _idle.RemoveAt(at);
        _count--;
        _bytes -= loan.Region.Bytes;
        return loan;
    }

    // To the next eighth of a power of two: values of nearly the same size share a region, and little is reserved for nothing.
    private static long RoundUp(long bytes)
    {
        long grain = Math.Max(Grain, (long)BitOperations.RoundUpToPowerOf2((ulong)bytes) / 16);
        return (bytes + grain - 1) / grain * grain;
    }
}
