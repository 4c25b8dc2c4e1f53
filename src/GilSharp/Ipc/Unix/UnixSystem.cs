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

    /// <summary>fcntl, whose last argument is variadic.</summary>
    internal abstract int Control(int descriptor, int command, int argument);

    internal virtual bool TryEnlarge(int pipe) => false;

    /// <summary>Kills every descendant of a process, not itself, also what has left its process group.</summary>
    internal abstract void KillTree(int root);

    /// <summary>SIGKILL for 9.</summary>
    internal abstract string SignalName(int signal);

    internal override ChildProcess Start(CommandLine command) => UnixChild.Start(command, this);

    internal override WorkerChannel TakeInherited(out StatusPage status) => PipeChannel.TakeInherited(this, out status);

    internal override void ExitNow(int code) => Libc._exit(code);

    internal override byte* Map(int memory, int length)
    {
        nint address = Libc.mmap(0, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, memory, 0);
        return address == -1 ? throw MemoryFailure("map", Marshal.GetLastPInvokeError()) : (byte*)address;
    }

    internal override void Unmap(byte* address, int length) => Libc.munmap((nint)address, (nuint)length);

    internal override void Close(int descriptor) => Libc.close(descriptor);

    internal void SetNonBlocking(int descriptor) =>
        Control(descriptor, Libc.F_SETFL, Control(descriptor, Libc.F_GETFL, 0) | NonBlocking);

    internal ExitStatus FromWaitStatus(int status) => (status & 0x7F) == 0
        ? new ExitStatus((status >> 8) & 0xFF, null)
        : new ExitStatus(EndedBySignal + (status & 0x7F), SignalName(status & 0x7F));

    private protected static int Sized(int memory, int length)
    {
        if (Libc.ftruncate(memory, length) == 0) return memory;
        int error = Marshal.GetLastPInvokeError();
        Libc.close(memory);
        throw MemoryFailure("size", error);
    }

    private protected static IOException MemoryFailure(string step, int error) =>
        new($"Shared memory for a worker could not be had ({step}): {Marshal.GetPInvokeErrorMessage(error)}");
}
