using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Calls;

/// <summary>What a call asks for beyond being run: most calls ask for nothing.</summary>
/// <remarks>
/// A million calls with a token may wait in a queue, so each has here what all of those need; what few need is made where it is needed.
/// <code>
///   call ──► CallTerms ─┬─► CallOptions    one for all calls of a pool, or of a view of it
///                       ├─► TokenWatch     one for all calls with the same token
///                       └─► Rare           reports, regions, trace, times, attempts
/// </code>
/// </remarks>
internal sealed class CallTerms(PendingCall call, CallEngine engine) : IDeadline
{
    private PendingCall? _call = call; // null once it has ended: a deadline that is far away must not keep its arguments and its result
    private Rare? _rare;

    /// <summary>How it is run, all defaults filled in; null: as any call.</summary>
    internal CallOptions? Options;

    /// <summary>Watches its token, if it has one.</summary>
    internal TokenWatch? Watch;

    /// <summary>Its neighbours among the calls of its <see cref="Watch"/>, which guards all three.</summary>
    internal CallTerms? Next, Previous;

    internal bool IsWatched;

    /// <summary>Why the call was asked to stop; guarded by the engine's gate.</summary>
    internal StopReason Stop;

    internal int Attempt = 1;

    internal int Priority => Options?.Priority ?? 0;

    internal int Retries => Options?.Retries ?? 0;

    internal TimeSpan Timeout => Options?.Timeout ?? System.Threading.Timeout.InfiniteTimeSpan;

    internal string? Name => Options?.Name;

    internal CancellationToken Token => Watch?.Token ?? default;

    /// <summary>Who wants to know how the call gets on.</summary>
    internal List<ProgressReporter>? Reporters
    {
        get => _rare?.Reporters;
        set => Set(value is not null)?.Reporters = value;
    }

    /// <summary>Shared memory that its payload names.</summary>
    internal CallRegions? Regions
    {
        get => _rare?.Regions;
        set => Set(value is not null)?.Regions = value;
    }

    /// <summary>Runs these, once one of them has been told something; the call then ends behind the last of its reports.</summary>
    internal Strand? Reports
    {
        get => _rare?.Reports;
        set => Set(value is not null)?.Reports = value;
    }

    /// <summary>The trace that it belongs to, if any.</summary>
    internal Telemetry.CallTrace? Trace
    {
        get => _rare?.Trace;
        set => Set(value is not null)?.Trace = value;
    }

    /// <summary>When it was accepted, by the monotonic clock; 0 where nobody measures.</summary>
    internal long AcceptedAt
    {
        get => _rare?.AcceptedAt ?? 0;
        set => Set(value != 0)?.AcceptedAt = value;
    }

    /// <summary>When it was started; 0 where that is not known.</summary>
    internal long StartedAt
    {
        get => _rare?.StartedAt ?? 0;
        set => Set(value != 0)?.StartedAt = value;
    }

    /// <summary>When it ended; 0 where that is not known.</summary>
    internal long EndedAt
    {
        get => _rare?.EndedAt ?? 0;
        set => Set(value != 0)?.EndedAt = value;
    }

    /// <summary>What became of earlier attempts, for the error of the last.</summary>
    internal List<Exception>? History
    {
        get => _rare?.History;
        set => Set(value is not null)?.History = value;
    }

    /// <summary>When the call is stopped by force; set together with <see cref="Stop"/>.</summary>
    internal long KillAt
    {
        get => _rare?.KillAt ?? 0;
        set => Set(value != 0)?.KillAt = value;
    }

    /// <summary>Where in the payload the number of the attempt stands; 0 if it isn't sent.</summary>
    internal int AttemptAt
    {
        get => _rare?.AttemptAt ?? 0;
        set => Set(value != 0)?.AttemptAt = value;
    }

    /// <summary>The next attempt: what is sent again says so.</summary>
    internal void TryAgain()
    {
        Attempt++;
        if (AttemptAt > 0 && _call is { } call && MemoryMarshal.TryGetArray(call.Payload, out ArraySegment<byte> payload))
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(AttemptAt), Attempt);
    }

    /// <summary>From here on the call is stopped when its token is signalled; if it was already, now.</summary>
    internal void WatchToken()
    {
        while (Watch?.TryAdd(this) == false) Watch = engine.WatchOf(Watch.Token); // it has been signalled, or its last call has ended
    }

    internal void CancelRequested()
    {
        if (Volatile.Read(ref _call) is { } call) engine.CancelRequested(call, this);
    }

    /// <summary>The call has ended.</summary>
    internal void End()
    {
        Watch?.Remove(this);
        Regions?.Release();
        Volatile.Write(ref _call, null);
    }

    public bool IsOver => _call is null; // seen too late, it stays until the next sweep

    /// <summary>The call's timeout, or its grace period, may have passed.</summary>
    public void Due()
    {
        if (Volatile.Read(ref _call) is { } call) engine.CallIsDue(call, this);
    }

    // Null where nothing need be set: there is nothing yet, and what is asked for is nothing.
    private Rare? Set(bool something) => something ? _rare ??= new Rare() : _rare;

    private sealed class Rare
    {
        internal List<ProgressReporter>? Reporters;
        internal CallRegions? Regions;
        internal Strand? Reports;
        internal Telemetry.CallTrace? Trace;
        internal List<Exception>? History;
        internal long AcceptedAt, StartedAt, EndedAt;
        internal long KillAt;
        internal int AttemptAt;
    }
}

/// <summary>Why a running call was asked to stop.</summary>
internal enum StopReason : byte
{
    None,
    Cancelled,
    TimedOut,
}
