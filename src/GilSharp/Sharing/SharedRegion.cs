using System.Diagnostics.CodeAnalysis;
using GilSharp.Ipc;

namespace GilSharp.Sharing;

/// <summary>A run of memory that several processes have mapped, as this process sees it.</summary>
/// <remarks>
/// <code>
///   SharedArray ──► RefCounted ─┐
///   slice       ──► RefCounted ─┼──► SharedRegion ──► descriptor, mapping ──► the memory ◄── mapping of a worker
///   call on its way ► RefCounted┘         one a process                        (kernel)
/// </code>
/// Within a process the handles are counted; between processes the kernel counts descriptors and mappings. When a process needs the region no more,
/// or is killed, its share is gone; when the last share is gone, so is the memory. No process has to live for another's memory to be freed.
/// A region has the same number in all processes. Who gets it a second time finds the mapping that it has.
/// </remarks>
internal sealed unsafe class SharedRegion : IDisposable
{
    private static readonly Lock TableGate = new();
    /// <summary>To ask what there is costs more than so much memory.</summary>
    private const long AlwaysTried = 1 << 20;

    private static long s_lastMapping;

    private static readonly Dictionary<long, SharedRegion> Table = []; // guarded by TableGate: every region that is mapped here

    private readonly Lock _gate = new();
    private readonly List<IRegionHolder> _holders = []; // guarded by _gate
    private WeakRefCounted<SharedRegion> _counted = null!;

    private SharedRegion(long id, int descriptor, byte* address, long bytes, SharedMemoryKind kind)
    {
        Id = id;
        Descriptor = descriptor;
        Address = address;
        Bytes = bytes;
        Kind = kind;
    }

    internal long Id { get; }

    /// <summary>Which mapping of this process it is: a region that has gone and come back is another one to those who are told to forget it.</summary>
    internal long Mapping { get; } = Interlocked.Increment(ref s_lastMapping);

    internal int Descriptor { get; }

    internal byte* Address { get; }

    internal long Bytes { get; }

    /// <summary>Known to the process that made it; others say <see cref="SharedMemoryKind.Anonymous"/>.</summary>
    internal SharedMemoryKind Kind { get; }

    /// <summary>How many regions are mapped in this process.</summary>
    internal static int Mapped
    {
        get
        {
            lock (TableGate) return Table.Count;
        }
    }

    /// <summary>Makes a region, zeroed, with all of its pages.</summary>
    /// <exception cref="InsufficientMemoryException">There is not so much memory.</exception>
    /// <exception cref="IOException">The system gives no shared memory.</exception>
    internal static RefCounted<SharedRegion> Create(long bytes)
    {
        if (bytes > AlwaysTried && HostSystem.Current.AvailableMemory is long available && bytes > available)
            throw new InsufficientMemoryException(
                $"{bytes:N0} bytes of shared memory are more than the {available:N0} bytes that this machine or container has to give at the moment.");
        long reserved = Math.Max(bytes, 1);
        int descriptor = SharedMemory.Reserve("gilsharp-array", reserved, out SharedMemoryKind kind);
        return Map(Random.Shared.NextInt64(1, long.MaxValue), descriptor, reserved, kind, populate: true);
    }

    /// <summary>A region that another process has sent; the mapping that there is already, if there is one.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="descriptor">It is the region's from now on, also if this fails.</param>
    /// <param name="bytes">How long the sender says it is.</param>
    /// <exception cref="IOException">It can't be mapped.</exception>
    internal static RefCounted<SharedRegion> Adopt(long id, int descriptor, long bytes)
    {
        if (TryFind(id, out RefCounted<SharedRegion>? known))
        {
            HostSystem.Current.Close(descriptor);
            return known;
        }

        if (bytes <= 0 || SharedMemory.LengthOf(descriptor) < bytes)
        {
            HostSystem.Current.Close(descriptor);
            throw new IOException($"Shared memory of {bytes:N0} bytes was announced, and what came is shorter.");
        }

        return Map(id, descriptor, bytes, SharedMemoryKind.Anonymous, populate: false);
    }

    /// <summary>A reference to a region that is mapped in this process.</summary>
    internal static bool TryFind(long id, [NotNullWhen(true)] out RefCounted<SharedRegion>? region)
    {
        SharedRegion? found;
        lock (TableGate) Table.TryGetValue(id, out found);
        region = null;
        return found is not null && found._counted.TryGetReference(out region);
    }

    /// <summary>Copies from elsewhere to the beginning of the region.</summary>
    internal void CopyIn(byte* source, long bytes) => Buffer.MemoryCopy(source, Address, Bytes, bytes);

    /// <summary>Copies from the beginning of the region to memory that is probably fresh.</summary>
    internal void CopyOut(byte* destination, long bytes)
    {
        SharedMemory.ExpectFilling(destination, bytes);
        Buffer.MemoryCopy(Address, destination, bytes, bytes);
    }

    /// <summary>True if the holder did not have it: it is to be sent now. For somebody who holds a reference.</summary>
    internal bool TryAddHolder(IRegionHolder holder)
    {
        lock (_gate)
        {
            if (_holders.Contains(holder)) return false;
            _holders.Add(holder);
            return true;
        }
    }

    /// <summary>The holder is gone.</summary>
    internal void RemoveHolder(IRegionHolder holder)
    {
        lock (_gate) _holders.Remove(holder);
    }

    /// <summary>The last reference in this process has ended.</summary>
    public void Dispose()
    {
        lock (TableGate)
            if (Table.TryGetValue(Id, out SharedRegion? current) && current == this) Table.Remove(Id);
        IRegionHolder[] holders;
        lock (_gate)
        {
            holders = [.. _holders];
            _holders.Clear();
        }

        HostSystem.Current.Unmap(Address, Bytes);
        HostSystem.Current.Close(Descriptor);
        foreach (IRegionHolder holder in holders) holder.Forget(this);
    }

    private static RefCounted<SharedRegion> Map(long id, int descriptor, long bytes, SharedMemoryKind kind, bool populate)
    {
        SharedRegion region;
        try
        {
            region = new SharedRegion(id, descriptor, SharedMemory.Map(descriptor, bytes, populate), bytes, kind);
        }
        catch
        {
            HostSystem.Current.Close(descriptor);
            throw;
        }

        RefCounted<SharedRegion> counted = RefCounted.Create(region);
        region._counted = counted.CreateWeak();
        // Of two threads that adopt the same region at once each has a mapping of its own: the younger is found from now on.
        lock (TableGate) Table[id] = region;
        return counted;
    }
}
