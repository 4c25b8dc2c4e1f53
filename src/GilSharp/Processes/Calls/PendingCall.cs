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

    /// <summary>Decodes what the function returned, on the worker's reader.</summary>
    /// <returns>What hands it over, at any later time.</returns>
    internal abstract Action Read(ReadOnlyMemory<byte> payload, CallFlags flags);

    internal abstract void Fail(Exception exception);

    internal abstract void Cancel(CancellationToken token);
}
