using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>The worker's ends of its channel to the parent, on Linux and macOS.</summary>
internal sealed unsafe class PipeChannel : WorkerChannel
{
    private readonly UnixSystem _system;
    private readonly int _again;
    private readonly int _requests;
    private readonly int _answers;
    private readonly int _wake, _signal;
    private readonly object _writeGate = new();
    private bool _pipeIsLarge; // guarded by _writeGate

    private PipeChannel(UnixSystem system, int requests, int answers)
    {
        _system = system;
        _again = system.Again;
        _requests = requests;
        _answers = answers;
        if (!system.TryMakeEvent(out _wake, out _signal)) throw new IOException($"Could not make an event: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Takes the inherited descriptors, which are closed to whatever user code starts from now on.</summary>
    internal static PipeChannel TakeInherited(UnixSystem system, out StatusPage status)
    {
        system.Control(UnixChild.RequestsInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        system.Control(UnixChild.AnswersInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        if (system.HasControl) system.Control(UnixChild.ControlInChild, Libc.F_SETFD, Libc.FD_CLOEXEC);
        system.SetNonBlocking(UnixChild.RequestsInChild);
        status = StatusPage.Open(UnixChild.StatusInChild);
        Libc.close(UnixChild.StatusInChild);
        return new PipeChannel(system, UnixChild.RequestsInChild, UnixChild.AnswersInChild);
    }

    internal override int TryRead(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* bytes = buffer) count = Libc.read(_requests, bytes, (nuint)buffer.Length);
            if (count > 0) return (int)count;
            if (count == 0) throw new EndOfStreamException("The parent has closed the channel.");
            int error = Marshal.GetLastPInvokeError();
            if (error == _again) return 0;
            if (error != Libc.EINTR) throw new EndOfStreamException($"The channel to the parent fails: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    internal override void Wait(int milliseconds)
    {
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[2];
        entries[0] = new Libc.PollEntry(_requests, Libc.POLLIN);
        entries[1] = new Libc.PollEntry(_wake, Libc.POLLIN);
        Libc.poll(entries, 2, milliseconds);
        ulong ignored;
        if (entries[1].Returned != 0) Libc.read(_wake, (byte*)&ignored, sizeof(ulong));
    }

    internal override void Wake()
    {
        ulong one = 1;
        Libc.write(_signal, (byte*)&one, sizeof(ulong));
    }

    internal override int ReceiveDescriptor(long number) => _system.HasControl ? DescriptorSocket.Receive(UnixChild.ControlInChild, number, mayWait: true) : base.ReceiveDescriptor(number);

    internal override void WriteDescriptor(long number, int descriptor, ReadOnlySpan<byte> frame)
    {
        lock (_writeGate)
        {
            int error = DescriptorSocket.Send(UnixChild.ControlInChild, number, descriptor, mayWait: true);
            if (error is Libc.EPIPE or Libc.ECONNRESET) throw new EndOfStreamException("The parent has closed the channel.");
            if (error != 0) throw new IOException($"Shared memory could not be sent: {Marshal.GetPInvokeErrorMessage(error)}");
            Write(frame);
        }
    }

    internal override void Write(ReadOnlySpan<byte> frames)
    {
        lock (_writeGate)
        {
            if (frames.Length >= Outbox.LargePipe / 4 && !_pipeIsLarge)
            {
                _pipeIsLarge = true;
                _ = _system.TryEnlarge(_answers);
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
