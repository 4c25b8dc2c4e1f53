using System.Runtime.InteropServices;

namespace GilSharp.Samples.RefCounting;

/// <summary>Memory that the garbage collector knows nothing about: freed twice it corrupts the heap, freed early it is read by strangers.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private static int s_alive;

    private byte* _memory;

    public NativeBuffer(int length)
    {
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)length);
        Length = length;
        Interlocked.Increment(ref s_alive);
    }

    /// <summary>How many buffers have been allocated and not freed.</summary>
    public static int Alive => Volatile.Read(ref s_alive);

    public int Length { get; }

    public Span<byte> Bytes => _memory is not null ? new Span<byte>(_memory, Length) : throw new InvalidOperationException("The memory is gone.");

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        Interlocked.Decrement(ref s_alive);
    }
}
