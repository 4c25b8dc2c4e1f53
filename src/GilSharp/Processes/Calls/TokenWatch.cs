namespace GilSharp.Processes.Calls;

/// <summary>The calls that one token stops: registered at its source once, however many there are.</summary>
/// <remarks>
/// <code>
///   source of the token ──► TokenWatch ──► CallTerms ⇄ CallTerms ⇄ …     accepted, and not ended
/// </code>
/// It is there as long as it has a call, and no longer: a source may be reset for other work when its calls have ended
/// (<see cref="CancellationTokenSource.TryReset"/>), and forgets then who has registered.
/// </remarks>
internal sealed class TokenWatch(CancellationToken token)
{
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration; // guarded by _gate, as all below
    private CallTerms? _first;
    private bool _isRegistered;
    private bool _isClosed;

    internal CancellationToken Token => token;

    /// <summary>It takes no more calls. Asked without the gate: who is told too early that it does is refused by <see cref="TryAdd"/>.</summary>
    internal bool IsClosed => _isClosed;

    /// <summary>True if the call is stopped by the token from here on, or has been; false if this watch takes no more calls.</summary>
    internal bool TryAdd(CallTerms terms)
    {
        bool isFirst;
        lock (_gate)
        {
            if (_isClosed) return false;
            terms.Next = _first;
            _first?.Previous = terms;
            _first = terms;
            terms.IsWatched = true;
            isFirst = !_isRegistered;
            _isRegistered = true;
        }

        if (isFirst) Register();
        return true;
    }

    /// <summary>The call has ended. A second time: nothing.</summary>
    internal void Remove(CallTerms terms)
    {
        CancellationTokenRegistration unneeded;
        lock (_gate)
        {
            if (!terms.IsWatched) return;
            terms.IsWatched = false;
            if (terms.Previous is { } previous) previous.Next = terms.Next;
            else _first = terms.Next;
            terms.Next?.Previous = terms.Previous;
            terms.Next = terms.Previous = null;
            if (_first is not null) return;
            _isClosed = true;
            unneeded = _registration;
        }

        unneeded.Unregister();
    }

    private void Register()
    {
        CancellationTokenRegistration registration = token.UnsafeRegister(static watch => ((TokenWatch)watch!).Signalled(), this);
        lock (_gate)
        {
            _registration = registration;
            if (!_isClosed) return;
        }

        registration.Unregister(); // its calls have ended, or were stopped, meanwhile
    }

    private void Signalled()
    {
        CallTerms? next;
        lock (_gate)
        {
            _isClosed = true;
            next = _first;
            _first = null;
            for (CallTerms? terms = next; terms is not null; terms = terms.Next) terms.IsWatched = false; // the chain is this method's now
        }

        while (next is { } terms)
        {
            next = terms.Next;
            terms.Next = terms.Previous = null;
            terms.CancelRequested();
        }
    }
}
