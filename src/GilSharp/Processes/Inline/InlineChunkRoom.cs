using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Inline;

/// <summary>The room for the results of a chunk that runs in this process: frames go straight back to its map.</summary>
internal sealed class InlineChunkRoom : ChunkRoom
{
    private readonly byte[] _results = new byte[StatusPage.ResultsLength];
    private int _left;

    /// <summary>The chunk that runs.</summary>
    internal ChunkCall? Chunk { get; set; }

    /// <summary>The payload of the last frame: the answer.</summary>
    internal ReadOnlyMemory<byte> Answer { get; private set; }

    internal override Span<byte> Results => _results;

    internal override void Begin(long callId, int items) => _left = items;

    internal override bool TryStartItem() => _left-- > 0;

    internal override void Count(int bytes)
    {
    }

    internal override void Send(ReadOnlySpan<byte> frame)
    {
        byte[] payload = frame[FrameHeader.Size..].ToArray();
        if ((FrameHeader.Read(frame).Flags & CallFlags.More) != 0) Chunk!.TakeResults(payload);
        else Answer = payload;
    }
}
