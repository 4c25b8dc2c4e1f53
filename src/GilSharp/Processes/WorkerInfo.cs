using System.Diagnostics;

namespace GilSharp;

/// <summary>One worker of a pool, as it was when it was asked for.</summary>
/// <param name="Id">Its number in the pool, from 1; a replacement gets a new one.</param>
/// <param name="ProcessId">Its process; 0 while that is being created.</param>
/// <param name="State">What it was doing.</param>
/// <param name="CallsCompleted">How many calls it has answered.</param>
/// <param name="Restarts">How many workers came before it in its place, which were lost or had served their time.</param>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed record WorkerInfo(int Id, int ProcessId, WorkerState State, long CallsCompleted, int Restarts)
{
    private string DebuggerDisplay => $"worker {Id}, process {ProcessId}: {State}, {CallsCompleted} calls";
}

/// <summary>What a worker is doing.</summary>
public enum WorkerState
{
    /// <summary>The process is being created, or its initializer runs.</summary>
    Starting,

    /// <summary>It waits for a call.</summary>
    Idle,

    /// <summary>It runs a call.</summary>
    Busy,

    /// <summary>It gets no more calls and ends.</summary>
    Leaving,
}
