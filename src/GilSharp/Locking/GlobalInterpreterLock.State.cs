using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp;

/// <content>The state, and who may touch it.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>Within this time of its grant a holder is not made to give way again, or two threads would do nothing but switch: 50 µs.</summary>
    internal const long MinimumSlice = 50 * TimeSpan.TicksPerMicrosecond;

    /// <summary>A holder's checkpoint must look closer: bit 1, give way; bit 2, run posted releases; bit 4, disposed.</summary>
    private const int GiveWay = 1;
    private const int RunPosted = 2;
    private const int LookAtDisposal = 4;

    private const int OutermostDepth = 1;

    // Drawn at LockWord.
    private long _word;

    // Zero while nobody wants anything of the holder, so that a checkpoint is one read and one branch.
    private int _attention;

    // ── Written by the holder only; ordered by the compare-and-swap that takes and leaves the word. ──
    // May still name the last holder while the word names nobody, or for a moment somebody else.
    private ThreadToken? _holder;

    // How many enters the holder has to undo. It is 1 while nobody holds the lock too, so that entering need not write it.
    private int _depth = OutermostDepth;
    private long _acquisitions;
    private long _voluntaryReleases;
    private long _heldTicks;
    private long _heldSince;

    // The innermost open scope, and the last number given: a copy of an ended scope carries a number that is no longer open.
    private long _openScope;
    private long _lastScope;

    // ── Guarded by the gate. ──
    private readonly Gate _gate = new();
    private readonly EntryQueue<Waiter> _threads = new();
    private readonly EntryQueue<WorkItem> _items = new();
    private readonly Schedule _schedule;
    private long _arrivals;
    private long _switchIntervalTicks;
    private long _contendedAcquisitions;
    private long _forcedSwitches;
    private long _waitTicks;

    // Which acquisition the two below speak of: a holder that came in on the fast path took no timestamp. None at first: the
    // first holder is seen with its acquisition not yet counted, and there is no seat to charge.
    private long _chargedAcquisition = -1;
    private Seat? _holderSeat;
    private long _chargedFrom;
    private long _grantedAt;
    private bool _sliceIsSpent;

    private int Waiting
    {
        get
        {
            _gate.Enter();
            try
            {
                return _threads.Count + _items.Count;
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    private bool IsAnybodyQueuedNeedsGate => !_threads.IsEmpty || !_items.IsEmpty;

    private int CompetitorsNeedsGate => 1 + _threads.Count + (_items.IsEmpty ? 0 : 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsHeldBy(ThreadToken? me) => me is not null && LockWord.OwnerOf(Volatile.Read(ref _word)) == me.Id;

    /// <summary>Names the next owner. For the owner, or for whoever found nobody owning, inside the gate: only P can change meanwhile.</summary>
    private void SetOwnerNeedsGate(long owner)
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            long contended = IsAnybodyQueuedNeedsGate ? LockWord.Contended : 0;
            long next = owner | contended | (word & (LockWord.Posted | LockWord.Disposed));
            if (Interlocked.CompareExchange(ref _word, next, word) == word)
                return;
        }
    }

    /// <summary>Sets or clears C, whoever owns the lock.</summary>
    private void UpdateContendedNeedsGate()
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            long next = IsAnybodyQueuedNeedsGate ? word | LockWord.Contended : word & ~LockWord.Contended;
            // Interlocked even if nothing changes: the owner's leaving compare-and-swap must either see C or come before us.
            if (Interlocked.CompareExchange(ref _word, next, word) == word)
                return;
        }
    }
}
