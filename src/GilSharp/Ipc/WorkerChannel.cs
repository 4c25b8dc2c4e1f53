using System.Diagnostics;

namespace GilSharp.Ipc;

/// <summary>The worker's ends of its channel to the parent.</summary>
internal abstract class WorkerChannel
{
    /// <summary>How long a reader without work asks again before it sleeps: waking a sleeper costs 25 µs, asking 0.3 µs.</summary>
    private static readonly long YieldTicks = Stopwatch.Frequency / 50_000; // 20 µs

    /// <summary>Reads what is there; 0 if nothing is.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal abstract int TryRead(Span<byte> buffer);

    /// <summary>Reads; asks a while before it sleeps.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal int Read(Span<byte> buffer)
    {
        int count = TryRead(buffer);
        if (count > 0) return count;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < YieldTicks;)
        {
            HostSystem.Yield();
            if ((count = TryRead(buffer)) > 0) return count;
        }

        do Wait(); while ((count = TryRead(buffer)) == 0);
        return count;
    }

    /// <summary>Sleeps until there is something to read, <see cref="Wake"/> is called, or the time is up.</summary>
    internal abstract void Wait(int milliseconds = Timeout.Infinite);

    /// <summary>Ends a <see cref="Wait"/> of another thread.</summary>
    internal abstract void Wake();

    /// <summary>Takes the descriptor that a frame has announced: it has been sent already.</summary>
    /// <returns>The descriptor, the caller's to close; -1 if this process may have no more of them.</returns>
    /// <exception cref="InvalidDataException">Another one comes, or none.</exception>
    internal virtual int ReceiveDescriptor(long number) => throw new InvalidDataException($"Descriptor {number:x} was announced on a system where none are sent.");

    /// <summary>Sends a descriptor, then the frame that announces it.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    /// <exception cref="IOException">The system has too many descriptors on their way.</exception>
    internal virtual void WriteDescriptor(long number, int descriptor, ReadOnlySpan<byte> frame) => throw new PlatformNotSupportedException(HostSystem.NoSharedArrays);

    /// <summary>Writes whole frames; any thread may.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal abstract void Write(ReadOnlySpan<byte> frames);
}
