using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>A child process and our ends of what connects us to it.</summary>
/// <remarks>
/// <code>
///   parent                          child
///   Requests  ──────── pipe ──────► 3   frames to the worker
///   Answers   ◄─────── pipe ─────── 4   frames from the worker
///   Status    ═══ shared memory ═══ 5   the status page
///   Control   ◄────── socket ─────► 6   descriptors of shared memory
///   Output    ◄─────── pipe ─────── 1   what user code prints
///   Errors    ◄─────── pipe ─────── 2
///                     /dev/null ──► 0
/// </code>
/// No name on disk, nothing that another process could open: the ends are inherited by this one child. It leads a process group of its own, so
/// that signals to the parent's group stay with the parent and that killing the worker takes what it has started along.
/// We collect its exit status ourselves: <see cref="System.Diagnostics.Process"/> can't tell exit(137) from SIGKILL.
/// </remarks>
internal sealed unsafe class ChildProcess : IDisposable
{
    internal const int RequestsInChild = 3, AnswersInChild = 4, StatusInChild = 5, ControlInChild = 6;
    private const int FirstFreeDescriptor = 16; // clear of the numbers that the child's ends get

    private readonly object _gate = new();
    private readonly List<int> _killedBelow = []; // guarded by _gate
    private string _temporaryFolder = "/tmp";
    private bool _collected; // guarded by _gate: the number may belong to another process from now on
    private bool _closed;    // guarded by _gate

    private ChildProcess(StatusPage status) => Status = status;

    internal int Id { get; private set; }
    internal int Requests { get; private set; } = -1;
    internal int Answers { get; private set; } = -1;
    internal int Output { get; private set; } = -1;
    internal int Errors { get; private set; } = -1;
    internal int Control { get; private set; } = -1;

    /// <summary>Becomes readable when the process has ended; -1 on kernels without it.</summary>
    internal int Exited { get; private set; } = -1;

    /// <summary>Wakes whoever waits for this process; on our side only.</summary>
    internal int Wake { get; private set; } = -1;

    internal StatusPage Status { get; }

