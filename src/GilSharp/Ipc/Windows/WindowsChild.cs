using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GilSharp.Ipc.Windows;

/// <summary>A child process and our ends of what connects us to it, on Windows.</summary>
/// <remarks>
/// <code>
///   parent                             child
///   requests  ──── anonymous pipe ───►       frames to the worker; an event rings after each write
///   answers   ◄─── anonymous pipe ────       frames from the worker; an event rings after each write
///   status    ═══ unnamed section ════       the status page
///   output    ◄─── anonymous pipe ──── standard output
///   errors    ◄─── anonymous pipe ──── standard error
///                             NUL ───► standard input
/// </code>
/// Nobody can wait for an anonymous pipe; both ends are ours, so each writer rings an event that the reader waits for, and the reader reads until nothing is left before
/// it waits again: what is written in between rings. The process is born in a job of its own, which holds whatever it starts, and which dies with its last handle: ours.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsChild : ChildProcess
{
    /// <summary>How a worker learns which handles it has: requests, answers, status page, the two events.</summary>
    internal const string ChannelVariable = "GILSHARP_CHANNEL";

    private const uint RoomPolling = 1; // ms: a full pipe is tried again, for nothing rings when it has room

    private readonly object _gate = new();
    private nint _job, _process;
    private nint _requests, _answers, _requestsBell, _answersBell, _wake;
    private PrintedPipe? _output, _errors;
    private bool _isEnding;  // what it printed last may be waited for
    private bool _collected; // guarded by _gate
    private bool _closed;    // guarded by _gate

    private WindowsChild(StatusPage status) : base(status)
    {
    }

    internal static WindowsChild Start(CommandLine command)
    {
        List<nint> childEnds = [];
        WindowsChild? child = null;
        try
        {
            child = new WindowsChild(StatusPage.Create(out int page));
            childEnds.Add(page);
            (nint requestsOfChild, child._requests) = WindowsPipe.Make();
            childEnds.Add(requestsOfChild);
            (child._answers, nint answersOfChild) = WindowsPipe.Make();
            childEnds.Add(answersOfChild);
            (nint output, nint outputOfChild) = WindowsPipe.Make();
            childEnds.Add(outputOfChild);
            child._output = new PrintedPipe(output);
            (nint errors, nint errorsOfChild) = WindowsPipe.Make();
            childEnds.Add(errorsOfChild);
            child._errors = new PrintedPipe(errors);
            nint nothing = Kernel32.CreateFile("NUL", Kernel32.GENERIC_READ, Kernel32.FILE_SHARE_READ | Kernel32.FILE_SHARE_WRITE, null, Kernel32.OPEN_EXISTING, 0, 0);
            if (nothing == -1) throw WindowsSystem.Failure("open NUL");
            childEnds.Add(nothing);
            child._requestsBell = WindowsSystem.MakeEvent();
            child._answersBell = WindowsSystem.MakeEvent();
            child._wake = WindowsSystem.MakeEvent();
            WindowsPipe.SetNonBlocking(child._requests);
            child._job = MakeJob();

            nint[] inherited = [nothing, outputOfChild, errorsOfChild, requestsOfChild, answersOfChild, page, child._requestsBell, child._answersBell];
            string channel = $"{ChannelVariable}={requestsOfChild},{answersOfChild},{page},{child._requestsBell},{child._answersBell}";
            // Only these go to this child. Another process that this program starts at the same moment, and that inherits whatever can be, may get them too; then the end of the process, which we watch as well, tells more than the end of its pipes.
            foreach (nint handle in inherited) WindowsPipe.SetInherited(handle, true);
            child.Create(command, [.. command.Environment, channel], inherited);
            WindowsPipe.SetInherited(child._requestsBell, false);
            WindowsPipe.SetInherited(child._answersBell, false);
            return child;
        }
        catch
        {
            child?.Dispose();
            throw;
        }
        finally
        {
            foreach (nint end in childEnds) Kernel32.CloseHandle(end);
        }
    }

    internal override int ReadAnswers(Span<byte> room) => WindowsPipe.Read(_answers, room);

    internal override int ReadPrinted(int stream, Span<byte> room) => (stream == Output ? _output! : _errors!).Take(room, Volatile.Read(ref _isEnding));

    internal override int WriteRequests(ReadOnlySpan<byte> bytes)
    {
        int count = WindowsPipe.Write(_requests, bytes);
        if (count > 0) Kernel32.SetEvent(_requestsBell);
        return count;
    }

    internal override void Signal() => Kernel32.SetEvent(_wake);

    internal override ChannelEvents Wait(ChannelEvents wanted, int milliseconds)
    {
        // In the order in which they are told, one at a time.
        nint* handles = stackalloc nint[5];
        ChannelEvents* meanings = stackalloc ChannelEvents[5];
        uint count = 0;
        Add(_process, ChannelEvents.Exited);
        Add(_wake, ChannelEvents.Woken);
        if ((wanted & ChannelEvents.Output) != 0) Add(_output!.Bell, ChannelEvents.Output);
        if ((wanted & ChannelEvents.Errors) != 0) Add(_errors!.Bell, ChannelEvents.Errors);
        if ((wanted & ChannelEvents.Answers) != 0) Add(_answersBell, ChannelEvents.Answers);
        bool forRoom = (wanted & ChannelEvents.Room) != 0;
        // A ring is heard once. Whoever led may have left what this thread had heard of, so what lies in the pipe counts, not the ring.
        bool hasAnswers = (wanted & ChannelEvents.Answers) != 0 && WindowsPipe.HasSomething(_answers);
        uint longest = hasAnswers ? 0 : milliseconds < 0 ? Kernel32.INFINITE : (uint)milliseconds;
        uint first = Kernel32.WaitForMultipleObjects(count, handles, 0, forRoom ? Math.Min(longest, RoomPolling) : longest);
        return (first < Kernel32.WAIT_OBJECT_0 + count ? meanings[first - Kernel32.WAIT_OBJECT_0] : ChannelEvents.None)
            | (forRoom ? ChannelEvents.Room : ChannelEvents.None) | (hasAnswers ? ChannelEvents.Answers : ChannelEvents.None);

        void Add(nint handle, ChannelEvents meaning)
        {
            handles[count] = handle;
            meanings[count++] = meaning;
        }
    }

    internal override void Kill()
    {
        lock (_gate)
        {
            if (_collected || _process == 0) return;
            Volatile.Write(ref _isEnding, true);
            Kernel32.TerminateJobObject(_job, NtStatus.Killed);
        }
    }

    internal override ExitStatus Collect()
    {
        uint code = 0;
        bool known = Kernel32.WaitForSingleObject(_process, Kernel32.INFINITE) == Kernel32.WAIT_OBJECT_0 && Kernel32.GetExitCodeProcess(_process, &code) != 0;
        lock (_gate) _collected = true;
        return known ? new ExitStatus((int)code, NtStatus.NameOf((int)code)) : ExitStatus.Unknown;
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }

        // The job goes first, and with it whoever writes to the pipes whose reading threads close their own ends.
        foreach (nint handle in (ReadOnlySpan<nint>)[_job, _process, _requests, _answers, _requestsBell, _answersBell, _wake])
            if (handle != 0) Kernel32.CloseHandle(handle);
        _output?.Dispose();
        _errors?.Dispose();
        Status.Dispose();
    }

    private static nint MakeJob()
    {
        nint job = Kernel32.CreateJobObject(null, null);
        if (job == 0) throw WindowsSystem.Failure("make a job for a worker");
        Kernel32.ExtendedLimits limits = new() { LimitFlags = Kernel32.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
        if (Kernel32.SetInformationJobObject(job, Kernel32.JobObjectExtendedLimitInformation, &limits, (uint)sizeof(Kernel32.ExtendedLimits)) != 0) return job;
        IOException failure = WindowsSystem.Failure("set up a worker's job");
        Kernel32.CloseHandle(job);
        throw failure;
    }

    // inherited: standard input, output and error come first.
    private void Create(CommandLine command, IEnumerable<string> environment, nint[] inherited)
    {
        nuint size = 0;
        Kernel32.InitializeProcThreadAttributeList(null, 2, 0, &size);
        void* attributes = NativeMemory.Alloc(size);
        bool isMade = false;
        string step = $"start {command.Program}" + (command.WorkingDirectory is { } at ? $" in {at}" : "");
        try
        {
            isMade = Kernel32.InitializeProcThreadAttributeList(attributes, 2, 0, &size) != 0;
            if (!isMade) throw WindowsSystem.Failure(step);
            char[] line = [.. WindowsCommandLine.Of(command.Program, command.Arguments), '\0']; // CreateProcess may write into it
            fixed (nint* handles = inherited, job = &_job)
            fixed (char* program = command.Program, arguments = line, variables = WindowsCommandLine.EnvironmentBlock(environment), folder = command.WorkingDirectory)
            {
                Kernel32.StartupInfoEx startup = new() { AttributeList = (nint)attributes };
                startup.Info.Size = (uint)sizeof(Kernel32.StartupInfoEx);
                startup.Info.Flags = Kernel32.STARTF_USESTDHANDLES;
                (startup.Info.Input, startup.Info.Output, startup.Info.Error) = (inherited[0], inherited[1], inherited[2]);
                Kernel32.ProcessInformation made;
                if (Kernel32.UpdateProcThreadAttribute(attributes, 0, Kernel32.PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, (nuint)(inherited.Length * sizeof(nint)), null, null) == 0
                    || Kernel32.UpdateProcThreadAttribute(attributes, 0, Kernel32.PROC_THREAD_ATTRIBUTE_JOB_LIST, job, (nuint)sizeof(nint), null, null) == 0
                    || Kernel32.CreateProcess(
                        program, arguments, null, null, 1, Kernel32.EXTENDED_STARTUPINFO_PRESENT | Kernel32.CREATE_UNICODE_ENVIRONMENT | Kernel32.CREATE_NO_WINDOW,
                        variables, folder, &startup, &made) == 0)
                    throw WindowsSystem.Failure(step);

                Kernel32.CloseHandle(made.Thread);
                _process = made.Process;
                Id = (int)made.ProcessId;
            }

        }
        finally
        {
            if (isMade) Kernel32.DeleteProcThreadAttributeList(attributes);
            NativeMemory.Free(attributes);
        }
    }
}
