using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>The calls that only macOS has, or has in another form.</summary>
internal static unsafe partial class MacLibc
{
    /// <summary>struct kevent of &lt;sys/event.h&gt;, in 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct KernelEvent
    {
        private const short EVFILT_PROC = -5;
        private const ushort EV_ADD = 1;
        private const uint NOTE_EXIT = 0x80000000;

        internal nuint Identifier;
        internal short Filter;
        internal ushort Flags;
        internal uint FilterFlags;
        internal nint Data;
        internal nint UserData;

        internal static KernelEvent EndOf(int processId) =>
            new() { Identifier = (nuint)processId, Filter = EVFILT_PROC, Flags = EV_ADD, FilterFlags = NOTE_EXIT };
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int pipe(int* fds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kqueue();

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kevent(int queue, KernelEvent* changes, int changeCount, KernelEvent* events, int eventCount, nint timeout);

    /// <summary>The variadic argument stands ninth, see <see cref="MacSystem.Control"/>.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(int fd, int command, nint unused3, nint unused4, nint unused5, nint unused6, nint unused7, nint unused8, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int shm_open(string name, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int shm_open(string name, int flags, nint unused3, nint unused4, nint unused5, nint unused6, nint unused7, nint unused8, nint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int shm_unlink(string name);

    [LibraryImport("libproc", SetLastError = true)]
    internal static partial int proc_listpids(uint kind, uint kindArgument, int* buffer, int bufferSize);
}
