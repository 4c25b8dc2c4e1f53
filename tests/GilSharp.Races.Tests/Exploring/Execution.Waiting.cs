namespace GilSharp.Races.Exploring;

/// <content>Monitors, events and the other things that threads wait for.</content>
internal sealed partial class Execution
{
    private readonly Dictionary<object, MonitorState> _monitors = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, EventState> _events = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<Thread, ThreadStart> Unstarted { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Plays the processes of a pool.</summary>
    internal Action<Action<Ipc.ChildProcess?, Exception?>>? Spawner { get; set; }

    internal HashSet<Ipc.ChildProcess> Killed { get; } = [];

    /// <summary>Where answers come from, in a scenario of who reads them.</summary>
    internal Scenarios.PlayedChannel? Channel { get; set; }

    internal Dictionary<CancellationTokenRegistration, Callback> Callbacks { get; } = [];

    internal MonitorState MonitorOf(object target)
    {
        if (!_monitors.TryGetValue(target, out MonitorState? state))
            _monitors.Add(target, state = new MonitorState(_monitors.Count));
        return state;
    }

    internal EventState EventOf(object target)
    {
        if (!_events.TryGetValue(target, out EventState? state))
            _events.Add(target, state = new EventState(_events.Count));
        return state;
    }

    internal EndOf EndOf(VirtualThread thread) => new(thread);
}

/// <summary>A monitor: it orders like an acquire and a release, not like a fence.</summary>
internal sealed class MonitorState(int number) : Obstacle
{
    internal VirtualThread? Owner { get; set; }

    internal int Depth { get; set; }

    internal int[]? Released { get; set; }

    internal List<PulseWait> Waiting { get; } = [];

    internal override bool IsGone => Owner is null;

    internal override bool EndsByInterruption => true;

    public override string ToString() => $"monitor {number}, which {Owner?.Name ?? "nobody"} owns";
}

/// <summary>One who waits for a pulse.</summary>
internal sealed class PulseWait(MonitorState monitor) : Obstacle
{
    internal bool IsPulsed { get; set; }

    internal override bool IsGone => IsPulsed;

    public override string ToString() => $"a pulse of {monitor}";
}

/// <summary>An event that lets one waiter through.</summary>
internal sealed class EventState(int number) : Obstacle
{
    internal bool IsSet { get; set; }

    internal int[]? Released { get; set; }

    internal override bool IsGone => IsSet;

    internal override bool EndsByInterruption => true;

    public override string ToString() => $"a wake-up (event {number})";
}

/// <summary>The end of a thread.</summary>
internal sealed class EndOf(VirtualThread thread) : Obstacle
{
    internal override bool IsGone => thread.HasEnded;

    public override string ToString() => $"the end of {thread.Name}";
}

/// <summary>A callback of a cancellation token.</summary>
internal sealed class Callback : Obstacle
{
    internal VirtualThread? RunsOn { get; set; }

    internal int[]? Ended { get; set; }

    internal override bool IsGone => RunsOn is null;

    public override string ToString() => $"the end of a callback on {RunsOn?.Name}";
}
