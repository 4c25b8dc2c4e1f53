namespace GilSharp.Benchmarks.Locking;

/// <summary>What the echo server needs of a global lock.</summary>
internal interface IEchoLock
{
    void Enter();

    void Exit();

    void Checkpoint();
}

/// <summary>GilSharp's.</summary>
internal sealed class OurLock : IEchoLock
{
    internal GlobalInterpreterLock Gil { get; } = new(new() { Name = "GilSharp" });

    public void Enter() => Gil.Enter();

    public void Exit() => Gil.Exit();

    public void Checkpoint() => Gil.Checkpoint();
}
