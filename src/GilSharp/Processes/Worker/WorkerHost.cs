using System.Globalization;
using System.Runtime.InteropServices;
using GilSharp.Ipc;

namespace GilSharp.Processes.Worker;

/// <summary>Turns the process that it is called in into a worker, if a pool started it as one.</summary>
internal static class WorkerHost
{
    /// <summary>Set for a worker, and only until its loop has begun: "protocol version:process id of the parent".</summary>
    internal const string Sentinel = "GILSHARP_WORKER";

    /// <summary>A worker of another build of GilSharp says so instead of misreading frames.</summary>
    internal const int ProtocolVersion = 1;

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
        HostSystem.Current.DieWithParent(int.Parse(parts[1], CultureInfo.InvariantCulture));
        WorkerChannel channel = HostSystem.Current.TakeInherited(out StatusPage status);
        try
        {
            int exitCode = new WorkerLoop(channel, status).Run();
            Environment.Exit(exitCode);
        }
        catch (EndOfStreamException)
        {
            // Without the parent nobody waits for a result; ProcessExit handlers of user code might hang.
            HostSystem.Current.ExitNow(0);
        }
    }

    /// <summary>Signals to the terminal's whole group are the parent's to decide.</summary>
    internal static void LeaveSignalsToParent()
    {
        static void Ignore(PosixSignalContext context) => context.Cancel = true;
        _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        _ = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
    }
}
