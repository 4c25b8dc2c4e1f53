using System.Runtime.Versioning;

namespace GilSharp.Ipc.Windows;

/// <summary>Anonymous pipes, read and written without waiting.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsPipe
{
    internal const uint Size = 64 * 1024;

    /// <exception cref="IOException">The system gives no pipe.</exception>
    internal static (nint Read, nint Write) Make()
    {
        nint read, write;
        return Kernel32.CreatePipe(&read, &write, null, Size) != 0 ? (read, write) : throw WindowsSystem.Failure("open a pipe to a worker");
    }

    /// <summary>Bytes read; 0 if there are none now, -1 if there will be none.</summary>
    internal static int Read(nint pipe, Span<byte> room)
    {
        // A look first: an anonymous pipe can't be read without waiting in any other way that is more than a compatibility mode.
        uint available, count;
        if (Kernel32.PeekNamedPipe(pipe, null, 0, null, &available, null) == 0) return -1;
        if (available == 0) return 0;
        fixed (byte* bytes = room)
            return Kernel32.ReadFile(pipe, bytes, Math.Min(available, (uint)room.Length), &count, null) != 0 ? (int)count : -1;
    }

    /// <summary>Whether a read would say anything but "nothing now".</summary>
    internal static bool HasSomething(nint pipe)
    {
        uint available;
        return Kernel32.PeekNamedPipe(pipe, null, 0, null, &available, null) == 0 || available > 0;
    }

    /// <summary>Lets a writer go on with fewer bytes, or none, where a pipe has no room for all.</summary>
    internal static void SetNonBlocking(nint pipe)
    {
        uint mode = Kernel32.PIPE_NOWAIT;
        if (Kernel32.SetNamedPipeHandleState(pipe, &mode, null, null) == 0) throw WindowsSystem.Failure("set up a pipe to a worker");
    }

    /// <summary>Bytes written to a pipe that doesn't block; 0 if it is full, -1 if nobody reads it any more.</summary>
    internal static int Write(nint pipe, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            // What is larger than the room may be refused as a whole: so less and less is offered.
            for (uint part = Math.Min((uint)bytes.Length, Size); part > 0; part /= 2)
            {
                uint count;
                if (Kernel32.WriteFile(pipe, start, part, &count, null) == 0) return -1;
                if (count > 0) return (int)count;
            }

            return 0;
        }
    }

    internal static void SetInherited(nint handle, bool inherited) => Kernel32.SetHandleInformation(handle, Kernel32.HANDLE_FLAG_INHERIT, inherited ? Kernel32.HANDLE_FLAG_INHERIT : 0);
}
