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

    /// <summary>Sleeps until there is something to read or <see cref="Wake"/> is called.</summary>
    internal abstract void Wait();

    /// <summary>Ends a <see cref="Wait"/> of another thread.</summary>
    internal abstract void Wake();

    /// <summary>Writes whole frames; any thread may.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal abstract void Write(ReadOnlySpan<byte> frames);
}
