using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GilSharp.Ipc;
using GilSharp.Sharing;

namespace GilSharp;

/// <summary>An array in memory that the worker processes of this machine see too: a call gets its name, not a copy of its elements.</summary>
/// <remarks>
/// <para>An object of this class is a counted handle, with the rules of <see cref="RefCounted{T}"/>: every owner has a handle of its own, from
/// <see cref="AddReference"/>, <see cref="Slice(int)"/> or another process, and disposes it. The memory is freed, exactly once, when the last handle in
/// any process is gone, also when processes are killed.</para>
/// <para>As an argument of a call, within one, or as a captured variable it arrives in the worker as a handle that ends with the call; a function that
/// keeps it takes <see cref="AddReference"/>. As a result it passes to the caller, who disposes it; the function's own handle ends. Whoever writes is
/// seen by all at once; nothing but the end of a call orders what one process writes before what another reads.</para>
/// <para>A span, and a pointer from one, is memory that nobody guards: using it after the handle has been disposed is as wrong as with
/// any memory that is not the collector's. <see cref="Borrow"/> keeps it for a scope. A handle that is dropped without a disposal keeps the memory
/// until the process ends; <see cref="RefCountDiagnostics"/> tells where it was made.</para>
/// </remarks>
/// <typeparam name="T">The type of the elements: no references, and no addresses if it is to travel.</typeparam>
/// <example><code>
/// using SharedArray&lt;double&gt; values = new(1_000_000);
/// values.Span.Fill(1);
/// double sum = await pool.ApplyAsync(static (SharedArray&lt;double&gt; shared) =&gt;
/// {
///     double total = 0;
///     foreach (double value in shared.Span) total += value;
///     return total;
/// }, values);
/// </code></example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed unsafe partial class SharedArray<T> : IDisposable, ISharedWindow
    where T : unmanaged
{
    private readonly RefCounted<SharedRegion> _region;
    private readonly T* _elements;
    private readonly int _length;
    private SharedMemoryManager<T>? _memory;

    /// <summary>Makes an array whose elements are zero. All of its memory is reserved now: a shortage is an exception here and never a crash later.</summary>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="InsufficientMemoryException">The machine, or the container, has not so much memory to give.</exception>
    /// <exception cref="IOException">The system gives no shared memory at all.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public SharedArray(int length)
        : this(Create(length), 0, length)
    {
    }

    /// <summary>Makes an array with the given elements.</summary>
    /// <param name="elements">What is copied into it.</param>
    /// <exception cref="InsufficientMemoryException">The machine, or the container, has not so much memory to give.</exception>
    /// <exception cref="IOException">The system gives no shared memory at all.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public SharedArray(ReadOnlySpan<T> elements)
        : this(elements.Length) => elements.CopyTo(new Span<T>(_elements, _length));

    /// <param name="region">Becomes this handle's own.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="length">In elements.</param>
    internal SharedArray(RefCounted<SharedRegion> region, long offset, int length)
    {
        // An ahead-of-time compiler makes the worker's side of what it sees made here.
        if (!RuntimeFeature.IsDynamicCodeSupported) GC.KeepAlive((new SharedArrayMaker<T>(), new ReadOnlySharedArrayMaker<T>()));
        _region = region;
        _elements = (T*)(region.Value.Address + offset);
        _length = length;
    }

    internal string DebuggerDisplay => $"{typeof(T).Name}[{_length}]: {(_region.IsDisposed ? "disposed" : $"{_region.Count} references")}";

    /// <summary>How many elements there are; also after the disposal.</summary>
    public int Length => _length;

    /// <summary>True once this handle is disposed; the memory may live on through others.</summary>
    public bool IsDisposed => _region.IsDisposed;

    /// <summary>How many references this process has to the memory at this moment: handles, slices, views, leases and calls on their way.</summary>
    /// <remarks>For diagnosis, as <see cref="RefCounted{T}.Count"/>. Other processes are not counted.</remarks>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public int Count => _region.IsDisposed ? throw Disposed() : _region.Count;

    /// <summary>The elements, in place. Valid while this handle is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _region.IsDisposed ? throw Disposed() : new Span<T>(_elements, _length);
    }

    /// <summary>The elements as memory that asynchronous code can hold: its span throws once this handle is disposed, and a pin is a reference.</summary>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public Memory<T> Memory => _region.IsDisposed ? throw Disposed() : (_memory ??= new SharedMemoryManager<T>(this)).Memory;

    /// <summary>One element, in place.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ref T this[int index] => ref Span[index];

    RefCounted<SharedRegion> ISharedWindow.Region => _region;

    long ISharedWindow.Offset => (byte*)_elements - _region.Value.Address;

    /// <summary>Takes another reference to the same elements, as a handle of its own.</summary>
    /// <returns>The new handle.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public SharedArray<T> AddReference() => Slice(0, _length);

    /// <summary>Takes another reference to the same elements, unless this handle is disposed.</summary>
    /// <param name="reference">The new handle, or null.</param>
    /// <returns>True if there is a new handle.</returns>
    public bool TryAddReference([NotNullWhen(true)] out SharedArray<T>? reference)
    {
        reference = _region.TryAddReference(out RefCounted<SharedRegion>? region) ? Over(region, 0, _length) : null;
        return reference is not null;
    }

    /// <summary>A handle of its own to the elements from <paramref name="start"/> on: the same memory, which lives until both are disposed.</summary>
    /// <param name="start">The first of its elements.</param>
    /// <returns>The new handle, which travels as any other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The start is outside of the array.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public SharedArray<T> Slice(int start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, _length);
        return Slice(start, _length - start);
    }

    /// <summary>A handle of its own to some of the elements: the same memory, which lives until both are disposed.</summary>
    /// <param name="start">The first of its elements.</param>
    /// <param name="length">How many.</param>
    /// <returns>The new handle, which travels as any other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are within the array.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public SharedArray<T> Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, _length);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length - start);
        return _region.TryAddReference(out RefCounted<SharedRegion>? region) ? Over(region, start, length) : throw Disposed();
    }

    /// <summary>A handle of its own through which nobody writes by mistake. What others write is seen through it.</summary>
    /// <returns>The view, which travels as one.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlySharedArray<T> AsReadOnly() => new(AddReference());

    /// <summary>Ends this handle. The last one in this process gives up its share of the memory; a second call does nothing.</summary>
    public void Dispose() => _region.Dispose();

    private static ObjectDisposedException Disposed() => new(
        $"SharedArray<{typeof(T)}>",
        "This handle of the shared array has been disposed. Each handle ends with its own Dispose, one that was an argument with its call and one that was "
        + "returned from a function with the call as well; take one with AddReference for everybody who needs the array.");

    private SharedArray<T> Over(RefCounted<SharedRegion> region, int start, int length) =>
        new(region, (byte*)(_elements + start) - region.Value.Address, length);

    private static RefCounted<SharedRegion> Create(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!HostSystem.SharesArrays) throw new PlatformNotSupportedException(HostSystem.NoSharedArrays);
        return SharedRegion.Create((long)length * sizeof(T));
    }
}
