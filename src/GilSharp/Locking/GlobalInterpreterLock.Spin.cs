using GilSharp.Locking;

namespace GilSharp;

/// <content>The short while before a waiter goes to sleep.</content>
public sealed partial class GlobalInterpreterLock
{
    // Waking a sleeping thread costs 20 to 60 µs where the other processor idles, a spinning one 0.1 to 0.3 µs.
    private const long SpinTime = 50 * TimeSpan.TicksPerMicrosecond;

    // About a microsecond between two looks at the clock.
    private const int SpinsPerLook = 30;

    // The thread that is first in the queue, if any; written inside the gate.
    private Waiter? _onDeck;

    private static readonly bool CanSpin = Environment.ProcessorCount > 1;

    /// <summary>Spins for as long as a holder's minimum slice may last, if first in the queue; then asks for the switch that may be due by now.</summary>
    private void SpinBeforeParking(Waiter waiter)
    {
        if (CanSpin && Volatile.Read(ref _onDeck) == waiter)
        {
            long end = waiter.QueuedAt + SpinTime;
            for (long now = waiter.QueuedAt; now < end; now = MonotonicClock.Now)
            {
                if (waiter.State != WaitState.Queued)
                    return;
                TryEndLoan(now);
                Thread.SpinWait(SpinsPerLook);
            }
        }

        if (waiter.State != WaitState.Queued)
            return;
        _gate.Enter();
        try
        {
            long now = MonotonicClock.Now;
            ChargeHolderNeedsGate(now);
            RequestSwitchNeedsGate(now);
        }
        finally
        {
            _gate.Exit();
        }

        TellSwitchRequest();
    }

    /// <summary>Is the lock free and the waiter first? Then nobody else may look after it.</summary>
    private bool MayEndLoan(Waiter waiter) => Volatile.Read(ref _onDeck) == waiter && LockWord.IsUnowned(Volatile.Read(ref _word));

    /// <summary>Watches a loan until it is taken back or has lasted too long.</summary>
    private void SpinOnLoan(Waiter waiter)
    {
        long end = MonotonicClock.Now + SpinTime;
        for (long now = MonotonicClock.Now; now < end && waiter.State == WaitState.Queued; now = MonotonicClock.Now)
        {
            TryEndLoan(now);
            Thread.SpinWait(SpinsPerLook);
        }
    }
}
