using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Calls;

/// <summary>Where an accepted call is.</summary>
internal enum CallState : byte
{
    /// <summary>Its arguments are being written.</summary>
    New,

    /// <summary>It waits in the queue.</summary>
    Queued,

    /// <summary>A worker has it, and may have started it: the worker's status page knows.</summary>
    Sent,

    /// <summary>Its task has ended, or is about to.</summary>
    Ended,
}

/// <summary>An accepted call on its way to its result. It ends exactly once.</summary>
/// <remarks>
/// The engine's gate guards <see cref="State"/>, <see cref="Worker"/> and <see cref="Slot"/>. Who moves the state to Ended completes the task, after
/// leaving the gate.
/// </remarks>
internal abstract class PendingCall
{
    internal long Id;
    internal FunctionEntry Function = null!;
    internal ReadOnlyMemory<byte> Payload;
    internal WorkerConnection? Worker;
    internal CallTerms? Terms;
    internal ushort Slot;
    internal CallState State;
    internal CallFlags Flags;

    /// <summary>How many workers ended when it was the next that they were to start.</summary>
    internal byte LostBeforeStart;

    /// <summary>It has reserved a place in a queue with a limit, which it takes when it is accepted.</summary>
    internal bool HasPlace;

    /// <summary>The thread that made it waits for it and reads the answer itself.</summary>
    internal bool IsLed;

    internal int Priority => Terms?.Priority ?? 0;

    /// <summary>Decodes and hands over what the function returned. Runs on the worker's reader.</summary>
    internal abstract void Succeed(ReadOnlyMemory<byte> payload, CallFlags flags);

    internal abstract void Fail(Exception exception);

    internal abstract void Cancel(CancellationToken token);
}

/// <summary>What a call asks for beyond being run: most calls ask for nothing.</summary>
internal sealed class CallTerms(PendingCall call, CallEngine engine) : IDeadline
{
    private PendingCall? _call = call; // null once it has ended: a deadline that is far away must not keep its arguments and its result

    internal int Priority;
    internal int Retries;
    internal int Attempt = 1;
    internal TimeSpan Timeout = System.Threading.Timeout.InfiniteTimeSpan;
    internal string? Name;
    internal CancellationToken Token;
    internal CancellationTokenRegistration Registration;

    /// <summary>Who wants to know how the call gets on.</summary>
    internal List<ProgressReporter>? Reporters;

    /// <summary>Shared memory that its payload names.</summary>
    internal CallRegions? Regions;

    /// <summary>Runs these, once one of them has been told something; the call then ends behind the last of its reports.</summary>
    internal Strand? Reports;

    /// <summary>The trace that it belongs to, if any.</summary>
    internal Telemetry.CallTrace? Trace;

    /// <summary>Moments of the monotonic clock; 0 where nobody measures, or where they are not known.</summary>
    internal long AcceptedAt, StartedAt, EndedAt;

    /// <summary>Why the call was asked to stop; guarded by the engine's gate.</summary>
    internal StopReason Stop;

    /// <summary>What became of earlier attempts, for the error of the last.</summary>
    internal List<Exception>? History;

    /// <summary>When the call is stopped by force; set together with <see cref="Stop"/>.</summary>
    internal long KillAt;

    /// <summary>Where in the payload the number of the attempt stands; 0 if it isn't sent.</summary>
    internal int AttemptAt;

    /// <summary>The next attempt: what is sent again says so.</summary>
    internal void TryAgain()
    {
        Attempt++;
        if (AttemptAt > 0 && _call is { } call && MemoryMarshal.TryGetArray(call.Payload, out ArraySegment<byte> payload))
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(AttemptAt), Attempt);
    }

    internal void CancelRequested()
    {
        if (Volatile.Read(ref _call) is { } call) engine.CancelRequested(call, this);
    }

    /// <summary>The call has ended.</summary>
    internal void End()
    {
        Registration.Unregister();
        Regions?.Release();
        Volatile.Write(ref _call, null);
    }

    /// <summary>The call's timeout, or its grace period, may have passed.</summary>
    public void Due()
    {
        if (Volatile.Read(ref _call) is { } call) engine.CallIsDue(call, this);
    }
}

/// <summary>Why a running call was asked to stop.</summary>
internal enum StopReason : byte
{
    None,
    Cancelled,
    TimedOut,
}
