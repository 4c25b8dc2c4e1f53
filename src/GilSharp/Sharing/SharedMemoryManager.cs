using System.Buffers;

namespace GilSharp.Sharing;

/// <summary>Shows a shared array as memory. Belongs to its handle: it looks at each use whether that still lives, and each pin is a reference.</summary>
internal sealed unsafe class SharedMemoryManager<T>(SharedArray<T> array) : MemoryManager<T> where T : unmanaged
{
    public override Memory<T> Memory => CreateMemory(array.Length);

    public override Span<T> GetSpan() => array.Span;

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, array.Length);
        SharedArray<T> reference = array.AddReference();
        fixed (T* elements = reference.Span) return new MemoryHandle(elements + elementIndex, pinnable: new Pinned(reference));
    }

    public override void Unpin()
    {
        // Each pin ends its own reference.
    }

    protected override void Dispose(bool disposing)
    {
        // The handle is disposed, not what shows it.
    }

    private sealed class Pinned(SharedArray<T> reference) : IPinnable
    {
        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("A pin is not pinned again: pin the memory.");

        public void Unpin() => reference.Dispose();
    }
}
