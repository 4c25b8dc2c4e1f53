using System.Buffers;
using System.Buffers.Binary;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;
using GilSharp.Sharing;

namespace GilSharp.Processes.Engine;

/// <summary>Shared memory: what the worker was given, and what its answers name.</summary>
/// <remarks>
/// A region is sent before the first call that names it, once; the worker keeps it mapped until this process needs it no more. The way back is used by
/// who reads alone: an answer's regions come before the answer, and what nobody has taken when it has been dealt with is closed.
/// </remarks>
internal sealed partial class WorkerConnection : IRegionHolder, IProgressChannel, IRegionChannel
{
    private readonly Lock _shareGate = new();
    private HashSet<SharedRegion>? _shared;                                       // guarded by _shareGate: what the worker has of ours
    private ArrivedRegions? _arrived;                                             // of who reads: for calls that have not ended
    private Dictionary<long, RefCounted<SharedRegion>?>? _borrowed;               // of who reads: the worker's, which carry large results
    private bool _lacksBorrowed;                                                  // of who reads: some of them could not be taken
    private CallRegions? _ofSettings;
    private long _lentBytes;      // guarded by the engine's gate
    private long _borrowedBytes;  // of who reads

    /// <summary>Whether some of what the worker has mapped is not its own.</summary>
    internal bool SharesMemory => Volatile.Read(ref _shared) is not null || Volatile.Read(ref _borrowed) is not null;

    public IRegionChannel Regions => this;

    /// <summary>This process needs the region no more.</summary>
    public void Forget(SharedRegion region)
    {
        lock (_shareGate) _shared?.Remove(region);
        _outbox.Add(new FrameHeader(FrameKind.ForgetRegion, region.Id, length: sizeof(long)), BitConverter.GetBytes(region.Mapping));
        Write();
    }

    public bool MayCarry(IBufferWriter<byte> output) => false;

    public void Send(ISharedWindow window) => throw CallSerializationException.Malformed("a reader does not write");

    public RegionLoan? TryLend(object array, long bytes) => null;

    public bool IsLent(object array) => false;

    public RefCounted<SharedRegion> Take(long id)
    {
        RefCounted<SharedRegion>? handle = null;
        if (_borrowed?.TryGetValue(id, out handle) == true) handle = handle?.AddReference();
        else if (_arrived?.TryTake(id, out handle) != true) throw CallSerializationException.Malformed($"shared memory {id:x} was never sent");
        return handle ?? throw new CallSerializationException(
            "A worker sent shared memory, and this process could not take it: it has too many open files, or no address space left.");
    }

    public void Made(ISharedWindow window)
    {
        // The caller's from now on.
    }

    public void CountRead(long bytes) => Volatile.Write(ref _borrowedBytes, _borrowedBytes + bytes);

    public int Register<T>(IProgress<T> progress) => throw CallSerializationException.Malformed("a reader does not write");

    public IProgress<T> Create<T>(int number) => throw CallSerializationException.Malformed("a progress reporter stands outside of a call");

    private void ShareNeedsGate(CallRegions regions)
    {
        _lentBytes += regions.LentBytes;
        regions.ForEach(Share);
    }

    private void Share(SharedRegion region)
    {
        if (!TryHold(region)) return;
        if (TryDuplicate(region, out int descriptor))
        {
            _outbox.AddDescriptor(descriptor, region.Id, Announcement(region, region.Bytes));
            return;
        }

        // Only the calls that need it now fail, and who comes later tries again.
        region.RemoveHolder(this);
        lock (_shareGate) _shared!.Remove(region);
        byte[] none = Announcement(region, WorkerRegions.NoneCame);
        _outbox.Add(new FrameHeader(FrameKind.Region, region.Id, length: none.Length - FrameHeader.Size), none.AsMemory(FrameHeader.Size));
    }

    // What the initializer captures is sent before all else, even if the first call has put the same region on its way already.
    private List<(int Descriptor, long Number, byte[] Frame)> Announce(CallRegions regions)
    {
        _ofSettings = regions;
        List<(int, long, byte[])> announced = [];
        bool failed = false;
        regions.ForEach(region =>
        {
            TryHold(region);
            if (TryDuplicate(region, out int descriptor)) announced.Add((descriptor, region.Id, Announcement(region, region.Bytes)));
            else failed = true;
        });
        if (!failed) return announced;
        foreach ((int descriptor, _, _) in announced) HostSystem.Current.Close(descriptor);
        throw new SystemLimitException("Shared memory that the initializer captures could not be handed over: no descriptor is left (ulimit -n).");
    }

    private bool TryHold(SharedRegion region)
    {
        if (!region.TryAddHolder(this)) return false;
        lock (_shareGate) (_shared ??= []).Add(region);
        return true;
    }

    // A descriptor of its own: the frame may wait longer than the call lives.
    private static bool TryDuplicate(SharedRegion region, out int descriptor) => (descriptor = HostSystem.Current.Duplicate(region.Descriptor)) >= 0;

    private static byte[] Announcement(SharedRegion region, long bytes)
    {
        FrameBuffer frame = new(64);
        int start = frame.BeginFrame();
        frame.Write(bytes);
        frame.Write(region.Mapping);
        frame.EndFrame(start, FrameKind.Region, region.Id);
        return frame.Written.ToArray();
    }

    private void RegionArrived(ChildProcess child, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        long id = BinaryPrimitives.ReadInt64LittleEndian(payload);
        long bytes = BinaryPrimitives.ReadInt64LittleEndian(payload[sizeof(long)..]);
        bool isLent = BinaryPrimitives.ReadInt32LittleEndian(payload[(2 * sizeof(long))..]) != 0;
        int descriptor = child.ReceiveDescriptor(id);
        RefCounted<SharedRegion>? handle = null;
        try
        {
            if (descriptor >= 0) handle = SharedRegion.Adopt(id, descriptor, bytes);
        }
        catch (IOException)
        {
            // Fails the call whose answer names it.
        }

        _lacksBorrowed |= isLent && handle is null;
        if (!isLent) (_arrived ??= new ArrivedRegions()).Add(header.CallId, id, handle);
        else if (!(_borrowed ??= []).TryAdd(id, handle)) throw new InvalidDataException($"Worker {Id} sent memory {id:x} twice.");
    }

    private void RegionForgotten(long id)
    {
        if (_borrowed is not null && _borrowed.Remove(id, out RefCounted<SharedRegion>? handle)) handle?.Dispose();
    }

    /// <summary>A call has ended here: what its answer named has been taken, or nobody wants it.</summary>
    private void EndRegions(in FrameHeader header)
    {
        _arrived?.End(header.CallId);
        if ((header.Flags & CallFlags.Lent) == 0) return;
        _outbox.Add(new FrameHeader(FrameKind.AnswerRead, header.CallId, flags: _lacksBorrowed ? CallFlags.Lent : CallFlags.None), default);
        _lacksBorrowed = false;
        Write();
    }

    /// <summary>The worker is gone, and its calls have been dealt with.</summary>
    internal void EndSharing()
    {
        SharedRegion[] shared;
        lock (_shareGate)
        {
            shared = _shared is null ? [] : [.. _shared];
            _shared?.Clear();
        }

        foreach (SharedRegion region in shared) region.RemoveHolder(this);
        _ofSettings?.Release();
        _arrived?.EndAll();
        if (_borrowed is not null) foreach (RefCounted<SharedRegion>? handle in _borrowed.Values) handle?.Dispose();
        _arrived = null;
        _borrowed = null;
    }
}
