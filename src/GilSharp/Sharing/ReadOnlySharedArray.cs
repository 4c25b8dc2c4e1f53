using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using GilSharp.Sharing;

namespace GilSharp;

/// <summary>A counted handle to a <see cref="SharedArray{T}"/> that only reads: it has no member that writes.</summary>
/// <remarks>
/// It counts, travels and ends as an array's own handle does. The memory is not write-protected: who has a handle of the array still writes, and this
/// view shows it.
/// </remarks>
/// <typeparam name="T">The type of the elements.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class ReadOnlySharedArray<T> : IDisposable, ISharedWindow
    where T : unmanaged
{
    private readonly SharedArray<T> _array;

    /// <param name="array">Becomes this handle's own.</param>
    internal ReadOnlySharedArray(SharedArray<T> array) => _array = array;

    private string DebuggerDisplay => $"read-only {_array.DebuggerDisplay}";

    /// <summary>How many elements there are; also after the disposal.</summary>
    public int Length => _array.Length;

    /// <summary>True once this handle is disposed; the memory may live on through others.</summary>
    public bool IsDisposed => _array.IsDisposed;

    /// <summary>How many references this process has to the memory at this moment.</summary>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public int Count => _array.Count;

    /// <summary>The elements, in place. Valid while this handle is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlySpan<T> Span => _array.Span;

    /// <summary>The elements as memory that asynchronous code can hold: its span throws once this handle is disposed, and a pin is a reference.</summary>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlyMemory<T> Memory => _array.Memory;

    /// <summary>One element, in place.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ref readonly T this[int index] => ref _array.Span[index];

    RefCounted<SharedRegion> ISharedWindow.Region => ((ISharedWindow)_array).Region;

    long ISharedWindow.Offset => ((ISharedWindow)_array).Offset;

    /// <summary>Takes another reference to the same elements, as a handle of its own.</summary>
    /// <returns>The new handle.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlySharedArray<T> AddReference() => new(_array.AddReference());

    /// <summary>Takes another reference to the same elements, unless this handle is disposed.</summary>
    /// <param name="reference">The new handle, or null.</param>
    /// <returns>True if there is a new handle.</returns>
    public bool TryAddReference([NotNullWhen(true)] out ReadOnlySharedArray<T>? reference)
    {
        reference = _array.TryAddReference(out SharedArray<T>? array) ? new ReadOnlySharedArray<T>(array) : null;
        return reference is not null;
    }

    /// <summary>A handle of its own to the elements from <paramref name="start"/> on.</summary>
    /// <param name="start">The first of its elements.</param>
    /// <returns>The new handle.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The start is outside of the array.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlySharedArray<T> Slice(int start) => new(_array.Slice(start));

    /// <summary>A handle of its own to some of the elements.</summary>
    /// <param name="start">The first of its elements.</param>
    /// <param name="length">How many.</param>
    /// <returns>The new handle.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are within the array.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public ReadOnlySharedArray<T> Slice(int start, int length) => new(_array.Slice(start, length));

    /// <summary>Keeps the memory for a scope, whoever disposes this handle meanwhile.</summary>
    /// <returns>The lease, which is to be disposed once: <c>using</c> does that.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public Lease Borrow() => new(_array.Borrow());

    /// <summary>Ends this handle. The last one in this process gives up its share of the memory; a second call does nothing.</summary>
    public void Dispose() => _array.Dispose();

    /// <summary>One reference to the elements, for as long as a scope lasts. It may not be copied: each <see cref="Borrow"/> is disposed once.</summary>
    public ref struct Lease
    {
        private SharedArray<T>.Lease _lease;

        internal Lease(SharedArray<T>.Lease lease) => _lease = lease;

        /// <summary>The elements, which stay until this lease is disposed.</summary>
        /// <exception cref="InvalidOperationException">This is a default lease, which refers to nothing.</exception>
        /// <exception cref="ObjectDisposedException">This lease is disposed.</exception>
        public readonly ReadOnlySpan<T> Span => _lease.Span;

        /// <summary>Ends the lease; a second call does nothing.</summary>
        public void Dispose() => _lease.Dispose();
    }
}
