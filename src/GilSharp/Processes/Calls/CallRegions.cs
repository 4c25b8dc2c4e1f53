using GilSharp.Ipc;
using GilSharp.Sharing;

namespace GilSharp.Processes.Calls;

/// <summary>The shared memory that a call's payload names: kept until the call has ended, whatever its end.</summary>
internal sealed class CallRegions
{
    private readonly List<RefCounted<SharedRegion>> _handles = [];
    private readonly List<RegionLoan> _loans = [];
    private readonly List<object> _lentArrays = [];
    private int _released;

    /// <summary>What was copied into lent memory instead of the payload.</summary>
    internal long LentBytes { get; private set; }

    /// <summary>Some of it is a file on disk.</summary>
    internal bool IsOnDisk { get; private set; }

    /// <exception cref="ObjectDisposedException">The handle is disposed.</exception>
    internal void Keep(ISharedWindow window)
    {
        SharedRegion region = window.Region.Value;
        foreach (RefCounted<SharedRegion> kept in _handles)
            if (kept.Value == region) return;
        _handles.Add(window.Region.AddReference());
        IsOnDisk |= region.Kind == SharedMemoryKind.DiskFile;
    }

    internal RegionLoan? TryLend(object array, long bytes)
    {
        _lentArrays.RemoveAll(lent => ReferenceEquals(lent, array)); // of an earlier argument: its content may have changed since
        if (RegionPool.Shared.TryRent(bytes) is not { } loan) return null;
        _loans.Add(loan);
        _lentArrays.Add(array);
        LentBytes += bytes;
        return loan;
    }

    internal bool IsLent(object array) => _lentArrays.Exists(lent => ReferenceEquals(lent, array));

    /// <summary>The payload has been written.</summary>
    internal void Written() => _lentArrays.Clear();

    /// <summary>Every region that a worker must have before it gets the call. While the call has not ended.</summary>
    internal void ForEach(Action<SharedRegion> action)
    {
        foreach (RefCounted<SharedRegion> handle in _handles) action(handle.Value);
        foreach (RegionLoan loan in _loans) action(loan.Region);
    }

    /// <summary>The call has ended; a second call does nothing.</summary>
    internal void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0) return;
        foreach (RefCounted<SharedRegion> handle in _handles) handle.Dispose();
        foreach (RegionLoan loan in _loans) RegionPool.Shared.Return(loan);
    }
}
