using GilSharp.Ipc;
using GilSharp.Processes.Faults;

namespace GilSharp.Processes.Worker;

/// <summary>Where a chunk finds its next item and leaves its results.</summary>
internal abstract class ChunkRoom
{
    internal abstract Span<byte> Results { get; }

    internal abstract void Begin(long callId, int items);

    internal abstract bool TryStartItem();

    /// <summary>So many bytes of results are whole.</summary>
    internal abstract void Count(int bytes);

    internal abstract void Send(ReadOnlySpan<byte> frame);
}

/// <summary>Memory that is shared with the parent: what lies there survives this process.</summary>
internal sealed class SharedChunkRoom(StatusPage status, WorkerChannel channel, HeldAnswers held, WorkerFaults? faults) : ChunkRoom
{
    internal override Span<byte> Results => status.Results;

    internal override void Begin(long callId, int items) => status.BeginChunk(callId, items);

    internal override bool TryStartItem() => status.TryStartItem();

    internal override void Count(int bytes) => status.CountResults(bytes);

    internal override void Send(ReadOnlySpan<byte> frame)
    {
        if (faults is null) channel.Write(frame);
        else faults.Answer(channel, held, frame, took: 0, mayWait: false);
    }
}
