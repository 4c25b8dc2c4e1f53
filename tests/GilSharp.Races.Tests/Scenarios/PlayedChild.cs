using GilSharp.Ipc;
using GilSharp.Ipc.Unix;

namespace GilSharp.Races.Scenarios;

/// <summary>The parent's end of a worker that a thread plays: what is written goes into a real pipe; the rest belongs to the reader, which is played too.</summary>
internal sealed unsafe class PlayedChild(StatusPage status, int writeEnd) : ChildProcess(status)
{
    internal override int WriteRequests(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return (int)Libc.write(writeEnd, start, (nuint)bytes.Length);
    }

    internal override int ReadAnswers(Span<byte> room) => throw NotPlayed();

    internal override int ReadPrinted(int stream, Span<byte> room) => throw NotPlayed();

    internal override void Signal()
    {
    }

    internal override ChannelEvents Wait(ChannelEvents wanted, int milliseconds) => throw NotPlayed();

    // Within a schedule the seam's, see PoolSeam; a deadline's own thread may come outside of one, and there is no process.
    internal override void Kill()
    {
    }

    internal override ExitStatus Collect() => throw NotPlayed();

    public override void Dispose()
    {
    }

    private static NotSupportedException NotPlayed() => new("A scenario plays the worker; nobody reads from it or waits for it.");
}
