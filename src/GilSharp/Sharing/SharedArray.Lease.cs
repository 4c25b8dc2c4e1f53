using GilSharp.Sharing;

namespace GilSharp;

/// <content>References that live on the stack.</content>
public sealed unsafe partial class SharedArray<T>
{
    /// <summary>Keeps the memory for a scope, whoever disposes this handle meanwhile.</summary>
    /// <returns>The lease, which is to be disposed once: <c>using</c> does that.</returns>
    /// <exception cref="ObjectDisposedException">This handle is disposed.</exception>
    public Lease Borrow()
    {
        try
        {
            return new Lease(_region.Borrow(), _elements, _length);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
    }

    /// <summary>One reference to the elements, for as long as a scope lasts. It may not be copied: each <see cref="Borrow"/> is disposed once.</summary>
    public ref struct Lease
    {
        private readonly T* _elements;
        private readonly int _length;
        private RefCounted<SharedRegion>.Lease _region;

        internal Lease(RefCounted<SharedRegion>.Lease region, T* elements, int length)
        {
            _region = region;
            _elements = elements;
            _length = length;
        }

        /// <summary>The elements, which stay until this lease is disposed.</summary>
        /// <exception cref="InvalidOperationException">This is a default lease, which refers to nothing.</exception>
        /// <exception cref="ObjectDisposedException">This lease is disposed.</exception>
        public readonly Span<T> Span
        {
            get
            {
                _ = _region.Value;
                return new Span<T>(_elements, _length);
            }
        }

        /// <summary>Ends the lease; a second call does nothing.</summary>
        public void Dispose() => _region.Dispose();
    }
}
