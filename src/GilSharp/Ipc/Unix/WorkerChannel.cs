using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>The worker's ends of its channel to the parent.</summary>
internal sealed unsafe class WorkerChannel
{
    /// <summary>How long a reader without work asks again before it sleeps: waking a sleeper costs 25 µs, asking 0.3 µs.</summary>
    private static readonly long YieldTicks = Stopwatch.Frequency / 50_000; // 20 µs

    private readonly int _requests;
    private readonly int _answers;
    private readonly int _wake;
    private readonly object _writeGate = new();
    private bool _pipeIsLarge; // guarded by _writeGate

    private WorkerChannel(int requests, int answers, int wake)
    {
        _requests = requests;
        _answers = answers;
        _wake = wake;
    }

    /// <summary>Takes the inherited descriptors, which are closed to whatever user code starts from now on.</summary>
    internal static WorkerChannel TakeInherited(out StatusPage status)
    {
        Libc.fcntl(ChildProcess.RequestsInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        Libc.fcntl(ChildProcess.AnswersInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        Libc.fcntl(ChildProcess.ControlInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        Libc.fcntl(ChildProcess.RequestsInChild, Libc.F_SETFL, Libc.O_NONBLOCK);
        status = StatusPage.Open(ChildProcess.StatusInChild);
        Libc.close(ChildProcess.StatusInChild);
        return new WorkerChannel(ChildProcess.RequestsInChild, ChildProcess.AnswersInChild, Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC));
    }

    /// <summary>Reads what is there; 0 if nothing is.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal int TryRead(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* bytes = buffer) count = Libc.read(_requests, bytes, (nuint)buffer.Length);
            if (count > 0) return (int)count;
            if (count == 0) throw new EndOfStreamException("The parent has closed the channel.");
            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.EINTR: continue;
                case Libc.EAGAIN: return 0;
                case int error: throw new EndOfStreamException($"The channel to the parent fails: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Reads; asks a while before it sleeps.</summary>
    internal int Read(Span<byte> buffer)
    {
        int count = TryRead(buffer);
        if (count > 0) return count;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < YieldTicks;)
        {
            Libc.sched_yield();
            if ((count = TryRead(buffer)) > 0) return count;
        }

        do Wait(); while ((count = TryRead(buffer)) == 0);
        return count;
    }

    /// <summary>Sleeps until there is something to read, <see cref="Wake"/> is called, or the time is up.</summary>
    internal void Wait(int milliseconds = Timeout.Infinite)
    {
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[2];
        entries[0] = new Libc.PollEntry(_requests, Libc.POLLIN);
        entries[1] = new Libc.PollEntry(_wake, Libc.POLLIN);
        Libc.poll(entries, 2, milliseconds);
        ulong ignored;
        if (entries[1].Returned != 0) Libc.read(_wake, (byte*)&ignored, sizeof(ulong));
    }

    /// <summary>Ends a <see cref="Wait"/> of another thread.</summary>
    internal void Wake()
    {
        ulong one = 1;
        Libc.write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>The socket through which descriptors come and go.</summary>
    internal static int Control => ChildProcess.ControlInChild;

    /// <summary>Sends a descriptor, then the frame that announces it.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    /// <exception cref="IOException">The system has too many descriptors on their way.</exception>
    internal void WriteDescriptor(long number, int descriptor, ReadOnlySpan<byte> frame)
    {
        lock (_writeGate)
        {
            int error = DescriptorSocket.Send(Control, number, descriptor, mayWait: true);
            if (error is Libc.EPIPE or Libc.ECONNRESET) throw new EndOfStreamException("The parent has closed the channel.");
            if (error != 0) throw new IOException($"Shared memory could not be sent: {Marshal.GetPInvokeErrorMessage(error)}");
            Write(frame);
        }
    }

    /// <summary>Writes whole frames; any thread may.</summary>
    /// <exception cref="EndOfStreamException">The parent is gone.</exception>
    internal void Write(ReadOnlySpan<byte> frames)
    {
        lock (_writeGate)
        {
            if (frames.Length >= Outbox.LargePipe / 4 && !_pipeIsLarge)
            {
                _pipeIsLarge = true;
                _ = Libc.fcntl(_answers, Libc.F_SETPIPE_SZ, Outbox.LargePipe);
            }

            while (frames.Length > 0)
            {
                nint count;
                fixed (byte* bytes = frames) count = Libc.write(_answers, bytes, (nuint)frames.Length);
                if (count > 0) frames = frames[(int)count..];
                else if (Marshal.GetLastPInvokeError() != Libc.EINTR) throw new EndOfStreamException("The parent has closed the channel.");
            }
        }
    }
}
