using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>Descriptors on their way between a parent and its worker, each with the number that frames name it by.</summary>
/// <remarks>
/// A descriptor in flight keeps what it refers to alive: the sender may close its own, or be killed, and the receiver still gets the memory. If the
/// receiver is killed, the kernel drops what it has not taken. Nothing needs permission to look into another process, so nothing here is what a
/// container forbids.
/// </remarks>
internal static unsafe class DescriptorSocket
{
    /// <exception cref="IOException">No descriptors are left.</exception>
    internal static (int Ours, int Other) Pair()
    {
        int* ends = stackalloc int[2];
        return Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, ends) == 0
            ? (ends[0], ends[1])
            : throw UnixErrors.For("Could not open a socket to a worker", Marshal.GetLastPInvokeError());
    }

    /// <summary>Sends one descriptor.</summary>
    /// <returns>0, or the error.</returns>
    internal static int Send(int socket, long number, int descriptor, bool mayWait)
    {
        Libc.DescriptorControl control = new() { Length = Libc.DescriptorControl.UsedLength, Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS, Descriptor = descriptor };
        Libc.Run run = new() { Start = &number, Length = sizeof(long) };
        Libc.Message message = new() { Runs = &run, RunCount = 1, Control = &control, ControlLength = (nuint)sizeof(Libc.DescriptorControl) };
        while (Libc.sendmsg(socket, &message, Libc.MSG_NOSIGNAL | (mayWait ? 0 : Libc.MSG_DONTWAIT)) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.EINTR) return error;
        }

        return 0;
    }

    /// <summary>Receives the next descriptor, which has been sent already.</summary>
    /// <param name="socket">Where it comes.</param>
    /// <param name="expected">Its number.</param>
    /// <param name="mayWait">False where the other side is not believed: it may announce what it never sent.</param>
    /// <returns>The descriptor, the caller's to close; -1 if this process may have no more of them.</returns>
    /// <exception cref="InvalidDataException">Another one comes, or none.</exception>
    internal static int Receive(int socket, long expected, bool mayWait)
    {
        long number = 0;
        Libc.DescriptorControl control = default;
        Libc.Run run = new() { Start = &number, Length = sizeof(long) };
        Libc.Message message = new() { Runs = &run, RunCount = 1, Control = &control, ControlLength = (nuint)sizeof(Libc.DescriptorControl) };
        nint count;
        while ((count = Libc.recvmsg(socket, &message, Libc.MSG_CMSG_CLOEXEC | (mayWait ? 0 : Libc.MSG_DONTWAIT))) < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }

        bool has = control is { Length: Libc.DescriptorControl.UsedLength, Level: Libc.SOL_SOCKET, Type: Libc.SCM_RIGHTS } && message.ControlLength >= Libc.DescriptorControl.UsedLength;
        if (count == sizeof(long) && number == expected) return has ? control.Descriptor : -1;
        if (has) Libc.close(control.Descriptor);
        throw new InvalidDataException($"Descriptor {expected:x} was announced, {(count <= 0 ? "none" : $"{number:x}")} came.");
    }
}
