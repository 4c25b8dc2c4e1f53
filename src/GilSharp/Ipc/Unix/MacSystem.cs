using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GilSharp.Ipc.Unix;

/// <summary>What is macOS's own. Never run there yet.</summary>
/// <remarks>
/// There is no pipe2, eventfd, pidfd, memfd or parent-death signal: pipes are closed on exec by a call of their own, and workers inherit only what they are given
/// (POSIX_SPAWN_CLOEXEC_DEFAULT); an event is a pipe; kqueue(2) tells of the end of a process.
/// </remarks>
[SupportedOSPlatform("macos")]
internal sealed unsafe class MacSystem : UnixSystem
{
    private const int ESRCH = 3, EAGAIN = 35;
    private const int SIGSTOP = 17;
    private const int O_NONBLOCK = 0x4, O_RDWR = 0x2, O_CREAT = 0x200, O_EXCL = 0x800;
    private const int F_DUPFD_CLOEXEC = 67;
    private const short POSIX_SPAWN_CLOEXEC_DEFAULT = 0x4000;
    private const int AccessOfOwnerOnly = 0x180; // rw-------
    private const uint ProcessesOfParent = 6;    // PROC_PPID_ONLY

    internal override int Again => EAGAIN;

    internal override int NonBlocking => O_NONBLOCK;

    internal override int DuplicateCloseOnExec => F_DUPFD_CLOEXEC;

    internal override short SpawnFlags => POSIX_SPAWN_CLOEXEC_DEFAULT;

    internal override bool TryMakePipe(int* ends)
    {
        if (MacLibc.pipe(ends) != 0) return false;
        Control(ends[0], Libc.F_SETFD, Libc.FD_CLOEXEC);
        Control(ends[1], Libc.F_SETFD, Libc.FD_CLOEXEC);
        return true;
    }

    internal override bool TryMakeEvent(out int wait, out int signal)
    {
        int* ends = stackalloc int[2];
        wait = signal = -1;
        if (!TryMakePipe(ends)) return false;
        SetNonBlocking(ends[0]);
        SetNonBlocking(ends[1]);
        (wait, signal) = (ends[0], ends[1]);
        return true;
    }

    // A queue is itself readable when something is in it.
    internal override int WatchExit(int processId)
    {
        int queue = MacLibc.kqueue();
        if (queue < 0) return -1;
        Control(queue, Libc.F_SETFD, Libc.FD_CLOEXEC);
        MacLibc.KernelEvent change = MacLibc.KernelEvent.EndOf(processId);
        if (MacLibc.kevent(queue, &change, 1, null, 0, 0) == 0) return queue;
        bool hasEnded = Marshal.GetLastPInvokeError() == ESRCH; // also a child that nobody has waited for
        Libc.close(queue);
        return hasEnded ? AlwaysReadable() : -1;
    }

    // A pipe whose other end is closed; -1 if there is none to be had.
    private int AlwaysReadable()
    {
        int* ends = stackalloc int[2];
        if (!TryMakePipe(ends)) return -1;
        Libc.close(ends[1]);
        return ends[0];
    }

    // Apple's ARM64 passes variadic arguments on the stack, where an argument after the eighth goes as well.
    internal override int Control(int descriptor, int command, int argument) => RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? MacLibc.fcntl(descriptor, command, 0, 0, 0, 0, 0, 0, argument)
        : Libc.fcntl(descriptor, command, argument);

    // A killed process leaves its children to launchd, and who looks then finds none: so all are stopped, level by level, and killed when all are known.
    internal override List<int> KillTree(int root)
    {
        List<int> found = [];
        Stack<int> toVisit = new([root]);
        Span<int> children = new int[4096];
        while (toVisit.TryPop(out int parent))
        {
            Libc.kill(parent, SIGSTOP);
            int bytes;
            fixed (int* list = children) bytes = MacLibc.proc_listpids(ProcessesOfParent, (uint)parent, list, children.Length * sizeof(int));
            foreach (int child in children[..Math.Max(0, bytes / sizeof(int))])
            {
                if (child == 0) continue;
                toVisit.Push(child);
                found.Add(child);
            }
        }

        foreach (int id in found) Libc.kill(id, Libc.SIGKILL);
        return found;
    }

    /// <remarks>A thread waits for the parent's end; should there be none left for it, the end of the channel ends this process too.</remarks>
    internal override void DieWithParent(int parent)
    {
        int queue = WatchExit(parent);
        if (Libc.getppid() != parent) Libc._exit(0);
        if (queue < 0) return;
        new Thread(() => AwaitEnd(queue), maxStackSize: 128 * 1024) { IsBackground = true, Name = "GilSharp parent" }.UnsafeStart();
    }

    // shm_unlink right after: the memory lives as long as somebody has it. Names may have 31 characters.
    internal override int CreateMemory(string name, int length)
    {
        string path = $"/gil-{Guid.NewGuid():N}"[..24];
        int memory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? MacLibc.shm_open(path, O_RDWR | O_CREAT | O_EXCL, 0, 0, 0, 0, 0, 0, AccessOfOwnerOnly)
            : MacLibc.shm_open(path, O_RDWR | O_CREAT | O_EXCL, AccessOfOwnerOnly);
        if (memory < 0) throw MemoryFailure("create", Marshal.GetLastPInvokeError());
        MacLibc.shm_unlink(path);
        Control(memory, Libc.F_SETFD, Libc.FD_CLOEXEC);
        return Sized(memory, length);
    }

    private protected override string? OwnSignalName(int signal) => signal switch
    {
        7 => "SIGEMT",
        10 => "SIGBUS",
        12 => "SIGSYS",
        30 => "SIGUSR1",
        31 => "SIGUSR2",
        _ => null,
    };

    private static void AwaitEnd(int queue)
    {
        MacLibc.KernelEvent ended;
        while (MacLibc.kevent(queue, null, 0, &ended, 1, 0) < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }

        Libc._exit(0);
    }
}
