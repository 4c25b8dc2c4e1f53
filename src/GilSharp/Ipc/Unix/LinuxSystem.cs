using System.Runtime.Versioning;

namespace GilSharp.Ipc.Unix;

/// <summary>What is Linux's own.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxSystem : UnixSystem
{
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

    internal override bool TryGetLateStatus(int exited, out int status)
    {
        int? late = LateStatus.Of(exited);
        status = late.GetValueOrDefault();
        return late is not null;
    }

    internal override int Control(int descriptor, int command, int argument) => Libc.fcntl(descriptor, command, argument);

    internal override bool TryEnlarge(int pipe) => Libc.fcntl(pipe, Libc.F_SETPIPE_SZ, Outbox.LargePipe) > 0;

    internal override List<int> KillTree(int root) => ProcessTree.Kill(root);

    internal override long ResidentMemory(int processId, bool withoutShared) => Unix.ResidentMemory.Of(processId, withoutShared);

    // The kernel kills us with the parent. If it died before we asked, we have been given another parent.
    internal override void DieWithParent(int parent)
    {
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0);
        if (Libc.getppid() != parent) Libc._exit(0);
    }

    private protected override bool SendsMemory => true;

    internal override long AvailableMemory => Unix.AvailableMemory.Bytes;

    internal override int CreateMemory(string name, int length) => LinuxMemory.Create(name, length);

    internal override int ReserveMemory(string name, long length, out SharedMemoryKind kind) => LinuxMemory.Reserve(name, length, out kind);

    internal override byte* Map(int memory, long length, bool populate) => Map(memory, length, Libc.MAP_SHARED | (populate ? Libc.MAP_POPULATE : 0));

    internal override long LengthOf(int memory) => Libc.lseek(memory, 0, Libc.SEEK_END);

    internal override int Duplicate(int memory) => Libc.fcntl(memory, Libc.F_DUPFD_CLOEXEC, 0);

    internal override void ExpectFilling(byte* start, long length) => LinuxMemory.ExpectFilling(start, length);

    internal override bool HasControl => true;

    internal override bool IsTraced(int processId) => Tracing.IsTraced(processId);

    internal override RuntimeFiles FilesOf(int processId, string folder) => RuntimeFiles.Of(processId, folder);

    internal override void CollectOrphans(int group, List<int> killed)
    {
        if (Orphans.ComeToUs) Orphans.Collect(group, killed);
    }

    private protected override string? OwnSignalName(int signal) => signal switch
    {
        7 => "SIGBUS",
        10 => "SIGUSR1",
        12 => "SIGUSR2",
        31 => "SIGSYS",
        _ => null,
    };
}
