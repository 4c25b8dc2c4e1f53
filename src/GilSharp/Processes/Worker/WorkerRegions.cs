using System.Buffers;
using System.Buffers.Binary;
using GilSharp.Ipc;
using GilSharp.Serialization;
using GilSharp.Sharing;

namespace GilSharp.Processes.Worker;

/// <summary>Sends a descriptor to the parent with the frame that names it.</summary>
internal delegate void RegionSender(SharedRegion region, ReadOnlySpan<byte> frame);

/// <summary>Shared memory of a worker: what the parent has given it, what the running call was handed, and what its answer names.</summary>
/// <remarks>
/// <code>
///   given      by the parent, by number; mapped until the parent says that it needs it no more
///   handles    of arguments and captured variables: end with the call
///   returned   handles in a result: the caller has the array now, so they end with the call too
///   lent       memory of ours that carries large results; free again when the parent says that it has read the answer
/// </code>
/// The gate guards what the watcher's thread may meet, which deals with frames about regions while a call runs.
/// </remarks>
internal sealed class WorkerRegions(RegionSender sender, Action<ReadOnlyMemory<byte>> notify) : IRegionChannel, IRegionHolder
{
    /// <summary>In place of a region's length: the parent has no descriptor to send.</summary>
    internal const long NoneCame = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, GivenRegion> _given = [];                 // guarded by _gate
    private readonly Dictionary<long, List<RegionLoan>> _lent = [];            // guarded by _gate; by call
    private readonly List<object> _lentArrays = [];
    private List<ISharedWindow> _handles = [];
    private readonly List<ISharedWindow> _returned = [];

    /// <summary>The call that runs.</summary>
    internal FrameHeader Call { get; set; }

    /// <summary>Its answer names memory that we lend.</summary>
    internal bool HasLent { get; private set; }

    /// <summary>The parent has sent a region.</summary>
    /// <param name="descriptor">Its descriptor; -1 if this process may have no more of them.</param>
    /// <param name="id">What both call it.</param>
    /// <param name="payload">How long it is, and which mapping of the parent.</param>
    internal void Given(int descriptor, long id, ReadOnlySpan<byte> payload)
    {
        RefCounted<SharedRegion>? handle = null;
        try
        {
            if (descriptor >= 0) handle = SharedRegion.Adopt(id, descriptor, BinaryPrimitives.ReadInt64LittleEndian(payload));
        }
        catch (IOException)
        {
            // Fails the call that needs it.
        }

        GivenRegion? before;
        lock (_gate)
        {
            _given.Remove(id, out before);
            _given[id] = new GivenRegion(handle, BinaryPrimitives.ReadInt64LittleEndian(payload[sizeof(long)..]));
        }

        before?.Handle?.Dispose();
    }

    /// <summary>The parent needs a region no more.</summary>
    internal void Forgotten(long id, ReadOnlySpan<byte> payload)
    {
        GivenRegion? given;
        lock (_gate)
        {
            // The parent may have got it back and sent it again before it said that it had needed it no more.
            if (!_given.TryGetValue(id, out given) || given.Mapping != BinaryPrimitives.ReadInt64LittleEndian(payload)) return;
            _given.Remove(id);
        }

        given.Handle?.Dispose();
    }

    /// <summary>The parent has read the answer of a call.</summary>
    /// <param name="callId">Which.</param>
    /// <param name="wasTaken">False if the memory could not be taken: it is not lent again, but made anew and sent again.</param>
    internal void AnswerWasRead(long callId, bool wasTaken)
    {
        List<RegionLoan>? loans;
        lock (_gate) _lent.Remove(callId, out loans);
        if (loans is null) return;
        foreach (RegionLoan loan in loans)
        {
            if (wasTaken) RegionPool.Shared.Return(loan);
            else RegionPool.Shared.End(loan);
        }
    }

    /// <summary>The call has been answered.</summary>
    internal void EndCall()
    {
        if (_handles.Count > 0) End(_handles);
        if (_returned.Count > 0) End(_returned);
        _lentArrays.Clear();
        HasLent = false;
    }

    /// <summary>The handles that were made since the last call, for who keeps them longer than a call.</summary>
    internal List<ISharedWindow>? TakeHandles()
    {
        if (_handles.Count == 0) return null;
        List<ISharedWindow> taken = _handles;
        _handles = [];
        return taken;
    }

    internal static void End(List<ISharedWindow> windows)
    {
        foreach (ISharedWindow window in windows) window.Dispose();
        windows.Clear();
    }

    public bool MayCarry(IBufferWriter<byte> output) => output is FrameBuffer;

    public void Send(ISharedWindow window)
    {
        using RefCounted<SharedRegion> handle = window.Region.AddReference();
        SendRegion(handle.Value, isLent: false);
        _returned.Add(window);
    }

    public RegionLoan? TryLend(object array, long bytes)
    {
        _lentArrays.RemoveAll(lent => ReferenceEquals(lent, array));
        if (RegionPool.Shared.TryRent(bytes) is not { } loan) return null;
        lock (_gate)
        {
            if (!_lent.TryGetValue(Call.CallId, out List<RegionLoan>? loans)) _lent.Add(Call.CallId, loans = []);
            loans.Add(loan);
        }

        HasLent = true;
        if (loan.Region.TryAddHolder(this)) SendRegion(loan.Region, isLent: true);
        _lentArrays.Add(array);
        return loan;
    }

    public bool IsLent(object array) => _lentArrays.Exists(lent => ReferenceEquals(lent, array));

    public RefCounted<SharedRegion> Take(long id)
    {
        lock (_gate)
        {
            if (!_given.TryGetValue(id, out GivenRegion? given)) throw CallSerializationException.Malformed($"shared memory {id:x} was never sent");
            return given.Handle?.AddReference() ?? throw new CallSerializationException(
                "Shared memory was sent, and this process could not take it: it has too many open files, or no address space left.");
        }
    }

    public void Made(ISharedWindow window) => _handles.Add(window);

    public void CountRead(long bytes)
    {
    }

    /// <summary>This process needs a region no more that it had lent.</summary>
    public void Forget(SharedRegion region)
    {
        FrameBuffer frame = new(FrameHeader.Size);
        frame.EndFrame(frame.BeginFrame(), FrameKind.RegionForgotten, region.Id);
        try
        {
            notify(frame.Written.ToArray());
        }
        catch (EndOfStreamException)
        {
            // Nobody is left to be told.
        }
    }

    private void SendRegion(SharedRegion region, bool isLent)
    {
        FrameBuffer frame = new(64);
        int start = frame.BeginFrame();
        frame.Write(region.Id);
        frame.Write(region.Bytes);
        frame.Write(isLent ? 1 : 0);
        frame.EndFrame(start, FrameKind.RegionSent, Call.CallId, Call.Slot);
        sender(region, frame.Written);
    }

    /// <summary>A region that the parent has sent.</summary>
    /// <param name="Handle">Null if it could not be received.</param>
    /// <param name="Mapping">Which mapping of the parent's it is.</param>
    /// <remarks>A class: a dictionary of tuples would have to be compiled in every worker before its first call.</remarks>
    private sealed record GivenRegion(RefCounted<SharedRegion>? Handle, long Mapping);
}
