using GilSharp.Races.Memory;

namespace GilSharp.Races.Exploring;

/// <summary>A thread of an execution. It runs on a real thread of its own, but only while it has the baton.</summary>
internal sealed class VirtualThread(Execution execution, int id, string name, bool isDaemon, Worker worker)
{
    [ThreadStatic]
    private static VirtualThread? t_current;

    /// <summary>Null outside an execution: the seam then does what the platform does.</summary>
    internal static VirtualThread? Current
    {
        get => t_current;
        set => t_current = value;
    }

    internal Execution Execution { get; } = execution;

    internal int Id { get; } = id;

    internal string Name { get; } = name;

    /// <summary>An execution ends though it waits.</summary>
    internal bool IsDaemon { get; } = isDaemon;

    internal Worker Worker { get; } = worker;

    /// <summary>What it knows of the others' steps.</summary>
    internal ThreadView View { get; } = new(id);

    /// <summary>What it waits for, null while it can run.</summary>
    internal Obstacle? Obstacle { get; set; }

    /// <summary>When its timed wait ends, in the execution's time.</summary>
    internal long Deadline { get; set; } = long.MaxValue;

    internal bool TimedOut { get; set; }

    internal bool IsInterrupted { get; set; }

    /// <summary>It ends at its next step, in the middle of whatever it does.</summary>
    internal bool IsKilled { get; set; }

    internal bool HasEnded { get; set; }

    /// <summary>It spins: the others go first.</summary>
    internal bool HasYielded { get; set; }

    /// <summary>Its thread-static fields, by number.</summary>
    internal Dictionary<int, object?> Statics { get; } = [];

    /// <summary>The locks whose scopes it is in, the innermost last.</summary>
    internal Stack<Lock> Scopes { get; } = new();

    internal bool CanRun => !HasEnded && (Obstacle is null || TimedOut || Obstacle.IsGone || (IsInterrupted && Obstacle.EndsByInterruption));

    public override string ToString() => Name;
}

/// <summary>What a thread waits for.</summary>
internal abstract class Obstacle
{
    internal abstract bool IsGone { get; }

    internal virtual bool EndsByInterruption => false;
}
