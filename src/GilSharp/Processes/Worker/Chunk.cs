using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>Runs a function over the items of a chunk.</summary>
/// <remarks>
/// Each result is put, as soon as it is there, where the parent finds it should this process die; so a crash loses the item that ran and no other.
/// What has been collected is sent when the room is full and when the chunk ends. The layout is in <see cref="ChunkFormat"/>.
/// </remarks>
internal sealed class ChunkRun(ChunkRoom place)
{
    private const int Closed = -1;
    private const int Start = FrameHeader.Size + ChunkFormat.HeaderLength;
    private const int Room = StatusPage.ResultsLength - AnswerMark.Size;

    private readonly FrameBuffer _one = new(); // a result on its way: a whole frame, should it be too large for the room
    private FrameHeader _call;
    private PayloadCodec _codec;
    private CancellationToken _token;
    private CallContext.Scope _scope;
    private long _began;
    private int _first;   // item of the first result in the room
    private int _done;    // items that have a result or an error
    private int _end;     // of what is in the room
    private int _values = Closed; // where the run of values begins that is being written
    private int _count;           // how many are in it

    /// <summary>What an item does that meets the limit of this process's memory; null without one.</summary>
    internal MemoryLimit? MemoryLimit { get; set; }

    internal void Begin(in FrameHeader call, PayloadCodec codec, CallContext.Scope scope, CancellationToken token)
    {
        _scope = scope;
        _call = call;
        _codec = codec;
        _token = token;
        _began = Stopwatch.GetTimestamp();
        _done = 0;
        Empty();
    }

    internal void All<TItem, TFunction, TValue>(TItem[] items, TFunction function, Func<TFunction, TItem, TValue> call)
    {
        bool raw = ChunkFormat.IsRaw<TValue>(_codec);
        place.Begin(_call.CallId, items.Length);
        for (int i = 0; i < items.Length && !_token.IsCancellationRequested && place.TryStartItem(); i++)
        {
            try
            {
                TValue value = call(function, items[i]);
                if (raw) AddRaw(value);
                else Add(value);
            }
            catch (OperationCanceledException) when (_token.IsCancellationRequested)
            {
                return; // stopped, as it was asked to
            }
            catch (Exception exception)
            {
                MemoryLimit?.Check(exception);
                AddError(exception);
            }

            _done = i + 1;
        }
    }

    /// <summary>Sends what has not been sent: the chunk has ended.</summary>
    internal void End(CallFlags more = CallFlags.None) => Send(CallFlags.Chunk | more);

    private void AddRaw<TValue>(TValue value)
    {
        int size = ChunkFormat.RawSize<TValue>();
        OpenRun(size);
        Span<byte> room = place.Results;
        if (size > 0) Unsafe.WriteUnaligned(ref room[_end], value);
        CountOne(room, size);
    }

    private void Add<TValue>(TValue value)
    {
        BeginOne(1);
        _codec.WriteResult(_one, value);
        ReadOnlySpan<byte> piece = EndOne();
        if (IsTooLarge(piece))
        {
            SendOne();
            return;
        }

        OpenRun(piece.Length);
        Span<byte> room = place.Results;
        piece.CopyTo(room[_end..]);
        CountOne(room, piece.Length);
    }

    private void AddError(Exception exception)
    {
        _scope.Note(exception);
        BeginOne(ChunkFormat.Error);
        ExceptionCodec.Write(_one, exception);
        ReadOnlySpan<byte> piece = EndOne();
        if (IsTooLarge(piece))
        {
            SendOne();
            return;
        }

        if (_end + sizeof(int) + piece.Length > Room) Flush();
        Span<byte> room = place.Results;
        MemoryMarshal.Write(room[_end..], ChunkFormat.Error);
        piece.CopyTo(room[(_end + sizeof(int))..]);
        _values = Closed;
        _end += sizeof(int) + piece.Length;
        place.Count(_end);
    }

    private void OpenRun(int needed)
    {
        if (_end + sizeof(int) + needed > Room) Flush();
        if (_values != Closed) return;
        _values = _end;
        _count = 0;
        MemoryMarshal.Write(place.Results[_end..], 0);
        _end += sizeof(int);
    }

    private void CountOne(Span<byte> room, int size)
    {
        _end += size;
        MemoryMarshal.Write(room[_values..], ++_count);
        place.Count(_end);
    }

    private static bool IsTooLarge(ReadOnlySpan<byte> piece) => Start + sizeof(int) + piece.Length > Room;

    private void BeginOne(int kind)
    {
        _one.Clear();
        _one.BeginFrame();
        _one.Write(_done);
        _one.Write(0);
        _one.Write(kind);
        _one.ReserveLength();
    }

    // The piece with its length in front.
    private ReadOnlySpan<byte> EndOne()
    {
        _one.FillLength(Start + sizeof(int));
        return _one.Written[(Start + sizeof(int))..];
    }

    private void SendOne()
    {
        Flush();
        _one.Write(AnswerMark.Of(_call.CallId));
        _one.EndFrame(0, FrameKind.Result, _call.CallId, _call.Slot, CallFlags.Chunk | CallFlags.More);
        place.Send(_one.Written);
        _first = _done + 1;
        MemoryMarshal.Write(place.Results[FrameHeader.Size..], _first);
    }

    private void Flush()
    {
        if (_end > Start) Send(CallFlags.Chunk | CallFlags.More);
    }

    private void Send(CallFlags flags)
    {
        Span<byte> room = place.Results;
        new FrameHeader(FrameKind.Result, _call.CallId, _call.Slot, flags, _end + AnswerMark.Size - FrameHeader.Size).Write(room);
        int microseconds = (int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(_began).TotalMicroseconds);
        MemoryMarshal.Write(room[(FrameHeader.Size + sizeof(int))..], microseconds);
        MemoryMarshal.Write(room[_end..], AnswerMark.Of(_call.CallId));
        place.Send(room[..(_end + AnswerMark.Size)]);
        place.Count(0);
        Empty();
    }

    private void Empty()
    {
        _first = _done;
        _end = Start;
        _values = Closed;
        MemoryMarshal.Write(place.Results[FrameHeader.Size..], _first);
    }
}
