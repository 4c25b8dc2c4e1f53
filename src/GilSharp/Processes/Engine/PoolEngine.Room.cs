using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>A queue with a limit: who may come in, who waits outside, in order, without a thread.</summary>
/// <remarks>
/// A call counts as waiting until it is the one that its worker runs, so calls that were sent ahead count, and the first call of a worker that is
/// starting does not. Room is reserved before the arguments are written, and taken when the call is accepted. Chunks of maps neither wait for room nor
/// take it: maps pace themselves, and always have a few chunks waiting, which would keep all other calls out for as long as a map runs.
/// </remarks>
internal sealed partial class PoolEngine
{
    private readonly LinkedList<RoomWaiter> _outside = new(); // guarded by _gate
    private readonly Queue<RoomWaiter> _admitted = new();     // guarded by _gate: for the strand that admits
    private readonly Strand _admission = new();               // arguments are written there, which is foreign code
    private int _reserved;                                    // guarded by _gate: places of calls whose arguments are being written
    private bool _admitting;                                  // guarded by _gate: whether that strand runs

    internal override bool HasLimit => Options.QueueCapacity != int.MaxValue;

    internal override bool TryReserve()
    {
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            if (_outside.Count > 0 || !HasRoomNeedsGate()) return false;
            _reserved++;
            return true;
        }
    }

    /// <summary>A reserved place is not needed: the arguments could not be written.</summary>
    internal override void GiveBack()
    {
        lock (_gate) _reserved--;
        LetIn();
    }

    internal override void AwaitRoom(RoomWaiter waiter, CancellationToken token)
    {
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            waiter.Place = _outside.AddLast(waiter);
        }

        if (token.CanBeCanceled)
        {
            waiter.Registration = token.UnsafeRegister(static state =>
            {
                (PoolEngine engine, RoomWaiter waiter, CancellationToken token) = ((PoolEngine, RoomWaiter, CancellationToken))state!;
                if (engine.LeaveLine(waiter)) waiter.Cancelled(token);
            }, (this, waiter, token));
            bool stands;
            lock (_gate) stands = waiter.Place is not null;
            if (!stands) waiter.Registration.Unregister(); // it was let in before it was registered
        }

        LetIn(); // there may have come room meanwhile
    }

    /// <summary>Lets in as many as there is room for. Outside the gate, whenever room may have come.</summary>
    private void LetIn()
    {
        if (!HasLimit) return;
        List<RoomWaiter>? refused = null;
        Exception? reason = null;
        bool admits = false;
        lock (_gate)
        {
            if (_outside.Count == 0) return;
            try
            {
                ThrowIfNotOpenNeedsGate();
            }
            catch (Exception exception)
            {
                reason = exception;
                refused = [.. _outside];
                foreach (RoomWaiter waiter in refused) waiter.Place = null;
                _outside.Clear();
            }

            while (_outside.First is { } first && HasRoomNeedsGate())
            {
                _outside.RemoveFirst();
                first.Value.Place = null;
                if (first.Value.Reserves) _reserved++;
                _admitted.Enqueue(first.Value);
            }

            if (_admitted.Count > 0 && !_admitting) admits = _admitting = true;
        }

        if (admits) _admission.Post(AdmitAll);
        if (refused is null) return;
        foreach (RoomWaiter waiter in refused)
        {
            waiter.Registration.Unregister();
            waiter.Refuse(reason!);
        }
    }

    private void AdmitAll()
    {
        while (true)
        {
            RoomWaiter? waiter;
            lock (_gate)
            {
                if (!_admitted.TryDequeue(out waiter))
                {
                    _admitting = false;
                    return;
                }
            }

            waiter.Registration.Unregister();
            waiter.Admit();
        }
    }

    private bool LeaveLine(RoomWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place is not { } place) return false;
            _outside.Remove(place);
            waiter.Place = null;
            return true;
        }
    }

    private bool HasRoomNeedsGate()
    {
        int waiting = _queue.Count - _queue.Chunks + _reserved;
        int free = Math.Max(0, _target - ActiveNeedsGate);
        foreach (WorkerConnection worker in _workers)
        {
            if (worker.InFlight > 1) waiting += _maps > 0 ? worker.WaitingCallsNeedsGate() : worker.InFlight - 1;
            else if (worker is { InFlight: 0, IsStandby: false, State: not WorkerState.Leaving }) free++;
        }

        return waiting - free < Options.QueueCapacity;
    }

    private void TakePlaceNeedsGate(PendingCall call)
    {
        if (!call.HasPlace) return;
        call.HasPlace = false;
        _reserved--;
    }
}
