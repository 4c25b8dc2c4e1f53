using System.Buffers;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;
using GilSharp.Sharing;

namespace GilSharp.Processes.Inline;

/// <summary>Shared memory of calls that run in this process: only named too, and the handles begin and end as they would in a worker.</summary>
internal sealed class InlineRegions : IRegionChannel
{
    private readonly List<ISharedWindow> _handles = [];
    private readonly List<ISharedWindow> _returned = [];
    private CallRegions _kept = new();

    /// <summary>The call has ended, and what it returned has been read.</summary>
    internal void EndCall()
    {
        WorkerRegions.End(_handles);
        WorkerRegions.End(_returned);
        _kept.Release();
        _kept = new CallRegions();
    }

    /// <summary>The handles that were made since the last call, for who keeps them longer than a call.</summary>
    internal List<ISharedWindow>? TakeHandles()
    {
        if (_handles.Count == 0) return null;
        List<ISharedWindow> taken = [.. _handles];
        _handles.Clear();
        return taken;
    }

    public bool MayCarry(IBufferWriter<byte> output) => output is FrameBuffer;

    public void Send(ISharedWindow window)
    {
        _kept.Keep(window);
        _returned.Add(window);
    }

    public RegionLoan? TryLend(object array, long bytes) => null;

    public bool IsLent(object array) => false;

    public RefCounted<SharedRegion> Take(long id) =>
        SharedRegion.TryFind(id, out RefCounted<SharedRegion>? region) ? region : throw CallSerializationException.Malformed($"shared memory {id:x} is not there");

    public void Made(ISharedWindow window) => _handles.Add(window);

    public void CountRead(long bytes)
    {
    }

    /// <summary>Reads what a call has returned: its handles are the caller's.</summary>
    internal sealed class Reader : IProgressChannel, IRegionChannel
    {
        internal static readonly Reader Instance = new();

        public IRegionChannel Regions => this;

        public int Register<T>(IProgress<T> progress) => throw CallSerializationException.Malformed("a reader does not write");

        public IProgress<T> Create<T>(int number) => throw CallSerializationException.Malformed("a progress reporter stands outside of a call");

        public bool MayCarry(IBufferWriter<byte> output) => false;

        public void Send(ISharedWindow window) => throw CallSerializationException.Malformed("a reader does not write");

        public RegionLoan? TryLend(object array, long bytes) => null;

        public bool IsLent(object array) => false;

        public RefCounted<SharedRegion> Take(long id) =>
            SharedRegion.TryFind(id, out RefCounted<SharedRegion>? region) ? region : throw CallSerializationException.Malformed($"shared memory {id:x} is not there");

        public void Made(ISharedWindow window)
        {
        }

        public void CountRead(long bytes)
        {
        }
    }
}
