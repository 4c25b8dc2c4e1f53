using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
/// shared arrays       memfd, sent through a socket    none so far                       none so far
/// traced natively     /proc                           not seen                          not seen
/// files of the killed removed from TMPDIR             stay until the system cleans up   none: its endpoints are pipes
/// orphans             collected, if they come to us   launchd's                         none: all are in the job
/// </code>
/// </remarks>
internal abstract unsafe class HostSystem
{
    private static readonly HostSystem? Found = Find();

    [ThreadStatic]
    private static HostSystem? t_forTest;

    internal static HostSystem Current => Found ?? throw new PlatformNotSupportedException("Worker processes need Linux, macOS or Windows.");

    internal static bool IsSupported => Found is not null;

    internal const string NoSharedArrays = "Shared arrays exist on Linux only so far; elsewhere pass arrays by value.";

    /// <summary>Whether memory can be sent to processes that run already.</summary>
    internal static bool SharesArrays => (t_forTest ?? Found) is { SendsMemory: true };

    /// <summary>The system that <see cref="SharesArrays"/> tells of on this thread; tests that stand for another one set it.</summary>
    internal static HostSystem? ForTest
    {
        get => t_forTest;
        set => t_forTest = value;
    }

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

    /// <summary>Ends this process as <see cref="ChildProcess.Kill"/> would.</summary>
    internal abstract void KillNow();

    /// <summary>Ends this process by a fault in native code, for tests: the runtime turns managed ones into exceptions.</summary>
    internal abstract void Crash();

    /// <summary>The file that starts programs of a shared runtime.</summary>
    internal virtual string MuxerName => "dotnet";

    /// <summary>Which names of environment variables are one and the same.</summary>
    internal virtual StringComparer VariableNames => StringComparer.Ordinal;

    /// <summary>Whether native code sees it when .NET changes a variable; elsewhere the runtime changes a copy of its own.</summary>
    internal virtual bool SharesEnvironmentWithNativeCode => false;

    /// <summary>Memory without a name, of zeroes; the descriptor or handle is the caller's to close.</summary>
    /// <exception cref="IOException">None could be had.</exception>
    internal abstract int CreateMemory(string name, int length);

    /// <param name="memory">What to map.</param>
    /// <param name="length">How much of it, in bytes.</param>
    /// <param name="populate">Its pages are wanted at once.</param>
    /// <exception cref="IOException">The address space does not take it.</exception>
    internal abstract byte* Map(int memory, long length, bool populate);

    internal abstract void Unmap(byte* address, long length);

    private protected virtual bool SendsMemory => false;

    /// <summary>As <see cref="CreateMemory"/>, but all pages are there from the beginning, so that none is missing later, and the size can't change.</summary>
    /// <exception cref="InsufficientMemoryException">There is not so much memory, or not so much room for a file.</exception>
    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    /// <exception cref="PlatformNotSupportedException">There are no shared arrays here.</exception>
    internal virtual int ReserveMemory(string name, long length, out SharedMemoryKind kind) => throw new PlatformNotSupportedException(NoSharedArrays);

    /// <summary>How long reserved memory is, for who was sent it.</summary>
    internal virtual long LengthOf(int memory) => throw new PlatformNotSupportedException(NoSharedArrays);

    /// <summary>A descriptor of one's own for reserved memory; negative if there is none.</summary>
    internal virtual int Duplicate(int memory) => throw new PlatformNotSupportedException(NoSharedArrays);

    /// <summary>How much can still be reserved, in bytes, without the system killing somebody for it.</summary>
    internal virtual long AvailableMemory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Advice only: memory of this process is about to be filled for the first time.</summary>
    internal virtual void ExpectFilling(byte* start, long length)
    {
    }

    /// <summary>Whether a native debugger looks at a process (gdb, lldb, strace); managed ones the process notices itself.</summary>
    internal virtual bool IsTraced(int processId) => false;

    internal abstract void Close(int descriptor);

    /// <summary>Resident bytes of a process; 0 if it is gone or the system does not say.</summary>
    /// <param name="processId">Which.</param>
    /// <param name="withoutShared">Leave out shared memory, which is nobody's own; where no shared arrays can be made there is hardly any.</param>
    internal virtual long ResidentMemory(int processId, bool withoutShared)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.WorkingSet64;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or ExternalException)
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