    /// <summary>Starts a program. Must run on the <see cref="Spawner"/>'s thread: the parent-death signal follows the thread that created the child.</summary>
    /// <exception cref="IOException">No process, memory or descriptor could be had; the message says which.</exception>
    internal static ChildProcess Start(CommandLine command)
    {
        List<int> childEnds = [];
        ChildProcess? child = null;
        try
        {
            StatusPage status = StatusPage.Create(out int page);
            childEnds.Add(page = MoveAway(page));
            child = new ChildProcess(status) { _temporaryFolder = RuntimeFiles.FolderOf(command.Environment) };
            (int requestsOfChild, child.Requests) = MakePipe(childEnds, childReads: true);
            (int answersOfChild, child.Answers) = MakePipe(childEnds, childReads: false);
            (int outputOfChild, child.Output) = MakePipe(childEnds, childReads: false);
            (int errorsOfChild, child.Errors) = MakePipe(childEnds, childReads: false);
            (child.Control, int controlOfChild) = DescriptorSocket.Pair();
            childEnds.Add(controlOfChild = MoveAway(controlOfChild));
            child.Wake = Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC);
            if (child.Wake < 0) throw Failure("make an event for a worker", Marshal.GetLastPInvokeError());
            SetNonBlocking(child.Requests);
            SetNonBlocking(child.Answers);
            SetNonBlocking(child.Output);
            SetNonBlocking(child.Errors);
            child.Id = Spawn(command, [(outputOfChild, 1), (errorsOfChild, 2), (requestsOfChild, RequestsInChild), (answersOfChild, AnswersInChild), (page, StatusInChild), (controlOfChild, ControlInChild)]);
            child.Exited = (int)Libc.syscall((nint)Libc.SYS_pidfd_open, child.Id, 0);
            return child;
        }
        catch
        {
            child?.Dispose();
            throw;
        }
        finally
        {
            foreach (int end in childEnds) Libc.close(end);
        }
    }

    /// <summary>Kills the process and everything in its group; nothing if its status has been collected.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            if (_collected || Id == 0) return;
            try
            {
                _killedBelow.AddRange(ProcessTree.Kill(Id));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // No descriptor to look with: the group goes all the same.
            }

            Libc.kill(-Id, Libc.SIGKILL);
            Libc.kill(Id, Libc.SIGKILL);
        }
    }

    /// <summary>Waits for the end of a process that is known to be ending, frees its number, and removes what it could not remove itself.</summary>
    internal ExitStatus Collect()
    {
        int status = 0, result;
        RuntimeFiles files = RuntimeFiles.Of(Id, _temporaryFolder); // as long as the number is its own
        do result = Libc.waitpid(Id, &status, 0);
        while (result < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        lock (_gate)
        {
            // Its group outlives a leader that died with children: they go too. The group's number can't be reused while it has members.
            if (result == Id) Libc.kill(-Id, Libc.SIGKILL);
            _collected = true;
        }

        if (status != 0) files.Remove(); // else it left in good order
        if (result == Id && Orphans.ComeToUs) Orphans.Collect(Id, _killedBelow);
        return result == Id ? ExitStatus.FromWaitStatus(status) : ExitStatus.Unknown;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }

        foreach (int descriptor in (ReadOnlySpan<int>)[Requests, Answers, Output, Errors, Control, Exited, Wake])
            if (descriptor >= 0) Libc.close(descriptor);
        Status.Dispose();
    }

    private static int Spawn(CommandLine command, ReadOnlySpan<(int From, int To)> descriptors)
    {
        // The structures are opaque and differ by C library; none is larger than this.
        byte* actions = stackalloc byte[512], attributes = stackalloc byte[512], set = stackalloc byte[256];
        Libc.posix_spawn_file_actions_init(actions);
        Libc.posix_spawnattr_init(attributes);
        try
        {
            fixed (byte* nothing = "/dev/null\0"u8) Libc.posix_spawn_file_actions_addopen(actions, 0, nothing, Libc.O_RDONLY, 0);
            foreach ((int from, int to) in descriptors) Libc.posix_spawn_file_actions_adddup2(actions, from, to);
            using NativeStrings directory = new([command.WorkingDirectory ?? "."]);
            if (command.WorkingDirectory is not null) Libc.posix_spawn_file_actions_addchdir_np(actions, directory.Pointers[0]);

            Libc.posix_spawnattr_setflags(attributes, Libc.POSIX_SPAWN_SETPGROUP | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK);
            Libc.posix_spawnattr_setpgroup(attributes, 0);
            Libc.sigemptyset(set);
            Libc.posix_spawnattr_setsigmask(attributes, set);
            Libc.sigfillset(set);
            Libc.posix_spawnattr_setsigdefault(attributes, set);

            using NativeStrings arguments = new([command.Program, .. command.Arguments]);
            using NativeStrings environment = new(command.Environment);
            int id;
            int error = Libc.posix_spawn(&id, arguments.Pointers[0], actions, attributes, arguments.Pointers, environment.Pointers);
            return error == 0 ? id : throw Failure($"start {command.Program}" + (command.WorkingDirectory is { } at ? $" in {at}" : ""), error);
        }
        finally
        {
            Libc.posix_spawn_file_actions_destroy(actions);
            Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static (int OfChild, int OfParent) MakePipe(List<int> childEnds, bool childReads)
    {
        int* ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) != 0) throw Failure("open a pipe to a worker", Marshal.GetLastPInvokeError());
        (int ofChild, int ofParent) = childReads ? (ends[0], ends[1]) : (ends[1], ends[0]);
        try
        {
            childEnds.Add(ofChild = MoveAway(ofChild));
            return (ofChild, ofParent);
        }
        catch
        {
            Libc.close(ofParent);
            throw;
        }
    }

    /// <summary>Gives a descriptor a number that no end of the child has, so that placing one end does not overwrite another.</summary>
    private static int MoveAway(int descriptor)
    {
        if (descriptor >= FirstFreeDescriptor) return descriptor;
        int moved = Libc.fcntl(descriptor, Libc.F_DUPFD_CLOEXEC, FirstFreeDescriptor);
        int error = Marshal.GetLastPInvokeError();
        Libc.close(descriptor);
        return moved >= 0 ? moved : throw Failure("open a pipe to a worker", error);
    }

    private static void SetNonBlocking(int descriptor) =>
        Libc.fcntl(descriptor, Libc.F_SETFL, Libc.fcntl(descriptor, Libc.F_GETFL, 0) | Libc.O_NONBLOCK);

    private static IOException Failure(string step, int error) => SystemLimitException.For($"Could not {step}: {Marshal.GetPInvokeErrorMessage(error)}", error);
}
