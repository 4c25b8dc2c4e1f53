namespace GilSharp.Locking;

/// <summary>The short internal lock around a queue. It is held for some tens of instructions and never while foreign code runs.</summary>
/// <remarks>
/// <see cref="Thread.Interrupt"/> can hit a thread at any contended monitor. A thread that is leaving a lock must not fail for it,
/// so the interruption is put off until the gate is left, and then hits the thread at its next wait.
/// </remarks>
internal sealed class Gate
{
    private readonly object _monitor = new();
    private bool _interruptOwner;

    internal void Enter()
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                Monitor.Enter(_monitor);
                break;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }

        _interruptOwner = interrupted;
    }

    internal void Exit()
    {
        bool interrupted = _interruptOwner;
        Monitor.Exit(_monitor);
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }
}
