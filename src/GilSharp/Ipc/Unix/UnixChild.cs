using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>A child process and our ends of what connects us to it, on Linux and macOS.</summary>
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
internal sealed unsafe class UnixChild : ChildProcess
{
    internal const int RequestsInChild = 3, AnswersInChild = 4, StatusInChild = 5, ControlInChild = 6;
    private const int Entries = 7; // of a wait, in the order of ChannelEvents
    private const int WakeRoom = 64; // several signals at once, where each is eight bytes in a pipe
    private const int FirstFreeDescriptor = 16; // clear of the numbers that the child's ends get

    private readonly object _gate = new();
    private readonly List<int> _killedBelow = []; // guarded by _gate
    private string _temporaryFolder = "/tmp";
    private bool _collected; // guarded by _gate: the number may belong to another process from now on
    private bool _closed;    // guarded by _gate

    private readonly UnixSystem _system;
    private readonly int _again;
    private int _requests = -1;
    private int _answers = -1;
    private int _output = -1;
    private int _errors = -1;
    private int _control = -1;          // where descriptors are sent; -1 on systems without shared arrays
    private int _exited = -1;           // becomes readable when the process has ended; -1 on kernels without it
    private int _wake = -1, _signal = -1; // wakes whoever waits for this process; on our side only

    private UnixChild(StatusPage status, UnixSystem system) : base(status) => (_system, _again) = (system, system.Again);

