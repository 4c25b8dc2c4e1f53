using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;

namespace GilSharp.Processes.Inline;

/// <summary>The room for the results of a chunk that runs in this process: frames go straight back to its map.</summary>
internal sealed class InlineChunkRoom : ChunkRoom
{
    private readonly byte[] _results = new byte[StatusPage.ResultsLength];
    private int _left;

    /// <summary>The chunk that runs.</summary>
    internal ChunkCall? Chunk { get; set; }

    internal override Span<byte> Results => _results;

    internal override void Begin(long callId, int items) => _left = items;

    internal override bool TryStartItem() => _left-- > 0;

    internal override void Count(int bytes)
    {
    }

    internal override void Send(ReadOnlySpan<byte> frame)
    {
        IProgressChannel? before = CodecContext.Progress;
        CodecContext.Progress = InlineRegions.Reader.Instance; // shared memory among the results is the caller's
        try
        {
            Chunk!.TakeResults(frame[FrameHeader.Size..^AnswerMark.Size].ToArray());
        }
        finally
        {
            CodecContext.Progress = before;
        }
    }
}
