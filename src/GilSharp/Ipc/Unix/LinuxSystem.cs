using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GilSharp.Ipc.Unix;

/// <summary>What is Linux's own.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxSystem : UnixSystem
{
    private const int AccessOfOwnerOnly = 0x180; // rw-------

    internal override int Again => Libc.EAGAIN;

    internal override int NonBlocking => Libc.O_NONBLOCK;

    internal override int DuplicateCloseOnExec => Libc.F_DUPFD_CLOEXEC;

    internal override short SpawnFlags => 0;

    internal override bool TryMakePipe(int* ends) => Libc.pipe2(ends, Libc.O_CLOEXEC) == 0;

    internal override bool TryMakeEvent(out int wait, out int signal)
    {
        wait = signal = Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC);
        return wait >= 0;
    }

    internal override int WatchExit(int processId) => (int)Libc.syscall((nint)Libc.SYS_pidfd_open, processId, 0);

    internal override int Control(int descriptor, int command, int argument) => Libc.fcntl(descriptor, command, argument);

    internal override bool TryEnlarge(int pipe) => Libc.fcntl(pipe, Libc.F_SETPIPE_SZ, Outbox.LargePipe) > 0;

    internal override void KillTree(int root) => ProcessTree.Kill(root);

    internal override long ResidentMemory(int processId) => Unix.ResidentMemory.Of(processId);

    // The kernel kills us with the parent. If it died before we asked, we have been given another parent.
    internal override void DieWithParent(int parent)
    {
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0);
        if (Libc.getppid() != parent) Libc._exit(0);
    }

    internal override int CreateMemory(string name, int length)
    {
        int descriptor = Libc.memfd_create(name, Libc.MFD_CLOEXEC);
        return Sized(descriptor >= 0 ? descriptor : CreateUnlinkedFile(name), length);
    }

    internal override string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"SIG{signal}",
    };

    // Where seccomp forbids memfd_create: a file that has lost its name before anybody can see it.
    private static int CreateUnlinkedFile(string name)
    {
        const int CreateExclusively = 0x40 | 0x80;
        string path = Path.Combine(Path.GetTempPath(), $"{name}-{Guid.NewGuid():N}");
        int descriptor = Libc.open(path, Libc.O_RDWR | CreateExclusively | Libc.O_CLOEXEC, AccessOfOwnerOnly);
        if (descriptor < 0) throw MemoryFailure("create", Marshal.GetLastPInvokeError());
        File.Delete(path);
        return descriptor;
    }
}
