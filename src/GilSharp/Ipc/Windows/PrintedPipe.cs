using System.Runtime.Versioning;

namespace GilSharp.Ipc.Windows;

/// <summary>What a worker prints to one stream: a thread waits for it, since user code rings no bell.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class PrintedPipe : IDisposable
{
    /// <summary>A worker that was killed has closed its end; what is in the pipe then comes at once.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly nint _pipe;
    private readonly byte[] _piece = new byte[4096];
    private readonly AutoResetEvent _bell = new(initialState: false);
    private int _start, _end;  // guarded by _gate: what of the piece was not taken
    private bool _ended;       // guarded by _gate
    private bool _isDisposed;  // guarded by _gate

    /// <param name="pipe">The end to read, which is closed when the other one is, and if this fails.</param>
    /// <exception cref="SystemLimitException">The system gives no thread.</exception>
    internal PrintedPipe(nint pipe)
    {
        _pipe = pipe;
        try
        {
            OwnThread.Start(Read, 128 * 1024, "GilSharp output");
        }
        catch
        {
            Kernel32.CloseHandle(pipe);
            _bell.Dispose();
            throw;
        }
    }

    /// <summary>Rings when a piece is there, or the end; valid until disposal.</summary>
    internal nint Bell => _bell.SafeWaitHandle.DangerousGetHandle();

    /// <summary>Nobody takes anything any more; the thread ends with the stream.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _bell.Dispose();
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Bytes taken; 0 if there are none now, -1 if there will be none.</summary>
    /// <param name="room">Where they go.</param>
    /// <param name="toTheEnd">Waits a little for the next piece: the worker is gone.</param>
    internal int Take(Span<byte> room, bool toTheEnd)
    {
        lock (_gate)
        {
            if (toTheEnd && _start == _end && !_ended) Monitor.Wait(_gate, LongestEnd);
            if (_start == _end) return _ended ? -1 : 0;
            int count = Math.Min(room.Length, _end - _start);
            _piece.AsSpan(_start, count).CopyTo(room);
            _start += count;
            if (_start == _end) Monitor.PulseAll(_gate); // the thread may read the next
            return count;
        }
    }

    private void Read()
    {
        while (true)
        {
            uint count;
            bool more;
            fixed (byte* bytes = _piece) more = Kernel32.ReadFile(_pipe, bytes, (uint)_piece.Length, &count, null) != 0;
            lock (_gate)
            {
                (_start, _end, _ended) = (0, more ? (int)count : 0, !more);
                Monitor.PulseAll(_gate);
                if (!_isDisposed) _bell.Set();
                while (_start < _end && !_isDisposed) Monitor.Wait(_gate);
            }

            if (more) continue;
            Kernel32.CloseHandle(_pipe);
            return;
        }
    }
}
