using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Faults;

namespace GilSharp.Processes.Engine;

/// <summary>Who reads the answers: the connection's own thread, or, for a moment, a thread that waits for its own call.</summary>
/// <remarks>
/// A thread that waits in Apply reads its answer itself: that spares two wake-ups, more than the way to the worker and back costs. It leads for a
/// moment only; a longer call is left to the reader. So that it isn't woken by every answer, the reader steps aside while one led call follows
/// the other, and comes back when anybody sends a call without waiting for it, or when nobody has led for a while: what a worker says unasked, a
/// line of its log between calls, may come that much later.
/// <code>
///             led calls, one after the other
///   watches ─────────────────────────────────► aside        _role: one at a time reads and hands over
///      ▲                                         │          _isAside: answers come and the reader isn't told
///      └──── a call that nobody leads, or ◄──────┘
///            a leader that gave up: Watch
/// </code>
/// While a call is out, either the reader watches, or somebody leads who calls <see cref="Watch"/> when he leaves. Both sides first say what they
/// have done and then look at what the other did, with a full fence between, so one of them sees the other.
/// </remarks>
internal sealed partial class WorkerConnection
{
    private const int Nobody = 0, Reader = 1, Leader = 2;

    private const int LedBeforeAside = 4;

    private static readonly long LeadTicks = Stopwatch.Frequency / 20_000; // 50 µs

    private int _role;
    private volatile bool _isAside;
    private int _led;         // of who leads: how many calls
    private int _ledBefore;   // of the reader: how many when it last looked

    /// <summary>Reads for a moment, for the thread that has just sent <paramref name="call"/> and waits for <paramref name="task"/>.</summary>
    internal void Lead(PendingCall call, Task task)
    {
        if (InFlight == 1 && Interlocked.CompareExchange(ref _role, Leader, Nobody) == Nobody)
        {
            try
            {
                if (Volatile.Read(ref _child) is { } child) ReadUntilEnded(child, task);
            }
            catch (Exception exception)
            {
                Nonsense = exception.Message;
                Kill(); // the reader sees its end
            }

            Volatile.Write(ref _led, _led + 1);
            Interlocked.Exchange(ref _role, Nobody);
        }

        if (InFlight > 0) Watch();
    }

    // As the reader does: asking again is cheaper than being woken.
    private void ReadUntilEnded(ChildProcess child, Task task)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < LeadTicks; HostSystem.Yield())
        {
            int count = TryRead(child);
            if (count < 0) return;
            if (count == 0) continue;
            _faults?.Invoke(PoolFaultPoint.Received, this);
            _reader.Received(count);
            Dispatch();
            if (task.IsCompleted) return;
        }
    }

    /// <summary>Has the reader watch again, after a call was sent or left that nobody leads.</summary>
    private void Watch()
    {
        Interlocked.MemoryBarrier(); // the call was counted before the look at the reader
        if (!_isAside) return;
        _isAside = false;
        if (Volatile.Read(ref _child) is { } child) _outbox.Signal(child);
    }

    // Of the reader from here on.

    private bool TryTakeRole() => Interlocked.CompareExchange(ref _role, Reader, Nobody) == Nobody;

    private void GiveUpRole() => Interlocked.Exchange(ref _role, Nobody);

    /// <summary>Nobody else reads any more: the worker is gone, or is about to be.</summary>
    private void KeepRole()
    {
        SpinWait wait = default;
        while (Volatile.Read(ref _role) != Reader && !TryTakeRole()) wait.SpinOnce();
    }

    /// <summary>Whether the next wait is for other things than answers.</summary>
    private bool StaysAside()
    {
        int led = Volatile.Read(ref _led);
        bool isNew = !_isAside;
        int since = led - _ledBefore;
        if (isNew ? since < LedBeforeAside && Volatile.Read(ref _role) != Leader : since == 0)
        {
            _isAside = false;
            return false;
        }

        _ledBefore = led;
        if (!isNew) return true;
        _isAside = true;
        Interlocked.MemoryBarrier(); // said before the look at the calls, as Watch looks after the call was counted
        if (InFlight == 0 || Volatile.Read(ref _role) == Leader) return true;
        _isAside = false;
        return false;
    }
}
