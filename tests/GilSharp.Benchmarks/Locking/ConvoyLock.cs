namespace GilSharp.Benchmarks.Locking;

/// <summary>CPython's scheduling, rebuilt from the description in <c>Python/ceval_gil.c</c> for comparison: whoever waits asks for a switch after one interval.</summary>
/// <remarks>Compare it with CPython in kind, not in figures. It can be neither cancelled nor re-entered.</remarks>
internal sealed class ConvoyLock : IEchoLock
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly object _monitor = new();
    private bool _locked;
    private long _switches;
    private int _waiting;
    private int _dropRequested;

    public void Enter()
    {
        lock (_monitor)
        {
            _waiting++;
            while (_locked)
            {
                long before = _switches;
                // A switch made meanwhile gives the new holder a full interval.
                if (!Monitor.Wait(_monitor, Interval) && _locked && before == _switches)
                    Volatile.Write(ref _dropRequested, 1);
            }

            _waiting--;
            Take();
        }
    }

    public void Exit()
    {
        lock (_monitor)
        {
            _locked = false;
            Monitor.PulseAll(_monitor);
        }
    }

    public void Checkpoint()
    {
        if (Volatile.Read(ref _dropRequested) == 0)
            return;
        lock (_monitor)
        {
            Volatile.Write(ref _dropRequested, 0);
            _locked = false;
            Monitor.PulseAll(_monitor);
            // Forced switch: not before another has had it.
            long before = _switches;
            while (_waiting > 0 && _switches == before)
                Monitor.Wait(_monitor);
        }

        Enter();
    }

    private void Take()
    {
        _locked = true;
        _switches++;
        Volatile.Write(ref _dropRequested, 0);
        Monitor.PulseAll(_monitor);
    }
}
