using System.Diagnostics;
using System.Runtime.CompilerServices;
using GilSharp.Ipc.Unix;
using GilSharp.Ipc.Windows;

namespace GilSharp.Ipc;

/// <summary>What a pool asks of the operating system. Systems differ here and in the files that each has to itself, and nowhere else.</summary>
/// <remarks>
/// <code>
///                     Linux                           macOS                             Windows
/// start               posix_spawn                     posix_spawn, close-on-exec        CreateProcess with a list of the handles that
///                                                     by default                        are inherited
/// channel             pipes, poll                     pipes, poll                       anonymous pipes, an event that rings for each
/// who woke me         eventfd                         a pipe                            an event
/// it has ended        pidfd                           kqueue                            the process handle
/// everything below    process group, then the tree    process group, then the tree      a job object
/// dies with parent    PR_SET_PDEATHSIG                kqueue on the parent              the job's last handle closes
/// status page         memfd                           shm_open, unlinked at once        a section without a name
/// </code>
/// </remarks>
internal abstract unsafe class HostSystem
{
    private static readonly HostSystem? Found = Find();

    internal static HostSystem Current => Found ?? throw new PlatformNotSupportedException("Worker processes need Linux, macOS or Windows.");

    internal static bool IsSupported => Found is not null;

    /// <summary>Lets another thread run, for a moment at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Yield()
    {
        if (OperatingSystem.IsWindows()) Thread.Yield();
        else _ = Libc.sched_yield();
    }

    /// <summary>Starts a worker. Must run on the <see cref="Spawner"/>'s thread.</summary>
    /// <exception cref="IOException">No process, memory or channel could be had; the message says which.</exception>
    internal abstract ChildProcess Start(CommandLine command);

    /// <summary>In a worker: takes the ends that it has inherited, which are closed to whatever user code starts from now on.</summary>
    internal abstract WorkerChannel TakeInherited(out StatusPage status);

    /// <summary>In a worker: sees to it that it ends with its parent, also in a tight loop or in native code.</summary>
    internal abstract void DieWithParent(int parent);

    /// <summary>Ends this process without running anything more in it.</summary>
    internal abstract void ExitNow(int code);

    /// <summary>Memory without a name, of zeroes; the descriptor or handle is the caller's to close.</summary>
    /// <exception cref="IOException">None could be had.</exception>
    internal abstract int CreateMemory(string name, int length);

    /// <exception cref="IOException">It could not be mapped.</exception>
    internal abstract byte* Map(int memory, int length);

    internal abstract void Unmap(byte* address, int length);

    internal abstract void Close(int descriptor);

    /// <summary>Resident bytes of a process; 0 if it is gone or the system does not say.</summary>
    internal virtual long ResidentMemory(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.WorkingSet64;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return 0;
        }
    }

    private static HostSystem? Find() =>
        OperatingSystem.IsLinux() ? new LinuxSystem()
        : OperatingSystem.IsMacOS() ? new MacSystem()
        : OperatingSystem.IsWindows() ? new WindowsSystem()
        : null;
}
