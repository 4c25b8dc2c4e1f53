using System.Reflection;
using GilSharp.Ipc;
using GilSharp.Processes.Engine;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Scenarios;

/// <summary>A worker's answers on their way, and the event that wakes the reader. Each orders as a pipe does: who reads knows what the writer knew.</summary>
internal sealed class PlayedChannel
{
    private static readonly FieldInfo ReaderOf = typeof(WorkerConnection).GetField("_reader", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly Queue<(FrameHeader Frame, int[] Known)> _frames = new();
    private int[]? _knownAtEnd;
    private int[]? _knownAtWaking;

    internal bool HasAnswers => _frames.Count > 0;

    internal bool IsEnded => _knownAtEnd is not null;

    internal bool IsWoken => _knownAtWaking is not null;

    internal void Write(VirtualThread me, FrameHeader frame)
    {
        _frames.Enqueue((frame, me.View.Copy()));
        me.View.Tick();
    }

    /// <summary>The worker is gone.</summary>
    internal void End(VirtualThread me)
    {
        _knownAtEnd = me.View.Copy();
        me.View.Tick();
    }

    internal void Wake(VirtualThread me)
    {
        _knownAtWaking = me.View.Copy();
        me.View.Tick();
    }

    internal void WasWoken(VirtualThread me)
    {
        me.View.Acquire(_knownAtWaking);
        _knownAtWaking = null;
    }

    /// <summary>As the connection reads: bytes, 0 if there are none now, -1 if there will be none. Only one thread may at a time.</summary>
    internal int Read(VirtualThread me, WorkerConnection connection)
    {
        me.Execution.UseCollection(me, this, -1);
        if (!_frames.TryDequeue(out (FrameHeader Frame, int[] Known) next))
        {
            me.View.Acquire(_knownAtEnd);
            return IsEnded ? -1 : 0;
        }

        me.View.Acquire(next.Known);
        return WriteAnswer(next.Frame, ((FrameReader)ReaderOf.GetValue(connection)!).Room());
    }

    /// <summary>An answer that says nothing but whose it is.</summary>
    internal static int WriteAnswer(FrameHeader header, Span<byte> into)
    {
        header.Length = AnswerMark.Size;
        header.Write(into);
        BitConverter.TryWriteBytes(into[FrameHeader.Size..], AnswerMark.Of(header.CallId));
        return FrameHeader.Size + AnswerMark.Size;
    }
}
