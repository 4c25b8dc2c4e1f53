using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>How a process ended whose status somebody else has collected, for who holds its pidfd: Linux 6.15 and later keep it.</summary>
/// <remarks>
/// .NET itself collects every child of the first process of a container, and of one that ignores SIGCHLD, as soon as the program has used
/// <see cref="System.Diagnostics.Process"/>. Layout and number: include/uapi/linux/pidfd.h.
/// </remarks>
internal static unsafe class LateStatus
{
    private const ulong ExitCodeIsKnown = 1 << 3; // PIDFD_INFO_EXIT
    private const uint GetInfo = 0xC040_FF0B;     // PIDFD_GET_INFO with the structure below

    /// <summary>As waitpid would have told it; null where the kernel can't say.</summary>
    internal static int? Of(int pidfd)
    {
        Info info = new() { Mask = ExitCodeIsKnown };
        return pidfd >= 0 && Libc.ioctl(pidfd, GetInfo, &info) == 0 && (info.Mask & ExitCodeIsKnown) != 0 ? info.ExitCode : null;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Info
    {
        [FieldOffset(0)]
        internal ulong Mask;

        [FieldOffset(60)]
        internal int ExitCode;
    }
}
