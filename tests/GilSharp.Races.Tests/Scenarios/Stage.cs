using GilSharp.Races.Exploring;
using GilSharp.Races.Seam;

namespace GilSharp.Races.Scenarios;

/// <summary>Some threads on the real code, and what must hold whatever their steps' order.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Promise">What is proved of it.</param>
/// <param name="Body">Sets the stage, plays it and checks the end.</param>
internal sealed record Scenario(string Name, string Promise, Action<Stage> Body)
{
    internal ExecutionSettings Settings { get; init; } = new();

    /// <summary>How far it is exhausted by default.</summary>
    internal Bounds Bounds { get; init; } = new(2, 1);

    /// <summary>For the explorer's own examination: it must find what is wrong here.</summary>
    internal bool MustFail { get; init; }
}

/// <summary>What a scenario has to work with.</summary>
internal sealed class Stage(Execution execution)
{
    private readonly List<VirtualThread> _actors = [];

    internal Execution Execution => execution;

    /// <summary>A thread; it may run from now on.</summary>
    internal Thread Actor(string name, Action body)
    {
        VirtualThread actor = execution.Add(name, isDaemon: false, body);
        _actors.Add(actor);
        return actor.Worker.Thread;
    }

    /// <summary>Waits until all threads have ended, those of the thread pool too.</summary>
    internal void Play()
    {
        VirtualThread me = VirtualThread.Current!;
        EndOfAll end = new(execution, me);
        execution.Wait(me, end);
        foreach (VirtualThread thread in execution.Threads)
            me.View.Acquire(thread.View.Now);
    }

    internal void Check(bool holds, string promise)
    {
        if (!holds)
            execution.Fail(VirtualThread.Current!, $"broken: {promise}");
    }

    /// <summary>A point where others may go first, for code of the scenario.</summary>
    internal void Pause() => execution.Point(VirtualThread.Current!);

    /// <summary>Computes: the others go first if they can, and time passes.</summary>
    internal void Work(int microseconds) => execution.Yield(VirtualThread.Current!, microseconds * 1000L);

    /// <summary>As SIGKILL does it: the thread makes no further step and runs no further code.</summary>
    internal void Kill(Thread actor)
    {
        execution.Point(VirtualThread.Current!);
        execution.Find(actor)!.IsKilled = true;
    }

    internal void Interrupt(Thread actor) => execution.Find(actor)!.IsInterrupted = true;

    /// <summary>As <see cref="Play"/>, and until something else has come about that a daemon does.</summary>
    internal void PlayUntil(Func<bool> condition)
    {
        Play();
        Await(condition);
    }

    /// <summary>Waits until something has come about that another thread does.</summary>
    internal void Await(Func<bool> condition)
    {
        VirtualThread me = VirtualThread.Current!;
        execution.Point(me);
        execution.Wait(me, new Condition(condition));
        foreach (VirtualThread thread in execution.Threads)
            me.View.Acquire(thread.View.Now);
    }

    internal void WaitFor(Thread actor)
    {
        VirtualThread me = VirtualThread.Current!;
        VirtualThread other = execution.Find(actor)!;
        execution.Point(me);
        execution.Wait(me, execution.EndOf(other));
        me.View.Acquire(other.View.Now);
    }
}

/// <summary>A plain variable of a scenario: two uses at the same time are a failure.</summary>
internal sealed class Plain<T>(T value)
{
    private T _value = value;

    internal T Value
    {
        get => PlainSeam.Read(ref _value, -1);
        set
        {
            // Longer uses than one step.
            if (VirtualThread.Current is { } me)
                me.Execution.Point(me);
            PlainSeam.Write(ref _value, value, -1);
        }
    }
}

/// <summary>A signal between actors.</summary>
internal sealed class Signal
{
    private readonly AutoResetEvent _event = new(false);

    internal void Give() => ThreadSeam.Set(_event, -1);

    internal void Await() => ThreadSeam.WaitOne(_event, Timeout.Infinite, -1);
}

/// <summary>All threads but one.</summary>
internal sealed class EndOfAll(Execution execution, VirtualThread except) : Obstacle
{
    internal override bool IsGone => execution.Threads.TrueForAll(thread => thread == except || thread.IsDaemon || thread.HasEnded);

    public override string ToString() => "the end of all threads";
}

/// <summary>Something that a daemon brings about.</summary>
internal sealed class Condition(Func<bool> condition) : Obstacle
{
    internal override bool IsGone => condition();

    public override string ToString() => "what it was promised";
}
