using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace GilSharp.Ipc;

/// <summary>Frames on their way to a worker: many threads add, one at a time writes, none waits.</summary>
/// <remarks>
/// Small frames are copied one behind the other into chunks, so that one write carries many; a large payload stays where it is and is written
/// from there. <see cref="Flush"/> never blocks: what the pipe doesn't take now is left for whoever watches it become writable.
/// </remarks>
internal sealed class Outbox
{
    private const int ChunkSize = 32 * 1024;

    /// <summary>What a user may have without asking; pipes begin with 64 KiB.</summary>
    internal const int LargePipe = 1024 * 1024;

    /// <summary>Payloads from here on are not copied.</summary>
    internal const int LargePayload = 8 * 1024;

    internal enum FlushOutcome
    {
        /// <summary>Nothing is left, or another thread is writing and will leave nothing.</summary>
        Done,

        /// <summary>The pipe is full: wait until it is writable, then flush again.</summary>
        PipeFull,

        /// <summary>The socket for descriptors is full: the same of it.</summary>
        SocketFull,

        /// <summary>The reader at the other end is gone.</summary>
        Broken,
    }

    private readonly object _gate = new();
    private readonly Queue<Segment> _sealed = new();            // guarded by _gate
    private byte[] _open = new byte[ChunkSize];                 // guarded by _gate: the chunk that small frames go into
    private byte[]? _spare;                                     // guarded by _gate
    private int _openStart, _openEnd;                           // guarded by _gate: what of it is not yet written
    private bool _flushing;                                     // guarded by _gate
    private bool _pipeIsLarge;                                  // of the one that flushes
    private bool _broken;                                       // guarded by _gate
    private Segment? _rest;                                     // guarded by _gate: what stays in front: what a full pipe refused

    private long _written;

    /// <summary>A run of bytes to write; of our own chunks we may use the memory again, of a payload never.</summary>
    /// <remarks>One without bytes is a descriptor, which goes through the socket before the frame behind it.</remarks>
    private sealed record Segment(byte[] Bytes, int Start, int Count, bool IsChunk, int Descriptor = -1, long Number = 0);

    internal long TotalWritten => Volatile.Read(ref _written);

    internal bool IsEmpty
    {
        get
        {
            lock (_gate) return _sealed.Count == 0 && _openStart == _openEnd && !_flushing;
        }
    }

    /// <summary>Adds a frame: its header, then its payload.</summary>
    internal void Add(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        lock (_gate)
        {
            if (_broken) return;
            Span<byte> at = RoomNeedsLock(FrameHeader.Size);
            header.Write(at);
            _openEnd += FrameHeader.Size;
            if (payload.Length < LargePayload || !MemoryMarshal.TryGetArray(payload, out ArraySegment<byte> array))
                CopyNeedsLock(payload.Span);
            else
            {
                SealNeedsLock();
                _sealed.Enqueue(new Segment(array.Array!, array.Offset, array.Count, IsChunk: false));
            }
        }
    }

    /// <summary>Adds bytes that nobody will take for a frame, for tests.</summary>
    internal void AddRaw(ReadOnlySpan<byte> bytes)
    {
        lock (_gate) CopyNeedsLock(bytes);
    }

    /// <summary>Adds a frame with the descriptor that it announces.</summary>
    /// <param name="descriptor">Closed when it has been sent, or can't be any more.</param>
    /// <param name="number">What the frame calls it.</param>
    /// <param name="frame">The whole frame.</param>
    internal void AddDescriptor(int descriptor, long number, byte[] frame)
    {
        lock (_gate)
        {
            if (!_broken)
            {
                SealNeedsLock();
                _sealed.Enqueue(new Segment([], 0, 0, IsChunk: false, descriptor, number));
                CopyNeedsLock(frame);
                return;
            }
        }

        HostSystem.Current.Close(descriptor);
    }

    /// <summary>Puts whole frames before all others; only before the first flush.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="descriptors">What goes before even these, each with the frame that announces it.</param>
    internal void AddFirst(byte[] frames, List<(int Descriptor, long Number, byte[] Frame)>? descriptors = null)
    {
        lock (_gate)
        {
            Segment[] later = [.. _sealed];
            _sealed.Clear();
            if (descriptors is not null)
            {
                foreach ((int descriptor, long number, byte[] frame) in descriptors)
                {
                    _sealed.Enqueue(new Segment([], 0, 0, IsChunk: false, descriptor, number));
                    _sealed.Enqueue(new Segment(frame, 0, frame.Length, IsChunk: false));
                }
            }

            _sealed.Enqueue(new Segment(frames, 0, frames.Length, IsChunk: false));
            foreach (Segment segment in later) _sealed.Enqueue(segment);
        }
    }

