using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>What Linux and macOS have in common, and a question for each thing in which they differ.</summary>
internal abstract unsafe class UnixSystem : HostSystem
{
    private const int EndedBySignal = 128;

    internal static new UnixSystem Current => (UnixSystem)HostSystem.Current;

    /// <summary>EAGAIN: nothing there, or no room.</summary>
    internal abstract int Again { get; }

    internal abstract int NonBlocking { get; }

    internal abstract int DuplicateCloseOnExec { get; }

    /// <summary>Flags of posix_spawn besides those that both need.</summary>
    internal abstract short SpawnFlags { get; }

    /// <summary>Two ends that no other child inherits.</summary>
    internal abstract bool TryMakePipe(int* ends);

    /// <summary>Something that a write of eight bytes makes readable; both numbers may be one.</summary>
    internal abstract bool TryMakeEvent(out int wait, out int signal);

    /// <summary>Becomes readable when the process has ended; -1 where there is no such thing.</summary>
    internal abstract int WatchExit(int processId);

    /// <summary>The wait status of a process that somebody else has collected, by what <see cref="WatchExit"/> gave; false where nobody knows it.</summary>
    internal virtual bool TryGetLateStatus(int exited, out int status)
    {
        status = 0;
        return false;
    }

    /// <summary>fcntl, whose last argument is variadic.</summary>
    internal abstract int Control(int descriptor, int command, int argument);

    internal virtual bool TryEnlarge(int pipe) => false;

    /// <summary>Whether a worker has a socket through which descriptors come and go.</summary>
    internal virtual bool HasControl => false;

    /// <summary>Kills every descendant of a process, not itself, also what has left its process group, and tells which these were.</summary>
    internal abstract List<int> KillTree(int root);

    /// <summary>What a worker that is killed leaves in its temporary folder, as long as the number is its own.</summary>
    internal virtual RuntimeFiles FilesOf(int processId, string folder) => default;

    /// <summary>Frees the numbers of killed processes that became our children when the leader of their group was collected.</summary>
    internal virtual void CollectOrphans(int group, List<int> killed)
    {
    }

    /// <summary>SIGKILL for 9.</summary>
    internal string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        _ => OwnSignalName(signal) ?? $"SIG{signal}",
    };

    /// <summary>Of the numbers that mean something else elsewhere; null if it has no name here.</summary>
    private protected abstract string? OwnSignalName(int signal);

    internal override ChildProcess Start(CommandLine command) => UnixChild.Start(command, this);

    internal override WorkerChannel TakeInherited(out StatusPage status) => PipeChannel.TakeInherited(this, out status);

    internal override void ExitNow(int code) => Libc._exit(code);

    internal override void Crash() => _ = Libc.strlen(1);

    internal override void KillNow() => _ = Libc.kill(Environment.ProcessId, Libc.SIGKILL);

    internal override byte* Map(int memory, long length, bool populate) => Map(memory, length, Libc.MAP_SHARED);

    internal override void Unmap(byte* address, long length) => Libc.munmap((nint)address, (nuint)length);

    internal override void Close(int descriptor) => Libc.close(descriptor);

    internal void SetNonBlocking(int descriptor) =>
        Control(descriptor, Libc.F_SETFL, Control(descriptor, Libc.F_GETFL, 0) | NonBlocking);

    internal ExitStatus FromWaitStatus(int status) => (status & 0x7F) == 0
        ? new ExitStatus((status >> 8) & 0xFF, null)
        : new ExitStatus(EndedBySignal + (status & 0x7F), SignalName(status & 0x7F));

    private protected static byte* Map(int memory, long length, int flags)
    {
        nint address = Libc.mmap(0, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, flags, memory, 0);
        return address == -1 ? throw MemoryFailure("map", Marshal.GetLastPInvokeError()) : (byte*)address;
    }

    internal static int Sized(int memory, int length)
    {
        if (Libc.ftruncate(memory, length) == 0) return memory;
        int error = Marshal.GetLastPInvokeError();
        Libc.close(memory);
        throw MemoryFailure("size", error);
    }

    internal static IOException MemoryFailure(string step, int error) =>
        UnixErrors.For($"Shared memory could not be had ({step})", error);
}