    /// <summary>Starts a program. Must run on the <see cref="Spawner"/>'s thread: the parent-death signal follows the thread that created the child.</summary>
    /// <exception cref="IOException">No process, memory or descriptor could be had; the message says which.</exception>
    internal static UnixChild Start(CommandLine command, UnixSystem system)
    {
        List<int> childEnds = [];
        UnixChild? child = null;
        try
        {
            StatusPage status = StatusPage.Create(out int page);
            childEnds.Add(page = MoveAway(page, system));
            child = new UnixChild(status, system) { _temporaryFolder = RuntimeFiles.FolderOf(command.Environment) };
            (int requestsOfChild, child._requests) = MakePipe(system, childEnds, childReads: true);
            (int answersOfChild, child._answers) = MakePipe(system, childEnds, childReads: false);
            (int outputOfChild, child._output) = MakePipe(system, childEnds, childReads: false);
            (int errorsOfChild, child._errors) = MakePipe(system, childEnds, childReads: false);
            List<Placement> placed =
                [new(outputOfChild, 1), new(errorsOfChild, 2), new(requestsOfChild, RequestsInChild), new(answersOfChild, AnswersInChild), new(page, StatusInChild)];
            if (system.HasControl)
            {
                (child._control, int controlOfChild) = DescriptorSocket.Pair();
                childEnds.Add(controlOfChild = MoveAway(controlOfChild, system));
                placed.Add(new(controlOfChild, ControlInChild));
            }

            if (!system.TryMakeEvent(out child._wake, out child._signal)) throw Failure("make an event for a worker", Marshal.GetLastPInvokeError());
            system.SetNonBlocking(child._requests);
            system.SetNonBlocking(child._answers);
            system.SetNonBlocking(child._output);
            system.SetNonBlocking(child._errors);
            child.Id = Spawn(system, command, placed);
            child._exited = system.WatchExit(child.Id);
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

    internal override int ReadAnswers(Span<byte> room)
    {
        nint count;
        fixed (byte* bytes = room) count = Libc.read(_answers, bytes, (nuint)room.Length);
        if (count > 0) return (int)count;
        return count < 0 && IsPassing(Marshal.GetLastPInvokeError()) ? 0 : -1;
    }

    internal override int ReadPrinted(int stream, Span<byte> room)
    {
        nint count;
        fixed (byte* bytes = room) count = Libc.read(stream == Output ? _output : _errors, bytes, (nuint)room.Length);
        if (count > 0) return (int)count;
        return count < 0 && IsPassing(Marshal.GetLastPInvokeError()) ? 0 : -1;
    }

    internal override int WriteRequests(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = bytes) count = Libc.write(_requests, start, (nuint)bytes.Length);
            if (count >= 0) return (int)count;
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.EINTR) return error == _again ? 0 : -1;
        }
    }

    internal override int SendDescriptor(int descriptor, long number)
    {
        int error = DescriptorSocket.Send(_control, number, descriptor, mayWait: false);
        // As many are on their way as may be, or memory is short: that passes.
        return error == 0 ? 1 : error == _again || error is Libc.ETOOMANYREFS or Libc.ENOBUFS or Libc.ENOMEM ? 0 : -1;
    }

    internal override int ReceiveDescriptor(long number) => _control >= 0 ? DescriptorSocket.Receive(_control, number, mayWait: false) : base.ReceiveDescriptor(number);

    internal override bool TryEnlarge() => _system.TryEnlarge(_requests);

    internal override void Signal()
    {
        ulong one = 1;
        Libc.write(_signal, (byte*)&one, sizeof(ulong));
    }

    internal override ChannelEvents Wait(ChannelEvents wanted, int milliseconds)
    {
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[Entries];
        entries[0] = new Libc.PollEntry((wanted & ChannelEvents.Answers) != 0 ? _answers : -1, Libc.POLLIN);
        entries[1] = new Libc.PollEntry(_wake, Libc.POLLIN);
        entries[2] = new Libc.PollEntry(_exited, Libc.POLLIN);
        entries[3] = new Libc.PollEntry((wanted & ChannelEvents.Output) != 0 ? _output : -1, Libc.POLLIN);
        entries[4] = new Libc.PollEntry((wanted & ChannelEvents.Errors) != 0 ? _errors : -1, Libc.POLLIN);
        entries[5] = new Libc.PollEntry((wanted & ChannelEvents.Room) != 0 ? _requests : -1, Libc.POLLOUT);
        entries[6] = new Libc.PollEntry((wanted & ChannelEvents.DescriptorRoom) != 0 ? _control : -1, Libc.POLLOUT);
        // A signal says nothing of the worker, and must not look like its silence.
        while (Libc.poll(entries, Entries, milliseconds) < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }

        ChannelEvents seen = ChannelEvents.None;
        for (int i = 0; i < Entries; i++)
            if (entries[i].Returned != 0) seen |= (ChannelEvents)(1 << i);
        byte* ignored = stackalloc byte[WakeRoom];
        if ((seen & ChannelEvents.Woken) != 0) Libc.read(_wake, ignored, WakeRoom);
        return seen;
    }

    internal override void Kill()
    {
        lock (_gate)
        {
            if (_collected || Id == 0) return;
            try
            {
                _killedBelow.AddRange(_system.KillTree(Id));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // No descriptor to look with: the group goes all the same.
            }

            Libc.kill(-Id, Libc.SIGKILL); // the group outlives a leader that died with children: they go too
            Libc.kill(Id, Libc.SIGKILL);
        }
    }

    internal override ExitStatus Collect()
    {
        int status = 0, result;
        RuntimeFiles files = _system.FilesOf(Id, _temporaryFolder); // as long as the number is its own
        do result = Libc.waitpid(Id, &status, 0);
        while (result < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        lock (_gate) _collected = true;
        bool isKnown = result == Id || _system.TryGetLateStatus(_exited, out status);

        if (status != 0 || !isKnown) files.Remove(); // else it left in good order
        if (result == Id) _system.CollectOrphans(Id, _killedBelow);
        return isKnown ? _system.FromWaitStatus(status) : ExitStatus.Unknown;
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }

        foreach (int descriptor in (ReadOnlySpan<int>)[_requests, _answers, _output, _errors, _control, _exited, _wake, _signal == _wake ? -1 : _signal])
            if (descriptor >= 0) Libc.close(descriptor);
        Status.Dispose();
    }

    private bool IsPassing(int error) => error == _again || error == Libc.EINTR;

    private static int Spawn(UnixSystem system, CommandLine command, List<Placement> descriptors)
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

            Libc.posix_spawnattr_setflags(attributes, (short)(Libc.POSIX_SPAWN_SETPGROUP | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | system.SpawnFlags));
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

    private static (int OfChild, int OfParent) MakePipe(UnixSystem system, List<int> childEnds, bool childReads)
    {
        int* ends = stackalloc int[2];
        if (!system.TryMakePipe(ends)) throw Failure("open a pipe to a worker", Marshal.GetLastPInvokeError());
        (int ofChild, int ofParent) = childReads ? (ends[0], ends[1]) : (ends[1], ends[0]);
        try
        {
            childEnds.Add(ofChild = MoveAway(ofChild, system));
            return (ofChild, ofParent);
        }
        catch
        {
            Libc.close(ofParent);
            throw;
        }
    }

    /// <summary>Gives a descriptor a number that no end of the child has, so that placing one end does not overwrite another.</summary>
    private static int MoveAway(int descriptor, UnixSystem system)
    {
        if (descriptor >= FirstFreeDescriptor) return descriptor;
        int moved = system.Control(descriptor, system.DuplicateCloseOnExec, FirstFreeDescriptor);
        int error = Marshal.GetLastPInvokeError();
        Libc.close(descriptor);
        return moved >= 0 ? moved : throw Failure("open a pipe to a worker", error);
    }

    private static IOException Failure(string step, int error) => UnixErrors.For($"Could not {step}", error);

    /// <summary>Where a descriptor of ours stands in the child.</summary>
    /// <remarks>A class: a list of structs would have to be compiled in every process before its first worker starts.</remarks>
    private sealed record Placement(int From, int To);
}