    /// <summary>Writes what is there as far as the pipe takes it; where it takes no more, says so to whoever watches <paramref name="whenFull"/>.</summary>
    /// <param name="child">Where it goes.</param>
    /// <param name="whenFull">Who is signalled if there is no room; null for nobody.</param>
    internal FlushOutcome Flush(ChildProcess child, ChildProcess? whenFull)
    {
        Segment? segment;
        lock (_gate)
        {
            if (_broken) return FlushOutcome.Broken;
            if (_flushing || !TakeNeedsLock(out segment)) return FlushOutcome.Done;
            _flushing = true;
        }

        while (true)
        {
            Segment first = segment;
            bool isDescriptor = first.Descriptor >= 0;
            int written = isDescriptor ? SendDescriptor(child, first) : child.WriteRequests(first.Bytes.AsSpan(first.Start, first.Count));
            if (written == 0 && TryGrowPipe(child, first.Count)) continue;
            if (written > 0 && !isDescriptor) Volatile.Write(ref _written, _written + written);

        Account:
            try
            {
                lock (_gate)
                {
                    if (written < 0) _broken = true;
                    else if (isDescriptor ? written == 0 : written < first.Count) _rest = After(first, written);
                    else if (!RecycleAndTakeNeedsLock(ref segment))
                    {
                        _flushing = false;
                        Monitor.PulseAll(_gate);
                        return FlushOutcome.Done;
                    }
                    else continue;

                    _flushing = false;
                    Monitor.PulseAll(_gate);
                    if (_broken) return FlushOutcome.Broken;
                    whenFull?.Signal();
                    return isDescriptor ? FlushOutcome.SocketFull : FlushOutcome.PipeFull;
                }
            }
            catch (ThreadInterruptedException)
            {
                Thread.CurrentThread.Interrupt(); // where it waits next; here it would leave a worker to which nobody writes any more
                goto Account;
            }
        }
    }

    /// <summary>Ends a wait of the reader, unless the channel is closed and its descriptors may mean something else.</summary>
    internal void Signal(ChildProcess child)
    {
        lock (_gate)
        {
            if (!_broken) child.Signal();
        }
    }

    // 1 if it has been sent, 0 if there is no room now, -1 never any more.
    private static int SendDescriptor(ChildProcess child, Segment segment)
    {
        int sent = child.SendDescriptor(segment.Descriptor, segment.Number);
        if (sent != 0) HostSystem.Current.Close(segment.Descriptor);
        return sent;
    }

    // Much has to go through: in larger steps, with fewer sleeps on both sides. By the one that flushes.
    private bool TryGrowPipe(ChildProcess child, int waiting)
    {
        if (_pipeIsLarge || waiting < LargePipe / 4) return false;
        _pipeIsLarge = true;
        return child.TryEnlarge();
    }

    /// <summary>Nothing is written any more when this has returned: the descriptors may be closed, and their numbers mean something else.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _broken = true;
            while (_flushing) Monitor.Wait(_gate);
            if (_rest is not null) _sealed.Enqueue(_rest);
            foreach (Segment segment in _sealed)
                if (segment.Descriptor >= 0) HostSystem.Current.Close(segment.Descriptor);
            _sealed.Clear();
            _rest = null;
            _openStart = _openEnd = 0;
        }
    }

    private static Segment After(Segment segment, int written) =>
        segment with { Start = segment.Start + written, Count = segment.Count - written };

    private bool TakeNeedsLock([NotNullWhen(true)] out Segment? segment)
    {
        if (_rest is not null)
        {
            segment = _rest;
            _rest = null;
            return true;
        }

        if (_sealed.TryDequeue(out segment)) return true;
        if (_openStart == _openEnd) return false;
        SealNeedsLock();
        return _sealed.TryDequeue(out segment);
    }

    private bool RecycleAndTakeNeedsLock([NotNullWhen(true)] ref Segment? segment)
    {
        if (_spare is null && segment!.IsChunk) _spare = segment.Bytes;
        return TakeNeedsLock(out segment);
    }

    /// <summary>Closes the open chunk, so that what comes next comes behind it.</summary>
    private void SealNeedsLock()
    {
        if (_openStart != _openEnd)
        {
            _sealed.Enqueue(new Segment(_open, _openStart, _openEnd - _openStart, IsChunk: true));
            _open = _spare ?? GC.AllocateUninitializedArray<byte>(ChunkSize);
            _spare = null;
        }

        _openStart = _openEnd = 0;
    }

    private Span<byte> RoomNeedsLock(int needed)
    {
        if (ChunkSize - _openEnd < needed) SealNeedsLock();
        return _open.AsSpan(_openEnd);
    }

    private void CopyNeedsLock(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            Span<byte> room = RoomNeedsLock(1);
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _openEnd += count;
            bytes = bytes[count..];
        }
    }
}
