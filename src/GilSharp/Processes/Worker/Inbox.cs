using System.Collections.Concurrent;
using GilSharp.Ipc;

namespace GilSharp.Processes.Worker;

/// <summary>A frame that was read before its time came.</summary>
internal readonly record struct InboundFrame(FrameHeader Header, ReadOnlyMemory<byte> Payload);

/// <summary>Reads the channel: the main thread between calls, a watcher while a call takes long.</summary>
/// <remarks>
/// One thread at a time has the role of the reader. Between calls it is the main thread, so that a short call costs no hop from thread to thread.
/// A call that has not ended after two ticks of the watcher (2 ms each) is watched: the watcher takes the role, so that a cancellation reaches the
/// call's token and the parent's end ends the process. When the call returns, the main thread asks for the role and gets it back.
/// <code>
///   main     read ─ run ─ answer ─ read ─ run ──────────────────────────── answer ─ read
///   watcher  parked      tick      tick          tick ═ reads ═══════════╝
/// </code>
/// </remarks>
internal sealed class Inbox
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    private const int LookAgain = 200; // milliseconds

    private readonly WorkerChannel _channel;
    private readonly Action<InboundFrame> _urgent;
    private readonly Action _watching;
    private readonly FrameReader _reader = new(FrameKinds.ToWorker);                         // guarded by _role
    private readonly ConcurrentQueue<ReadAhead> _readAhead = new();
    private readonly object _role = new();
    private readonly object _parking = new();
    private long _running;       // serial number of the call that runs, 0 between calls
    private long _serial;        // of the main thread
    private int _watcherParked;
    private int _roleWanted;

    /// <param name="channel">What to read.</param>
    /// <param name="urgent">Called on the watcher for a frame that concerns the running call; others wait for the main thread.</param>
    /// <param name="watching">Called on the watcher from time to time while a call is watched.</param>
    internal Inbox(WorkerChannel channel, Action<InboundFrame> urgent, Action watching)
    {
        _watching = watching;
        _channel = channel;
        _urgent = urgent;
    }

    /// <summary>A call has come already and is the next frame. On the main thread, between calls.</summary>
    internal bool HasCall => _readAhead.IsEmpty && _reader.Has(FrameKind.Call);

    internal void StartWatcher() =>
        new Thread(Watch, maxStackSize: 256 * 1024) { IsBackground = true, Name = "GilSharp watcher" }.UnsafeStart();

    /// <summary>The next frame, on the main thread; waits for it. The payload is valid until the next call.</summary>
    internal InboundFrame Next()
    {
        if (_readAhead.TryDequeue(out ReadAhead? ahead)) return ahead.Frame;
        lock (_role)
        {
            // What the watcher had read before it gave the role back comes before what is still in the reader.
            if (_readAhead.TryDequeue(out ahead)) return ahead.Frame;
            while (true)
            {
                if (_reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload)) return new InboundFrame(header, payload);
                _reader.Received(_channel.Read(_reader.Room()));
            }
        }
    }

    /// <summary>A call begins. The exchange orders "runs" before the look at the watcher, as the watcher orders "parked" before its look at us.</summary>
    internal void CallBegins()
    {
        Interlocked.Exchange(ref _running, ++_serial);
        if (Volatile.Read(ref _watcherParked) == 0) return;
        lock (_parking) Monitor.Pulse(_parking);
    }

    /// <summary>The call has ended: the role comes back to the main thread.</summary>
    internal void CallEnds()
    {
        Volatile.Write(ref _running, 0);
        if (Monitor.TryEnter(_role))
        {
            Monitor.Exit(_role);
            return;
        }

        Volatile.Write(ref _roleWanted, 1);
        _channel.Wake();
        lock (_role) Volatile.Write(ref _roleWanted, 0);
    }

    // A class: a queue over our struct would have to be compiled in every worker before its first call.
    private sealed record ReadAhead(InboundFrame Frame);

    private void Watch()
    {
        try
        {
            long seen = 0;
            while (true)
            {
                Thread.Sleep(Tick);
                long running = Volatile.Read(ref _running);
                if (running == 0 && seen == 0) Park();
                else if (running != 0 && running == seen) Lead();
                seen = running;
            }
        }
        catch (EndOfStreamException)
        {
            HostSystem.Current.ExitNow(0);
        }
        catch (InvalidDataException)
        {
            HostSystem.Current.ExitNow(WorkerHost.ExitCodeOfNonsense);
        }
    }

    private void Park()
    {
        lock (_parking)
        {
            Interlocked.Exchange(ref _watcherParked, 1);
            while (Volatile.Read(ref _running) == 0) Monitor.Wait(_parking);
            Volatile.Write(ref _watcherParked, 0);
        }
    }

    // Reads until the call has ended. A frame that was read ahead is copied: the reader's memory is used again.
    private void Lead()
    {
        lock (_role)
        {
            if (Volatile.Read(ref _running) == 0) return; // it has ended: what is the reader's role's is the main thread's
            _reader.Detach(); // the call that runs may still be reading its arguments
            while (Volatile.Read(ref _running) != 0 && Volatile.Read(ref _roleWanted) == 0)
            {
                while (_reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
                {
                    InboundFrame frame = new(header, payload.ToArray());
                    if (header.Kind is FrameKind.Cancel or FrameKind.Region or FrameKind.ForgetRegion or FrameKind.AnswerRead) _urgent(frame);
                    else _readAhead.Enqueue(new ReadAhead(frame));
                }

                _watching();
                int count = _channel.TryRead(_reader.Room());
                if (count > 0) _reader.Received(count);
                else _channel.Wait(LookAgain);
            }
        }
    }
}
