using System.Globalization;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Processes.Faults;

namespace GilSharp.Processes.Worker;

/// <summary>Turns the process that it is called in into a worker, if a pool started it as one.</summary>
internal static class WorkerHost
{
    /// <summary>Set for a worker, and only until its loop has begun: "protocol version:process id of the parent:depth".</summary>
    internal const string Sentinel = "GILSHARP_WORKER";

    /// <summary>A worker of another build of GilSharp says so instead of misreading frames.</summary>
    internal const int ProtocolVersion = 3;

    /// <summary>What came over the channel was no frame, or is of another version.</summary>
    internal const int ExitCodeOfNonsense = 65;

    /// <summary>How deep pools may lie in workers of pools: further down somebody starts processes without end and has not noticed.</summary>
    internal const int MaxDepth = 10;

    /// <summary>0 in a program, 1 in a worker of its pools, 2 in a worker of a pool made there, and so on.</summary>
    internal static int Depth { get; private set; }

    /// <summary>This process was started as a worker; the loop has taken over.</summary>
    internal static bool IsWorker { get; private set; }

    /// <summary>This process was started as a worker, but nothing has begun to run as one: the user's Main runs a second time.</summary>
    internal static bool IsStrayWorker => !IsWorker && Environment.GetEnvironmentVariable(Sentinel) is not null;

    /// <summary>Returns at once in an ordinary process; never returns in a worker.</summary>
    internal static void RunIfRequested()
    {
        if (IsWorker || Environment.GetEnvironmentVariable(Sentinel) is not { } sentinel) return;
        IsWorker = true;
        Environment.SetEnvironmentVariable(Sentinel, null);

        string[] parts = sentinel.Split(':');
        if (parts[0] != ProtocolVersion.ToString(CultureInfo.InvariantCulture))
        {
            Console.Error.WriteLine($"This worker is of another build of GilSharp than the program that started it: protocol version {ProtocolVersion} here, {parts[0]} there. Restart the program.");
            HostSystem.Current.ExitNow(ExitCodeOfNonsense);
        }

        HostSystem.Current.DieWithParent(int.Parse(parts[1], CultureInfo.InvariantCulture));
        Depth = parts.Length > 2 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : 1;
        LeaveSignalsToParent();
        WorkerFaults? faults = WorkerFaults.Take();
        faults?.At(FaultPoint.Starting);
        WorkerChannel channel = HostSystem.Current.TakeInherited(out StatusPage status);
        try
        {
            int exitCode = new WorkerLoop(channel, status, faults).Run();
            Environment.Exit(exitCode);
        }
        catch (EndOfStreamException)
        {
            // Without the parent nobody waits for a result; ProcessExit handlers of user code might hang.
            HostSystem.Current.ExitNow(0);
        }
        catch (InvalidDataException exception)
        {
            // The parent speaks nonsense: it will send the calls elsewhere, and sooner if the runtime does not first write about it at length.
            Console.Error.WriteLine(exception.Message);
            HostSystem.Current.ExitNow(ExitCodeOfNonsense);
        }
    }

    /// <summary>Signals to the terminal's whole group are the parent's to decide.</summary>
    private static void LeaveSignalsToParent()
    {
        static void Ignore(PosixSignalContext context) => context.Cancel = true;
        _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        _ = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
    }
}
