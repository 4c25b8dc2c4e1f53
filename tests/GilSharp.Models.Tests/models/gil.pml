/*
 * The global interpreter lock: its word, its queue, its schedule, its loans, its ticker and its end.
 *
 * Each step (a line, or what stands in one atomic or d_step) makes one access to memory that others race for; accesses to what the gate
 * guards are joined to it. What the code does by a loop around compare-and-swap is one step here: such a loop takes effect at the swap that
 * succeeds, and everything else that it reads is guarded by the gate. The fast paths, the sleepers, the clock and the disposal run beside
 * whoever is inside the gate, as in the code.
 *
 *   N, ROUNDS threads, and how often each enters, unless ENDLESS
 *   ENDLESS   threads never stop, and may compute under the lock for ever: they only reach checkpoints. Who deserves the lock is decided
 *             by the virtual deadlines; the gate is fair, and the sleep is left to the runs without ENDLESS: who is granted the lock is awake.
 *             Without it everything that the schedule might decide is possible: the order of the queue, when a switch is asked for.
 *   LOANS     the first thread gives the lock up by ReleaseScope and may lend it
 *   GIVEUP    waits of the last thread may end by a timeout or by a cancellation
 *   DISPOSE   somebody disposes the lock at some moment
 *   ABANDON   the first thread may end while it holds the lock
 *
 * Left out: work items and their pool thread, interruptions, re-entrance (a plain counter of the holder).
 *   BUGn      a fault on purpose, which has to be found
 */

#ifndef N
#define N 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

#define NOBODY 255

/* With a further feature only the first thread reaches a checkpoint, or three threads would be too many states. */
#if defined(LOANS) || defined(GIVEUP) || defined(DISPOSE) || defined(ABANDON)
#define CHECKS(i) (i == 0)
#else
#define CHECKS(i) true
#endif

/* The states of the word, LockWord. Thread i has the owner id that its token would have. */
#define LockWord_Free 0
#define LockWord_Reserved 1
#define LockWord_OwnerStep 1
#define ID(i) (LockWord_Reserved + LockWord_OwnerStep + (i))
byte owner = LockWord_Free;         /* the part of LockWord.OwnerMask */
bit LockWord_Contended, LockWord_Disposed;
#define WORD_IS_FREE (owner == LockWord_Free && !LockWord_Contended && !LockWord_Disposed)
#define WORD_IS_LENT (owner == LockWord_Free && LockWord_Contended && !LockWord_Disposed)
#define WORD_IS_MINE(i) (owner == ID(i) && !LockWord_Contended && !LockWord_Disposed)

/* GlobalInterpreterLock._attention */
bit GlobalInterpreterLock_GiveWay, GlobalInterpreterLock_LookAtDisposal;

/* QueueEntry.State */
#define WaitState_Queued 1
#define WaitState_Granted 2
#define WaitState_Disposed 3
#define WaitState_Withdrawn 4
#define WaitState_GrantedAbandoned 5
byte state[N];

#define Entry_Entered 1
#define Entry_TimedOut 2
#define Entry_Canceled 3
#define Entry_Disposed 4
#define Entry_EnteredAbandoned 5
#define HAS_ENTERED(entry) (entry == Entry_Entered || entry == Entry_EnteredAbandoned)

bit parked[N], event[N];            /* Waiter._parked, and its parker's event */
bit cancelled;                      /* the last thread's token */
byte onDeck = NOBODY;
byte holder = NOBODY;               /* GlobalInterpreterLock._holder */
#ifdef ABANDON
bit ended[N];                       /* !Thread.IsAlive */
bit untold;                         /* an owner has ended without leaving, and nobody who came in has been told yet */
#ifdef BUG13
#define OWNER_HAS_ENDED (owner >= ID(0) && holder != NOBODY && ended[holder])
#else
#define OWNER_HAS_ENDED (holder != NOBODY && ID(holder) == owner && ended[holder])
#endif
#else
#define OWNER_HAS_ENDED false
#endif

/* Guarded by the gate: the queue, first to last, and the loans. */
byte queue[N], queued;
byte passedOver = NOBODY;
bit hasLasted;                      /* now - _passedOverSince > LongestBypass: here after the second loan */
bit loanIsOld = 1;                  /* now - _lentAt >= LoanTime */
bit isWatched;

#ifdef ENDLESS
/* Guarded by the gate: the schedule. NOW is virtual time, an interval is 1: the deadlines of the seats run from NOW - 1 to NOW + 2. */
#define NOW 2
byte seat[N];
byte holderSeat = NOBODY;
bit chargedIsCurrent;               /* _chargedAcquisition == _acquisitions */
bit sliceIsSpent;
bit fresh;                          /* now - _grantedAt < MinimumSlice */
#endif

/* For the properties. */
byte inside, finished;
bit wants[N];
hidden byte k, t;

/* The gate. Who gets it is left open; in ENDLESS what is done inside it is one step, that is: the gate is fair. */
#ifdef ENDLESS
#define GATED atomic {
#define GATED_END }
#else
#define GATED
#define GATED_END
#endif
bit gate;

/* model only: the gate */
inline gateEnter() { !gate -> gate = 1 }

/* model only: the gate */
inline gateExit() { assert(LockWord_Contended == (queued > 0)); assert(!GlobalInterpreterLock_GiveWay || queued > 0); gate = 0 }

/* code: Locking/Schedule.cs#Charge
   code: Locking/Schedule.cs#Fine*/
inline charge(i, passes)
{
#ifdef ENDLESS
    k = 0;
    do
    :: passes && k < N -> seat[k] = (seat[k] > 0 -> seat[k] - 1 : 0); k++
    :: else -> break
    od;
    t = (seat[i] > NOW -> NOW + 1 : NOW);
    seat[i] = seat[i] + 1;
    seat[i] = (seat[i] < t -> t : (seat[i] > NOW + 2 -> NOW + 2 : seat[i]));
    k = 0; t = 0
#else
    skip
#endif
}

/* code: Locking/GlobalInterpreterLock.Scheduling.cs#ChargeHolderNeedsGate
   code: Locking/Schedule.cs#JoinAsHolder*/
inline chargeHolder(intervalHasPassed)
{
#ifdef ENDLESS
    d_step
    {
        if
        :: owner != LockWord_Free && chargedIsCurrent && holderSeat != NOBODY && intervalHasPassed -> charge(holderSeat, true); sliceIsSpent = 1
        :: owner != LockWord_Free && !chargedIsCurrent && holder != NOBODY && ID(holder) == owner ->
            chargedIsCurrent = 1;
            holderSeat = holder;
            seat[holder] = (seat[holder] < NOW -> NOW : seat[holder]);
            fresh = 0; sliceIsSpent = 0
        :: else
        fi
    }
#else
    skip
#endif
}

/* model only: an interval may have passed since the last charge, or not */
inline mayCharge()
{
#ifdef ENDLESS
    if
    :: chargeHolder(true)
    :: chargeHolder(false)
    fi
#else
    skip
#endif
}

/* code: Locking/GlobalInterpreterLock.Scheduling.cs#RequestSwitch
   model only: RequestSwitchNeedsGate and DeservesMore, which decide whether to do so */
inline requestSwitch()
{
#ifdef BUG5
    skip
#else
    if
#ifdef ENDLESS
    :: chargedIsCurrent && holderSeat != NOBODY && queued > 0 && !fresh && (seat[queue[0]] < seat[holderSeat] || (seat[queue[0]] == seat[holderSeat] && sliceIsSpent)) -> GlobalInterpreterLock_GiveWay = 1
    :: else
#else
    :: queued > 0 -> GlobalInterpreterLock_GiveWay = 1
    :: true
#endif
    fi
#endif
}

/* code: Locking/EntryQueue.cs#InsertAfter
   model only: AddByDeadline, which finds the place */
inline addByDeadline(i)
{
    k = queued;
    do
#ifdef BUG6
    :: k > 0 -> queue[k] = queue[k - 1]; k--
    :: else -> break
#elif defined(ENDLESS)
    :: k > 0 && seat[queue[k - 1]] > seat[i] -> queue[k] = queue[k - 1]; k--
    :: else -> break
#else
    :: k > 0 -> queue[k] = queue[k - 1]; k--
    :: true -> break
#endif
    od;
    queue[k] = i;
    queued++;
    k = 0
}

/* code: Locking/EntryQueue.cs#Remove*/
inline remove(i)
{
    k = 0;
    do :: queue[k] != i -> k++ :: else -> break od;
    do :: k + 1 < queued -> queue[k] = queue[k + 1]; k++ :: else -> break od;
    queued--;
    queue[queued] = 0;
    k = 0
}

/* code: Locking/GlobalInterpreterLock.State.cs#UpdateContendedNeedsGate*/
inline updateContended() { LockWord_Contended = (queued > 0) }

/* code: Locking/GlobalInterpreterLock.Contention.cs#EnqueueNeedsGate
   code: Locking/GlobalInterpreterLock.Contention.cs#SettleQueueNeedsGate
   code: Locking/Schedule.cs#Join
   model only: the caller joins its last step to what it does next */
inline enqueue(i)
{
    atomic
    {
        state[i] = WaitState_Queued;
        mayCharge();
#ifdef ENDLESS
        seat[i] = (seat[i] < NOW - 1 -> NOW - 1 : seat[i]);
#endif
        addByDeadline(i);
        onDeck = queue[0]
    };
#ifndef BUG1
    updateContended();
#else
    skip;
#endif
}

/* code: Locking/GlobalInterpreterLock.Contention.cs#GrantNeedsGate
   code: Locking/GlobalInterpreterLock.State.cs#SetOwnerNeedsGate
   model only: the caller joins its last step to what it does next */
inline grant(i, granted)
{
    d_step
    {
        remove(i);
        holder = i;
#ifdef ENDLESS
        holderSeat = i; chargedIsCurrent = 1; fresh = 1; sliceIsSpent = 0;
#endif
        passedOver = NOBODY;
        GlobalInterpreterLock_GiveWay = 0;
        onDeck = (queued > 0 -> queue[0] : NOBODY)
    };
    d_step { owner = ID(i); LockWord_Contended = (queued > 0) };
#ifdef BUG11
    owner = LockWord_Free;
#endif
    state[i] = granted
}

/* code: Locking/GlobalInterpreterLock.Loan.cs#TryClaimNeedsGate
   model only: ServeNeedsGate, which asks it and grants */
inline serve(next)
{
    if
    :: owner == LockWord_Free && queued > 0 ->
#ifndef BUG3
        if
        :: atomic { owner == LockWord_Free -> owner = LockWord_Reserved; next = queue[0] }; grant(next, WaitState_Granted)
        :: owner != LockWord_Free -> next = NOBODY
        fi
#else
        next = queue[0]; grant(next, WaitState_Granted)
#endif
    :: else -> next = NOBODY
    fi
}

/* code: Locking/Waiter.cs#WakeUp*/
inline wakeUp(next)
{
#ifdef ENDLESS
    next = NOBODY
#else
    if
    :: next != NOBODY ->
        if
        :: atomic { parked[next] -> parked[next] = 0 }; atomic { event[next] = 1; next = NOBODY }
        :: atomic { !parked[next] -> next = NOBODY }
        fi
    :: next == NOBODY
    fi
#endif
}

/* code: Locking/GlobalInterpreterLock.Enter.cs#BecomeHolder*/
inline becomeHolder(i)
{
#ifdef ENDLESS
    atomic { holder = i; chargedIsCurrent = 0 }
#else
    holder = i
#endif
}

/* code: Locking/GlobalInterpreterLock.Contention.cs#TryTakeNeedsGate
   code: Locking/GlobalInterpreterLock.Contention.cs#HasOwnerEnded
   code: Locking/GlobalInterpreterLock.Scheduling.cs#ChargeAbsenceNeedsGate
   model only: TryTakeOrQueue, which calls it */
inline takeOrQueue(i)
{
    GATED
    atomic
    {
        gateEnter();
        if
        :: LockWord_Disposed -> entry = Entry_Disposed; gateExit()
        :: !LockWord_Disposed && (owner == LockWord_Free || OWNER_HAS_ENDED) ->
            entry = (OWNER_HAS_ENDED -> Entry_EnteredAbandoned : Entry_Entered);
            owner = ID(i);
            holder = i;
#ifdef ENDLESS
            if
            :: LockWord_Contended -> holderSeat = i; chargedIsCurrent = 1; fresh = 1; sliceIsSpent = 0
            :: else -> chargedIsCurrent = 0
            fi;
#endif
            gateExit()
        :: else
        fi
    };
    if
    :: entry == 0 ->
        enqueue(i);
        atomic { requestSwitch(); isWatched = 1; gateExit() }
    :: else
    fi
    GATED_END
}

/* code: Locking/GlobalInterpreterLock.Contention.cs#TryWithdraw
   code: Locking/GlobalInterpreterLock.Contention.cs#WithdrawRequestNeedsGate*/
inline tryWithdraw(i, why)
{
    GATED
    atomic { gateEnter(); mayCharge() };
    if
#ifdef BUG9
    :: state[i] != WaitState_Queued && i == NOBODY
#else
    :: state[i] != WaitState_Queued -> atomic { gateExit() }
#endif
    :: else ->
#ifdef BUG9
        if :: state[i] == WaitState_Queued -> d_step { remove(i) } :: else fi;
        d_step { onDeck = (queued > 0 -> queue[0] : NOBODY); state[i] = WaitState_Withdrawn };
#else
        d_step { remove(i); onDeck = (queued > 0 -> queue[0] : NOBODY); state[i] = WaitState_Withdrawn };
#endif
        updateContended();
#ifndef BUG10
        GlobalInterpreterLock_GiveWay = 0;
        requestSwitch();
#endif
        serve(next);
        atomic { gateExit(); entry = why };
        wakeUp(next)
    fi
    GATED_END
}

/* model only: TryEndLoan, which looks, enters the gate and serves the queue */
inline tryEndLoan(i)
{
    if
    :: owner == LockWord_Free && loanIsOld -> atomic { gateEnter() }; serve(next); atomic { gateExit() }; wakeUp(next)
    :: else
    fi
}

/* code: Locking/Waiter.cs#AnnounceSleep
   code: Locking/Waiter.cs#EndSleep
   model only: Await and SpinBeforeParking, which call them. Who must enter does not give up. */
inline await(i, mayGiveUp)
{
#ifndef ENDLESS
    if
    :: onDeck == i -> tryEndLoan(i)
    :: true
    fi;
    if
    :: state[i] == WaitState_Queued -> atomic { gateEnter(); mayCharge(); requestSwitch(); gateExit() }
    :: else
    fi;
#endif
    do
    :: atomic { entry != 0 || state[i] == WaitState_Granted -> entry = (entry == 0 -> Entry_Entered : entry); state[i] = 0 }; break
#ifdef ABANDON
    :: atomic { entry == 0 && state[i] == WaitState_GrantedAbandoned -> entry = Entry_EnteredAbandoned; state[i] = 0 }; break
#endif
    :: atomic { entry == 0 && state[i] == WaitState_Disposed -> entry = Entry_Disposed; state[i] = 0 }; break
#ifdef GIVEUP
    :: mayGiveUp && entry == 0 && state[i] == WaitState_Queued && cancelled -> tryWithdraw(i, Entry_Canceled)
    :: mayGiveUp && entry == 0 && state[i] == WaitState_Queued -> tryWithdraw(i, Entry_TimedOut)
#endif
#ifndef ENDLESS
    :: entry == 0 && state[i] == WaitState_Queued ->
        parked[i] = 1;
        if
#ifndef BUG2
        :: state[i] != WaitState_Queued || (mayGiveUp && cancelled) || (onDeck == i && owner == LockWord_Free)
        :: else ->
#else
        :: true ->
#endif
            if
            :: atomic { event[i] -> event[i] = 0 }
#ifdef GIVEUP
            :: mayGiveUp            /* it has slept for as long as it may */
#endif
            fi
        fi;
        parked[i] = 0;
        if
        :: state[i] == WaitState_Queued && onDeck == i -> tryEndLoan(i)
        :: else
        fi
#endif
    od
}

/* code: Locking/GlobalInterpreterLock.Enter.cs#TryEnterAtOnce*/
inline enter(i, mayGiveUp)
{
    if
    :: atomic { WORD_IS_FREE -> owner = ID(i); entry = Entry_Entered }; becomeHolder(i)
    :: atomic { !WORD_IS_FREE -> entry = 0 }; takeOrQueue(i);
        if
        :: entry == 0 -> await(i, mayGiveUp)
        :: else
        fi
    fi
}

/* code: Locking/GlobalInterpreterLock.Loan.cs#TryLendNeedsGate
   code: Locking/GlobalInterpreterLock.Contention.cs#TryLeaveToNobodyNeedsGate
   model only: LeaveContended, which chooses. mayLend: the caller means to come back soon; whether its releases were short is left open. */
inline leaveContended(i, mayLend)
{
    GATED
    atomic
    {
        gateEnter();
#ifdef ENDLESS
        chargeHolder(true);     /* a stay takes time, or nobody's deadline would ever move */
#endif
        next = (queued > 0 -> queue[0] : NOBODY);
        if
#ifdef LOANS
        :: mayLend && next != NOBODY && passedOver != next -> passedOver = next; hasLasted = 0; lent = 1; loanIsOld = 0
#ifdef BUG7
        :: mayLend && next != NOBODY && passedOver == next -> lent = 1; loanIsOld = 0
#else
        :: mayLend && next != NOBODY && passedOver == next && !hasLasted -> hasLasted = 1; lent = 1; loanIsOld = 0
#endif
#endif
        :: lent = 0
        fi
    };
    if
    :: lent || next == NOBODY -> owner = LockWord_Free
#ifdef BUG4
    :: else -> owner = LockWord_Free
#else
    :: else -> grant(next, WaitState_Granted)
#endif
    fi;
    atomic { gateExit(); lent = 0 };
    wakeUp(next)
    GATED_END
}

/* code: Locking/GlobalInterpreterLock.Enter.cs#Exit
   code: Locking/GlobalInterpreterLock.Enter.cs#Leave*/
inline leave(i, mayLend)
{
    if
    :: atomic { WORD_IS_MINE(i) -> owner = LockWord_Free }
    :: atomic { !WORD_IS_MINE(i) -> assert(owner == ID(i)) }; leaveContended(i, mayLend)
    fi
}

/* code: Locking/GlobalInterpreterLock.Checkpoint.cs#ReleaseScope
   code: Locking/GlobalInterpreterLock.Loan.cs#TryTakeLoanBack
   model only: EndRelease, which comes back in one of three ways */
inline release(i)
{
    goOut(i);
    leave(i, true);
    wants[i] = 1;
    if
    :: atomic { WORD_IS_LENT -> owner = ID(i); entry = Entry_Entered };
        if
        :: holder != i -> becomeHolder(i)
        :: else
        fi
    :: !WORD_IS_LENT -> enter(i, false)
    fi;
    comeIn(i)
}

/* code: Locking/GlobalInterpreterLock.Checkpoint.cs#TryGiveWay
   code: Locking/GlobalInterpreterLock.Checkpoint.cs#CheckpointWithAttention*/
inline checkpoint(i)
{
    if
    :: GlobalInterpreterLock_LookAtDisposal -> goOut(i); leave(i, false); entry = Entry_Disposed
    :: !GlobalInterpreterLock_LookAtDisposal && GlobalInterpreterLock_GiveWay ->
        GATED
        atomic { gateEnter(); mayCharge(); next = (queued > 0 -> queue[0] : NOBODY) };
        if
        :: next == NOBODY -> atomic { GlobalInterpreterLock_GiveWay = 0; gateExit() }
        :: else ->
            goOut(i);
#ifdef ENDLESS
            lent = !sliceIsSpent;
#endif
            enqueue(i);
            atomic { requestSwitch(); isWatched = 1 };
            grant(next, WaitState_Granted);
            atomic
            {
                if
                :: lent -> d_step { charge(next, false); lent = 0 }
                :: else
                fi;
                gateExit();
                wants[i] = 1;
                entry = 0
            };
            wakeUp(next)
        fi
        GATED_END;
        if
        :: entry == 0 -> await(i, false); comeIn(i)
        :: else
        fi
    :: else
    fi
}

/* model only: what the lock is for */
inline comeIn(i)
{
    atomic
    {
        wants[i] = 0;
        if
        :: HAS_ENTERED(entry) ->
            inside++; assert(inside == 1); assert(owner == ID(i)); assert(holder == i);
#ifdef ABANDON
            assert(untold == (entry == Entry_EnteredAbandoned)); untold = 0;
#endif
            entry = Entry_Entered
        :: else
        fi
    }
}

/* model only: what the lock is for */
inline goOut(i) { atomic { assert(inside == 1); inside-- } }

#ifdef ABANDON
/* model only: a thread ends while it holds the lock */
inline endInside(i) { atomic { goOut(i); ended[i] = 1; untold = 1 } }
#endif

/* model only: enters, reaches a checkpoint, releases, leaves */
proctype Thread(byte me)
{
    byte round, entry, next = NOBODY;
    bit lent;

    do
#ifdef ENDLESS
    :: true ->
#else
    :: round == ROUNDS -> break
    :: round < ROUNDS -> round++;
#endif
        wants[me] = 1;
        enter(me, (me == N - 1));
        comeIn(me);
        if
        :: entry == Entry_Entered ->
#ifdef ENDLESS
            do
            :: entry == Entry_Entered -> checkpoint(me)
#ifdef LOANS
            :: entry == Entry_Entered && me == 0 -> release(me)
#endif
            :: break
            od;
#else
            if
            :: CHECKS(me) -> checkpoint(me)
            :: else
            fi;
#endif
#if defined(LOANS) && !defined(ENDLESS)
            if
            :: entry == Entry_Entered && me == 0 -> release(me)
            :: true
            fi;
#endif
            if
            :: entry == Entry_Entered -> goOut(me); leave(me, false); entry = 0
#ifdef ABANDON
            :: entry == Entry_Entered && me == 0 -> endInside(me); break
#endif
            :: else -> entry = 0; break
            fi
        :: entry == Entry_Disposed -> entry = 0; break
        :: else -> entry = 0
        fi
    od;
#ifdef ABANDON
    ended[me] = 1;
#endif
    finished++
}

/* code: Locking/GlobalInterpreterLock.Scheduling.cs#Tick
   code: Locking/GlobalInterpreterLock.Scheduling.cs#ShouldHandOver
   model only: NextTickNeedsGate, which asks for the switch that is due. The ticker's own sleep is left out: here it looks again and again. */
active proctype Ticker()
{
    byte next = NOBODY;
end:
    do
    :: GATED atomic
        {
            isWatched -> gateEnter();
            if
            :: queued == 0 -> isWatched = 0; gateExit(); goto end
            :: else
            fi
        };
        if
        :: owner == LockWord_Free && loanIsOld -> serve(next)
#if defined(ABANDON) && !defined(BUG14)
        :: OWNER_HAS_ENDED && queued > 0 ->
            next = queue[0];
#ifdef BUG12
            grant(next, WaitState_Granted)
#else
            grant(next, WaitState_GrantedAbandoned)
#endif
#endif
        :: else
        fi;
        atomic
        {
#ifdef ENDLESS
            fresh = 0; loanIsOld = 1;   /* time has passed since the last tick */
#endif
            chargeHolder(true); requestSwitch(); gateExit()
        };
        wakeUp(next)
        GATED_END
    od
}

#ifndef ENDLESS
/* model only: time */
active proctype Clock()
{
end:
    do
    :: !loanIsOld -> loanIsOld = 1
    od
}
#endif

#ifdef DISPOSE
/* code: Locking/GlobalInterpreterLock.Dispose.cs#Dispose
   code: Locking/GlobalInterpreterLock.Dispose.cs#EmptyQueuesNeedsGate*/
active proctype Disposer()
{
    byte next = NOBODY, count;
    byte waiters[N];

    atomic { gateEnter(); LockWord_Disposed = 1 };
    do
    :: queued > 0 -> d_step { waiters[count] = queue[0]; remove(waiters[count]); state[waiters[count]] = WaitState_Disposed; count++ }
    :: else -> break
    od;
    updateContended();
    GlobalInterpreterLock_GiveWay = 0;
    atomic { GlobalInterpreterLock_LookAtDisposal = 1; gateExit() };
#ifndef BUG8
    do
    :: count > 0 -> atomic { count--; next = waiters[count]; waiters[count] = 0 }; wakeUp(next)
    :: else -> break
    od;
#endif
    finished++
}
#endif

#ifdef GIVEUP
/* model only: whoever cancels the token of the last thread */
active proctype Canceller()
{
    byte next = N - 1;
    cancelled = 1;
    wakeUp(next)
}
#endif

init
{
    byte i;
    atomic
    {
        do
        :: i < N ->
#ifdef ENDLESS
            seat[i] = NOW + 1;
#endif
            run Thread(i); i++
        :: else -> i = 0; break
        od
    };
#ifndef ENDLESS
    /* Every thread comes to its end, and leaves nothing behind. */
#ifdef DISPOSE
    finished == N + 1;
#else
    finished == N;
#endif
    assert(inside == 0 && (owner == LockWord_Free || OWNER_HAS_ENDED) && queued == 0 && !LockWord_Contended && !GlobalInterpreterLock_GiveWay)
#endif
}

#ifdef ENDLESS
/* Every waiter gets in. */
ltl everyWaiterGetsIn { [] (wants[N - 1] -> <> !wants[N - 1]) }
#endif

/*
 * What is mirrored. A test compares the rows with the code: each member that writes one of these, and how often.
 *
 * mirrors: Locking: _word, _attention, State, _parked, _onDeck, _passedOver, _isWatched
 * states: LockWord, WaitState
 * left out: LockWord.Posted is in deferred.pml
 * left out: LockWord.OwnerMask is the bits of owner
 *
 * Locking/GlobalInterpreterLock.Checkpoint.cs#ReleaseScope: _word
 * Locking/GlobalInterpreterLock.Checkpoint.cs#TryGiveWay: _attention
 * Locking/GlobalInterpreterLock.Contention.cs#EnqueueNeedsGate: State _onDeck
 * Locking/GlobalInterpreterLock.Contention.cs#GrantNeedsGate: _passedOver _attention _onDeck State
 * Locking/GlobalInterpreterLock.Contention.cs#SettleQueueNeedsGate: _isWatched
 * Locking/GlobalInterpreterLock.Contention.cs#TryLeaveToNobodyNeedsGate: _word
 * Locking/GlobalInterpreterLock.Contention.cs#TryTakeNeedsGate: _word
 * Locking/GlobalInterpreterLock.Contention.cs#TryWithdraw: _onDeck State
 * Locking/GlobalInterpreterLock.Contention.cs#WithdrawRequestNeedsGate: _attention
 * Locking/GlobalInterpreterLock.Deferred.cs#Defer: _attention _word | left out: in deferred.pml
 * Locking/GlobalInterpreterLock.Deferred.cs#TakeNextRelease: _word _attention _word | left out: in deferred.pml
 * Locking/GlobalInterpreterLock.Dispose.cs#Dispose: _word _attention _attention
 * Locking/GlobalInterpreterLock.Dispose.cs#EmptyQueuesNeedsGate: State State
 * Locking/GlobalInterpreterLock.Enter.cs#Exit: _word
 * Locking/GlobalInterpreterLock.Enter.cs#Leave: _word
 * Locking/GlobalInterpreterLock.Enter.cs#TryEnterAtOnce: _word
 * Locking/GlobalInterpreterLock.Loan.cs#TryClaimNeedsGate: _word
 * Locking/GlobalInterpreterLock.Loan.cs#TryLendNeedsGate: _passedOver
 * Locking/GlobalInterpreterLock.Loan.cs#TryTakeLoanBack: _word
 * Locking/GlobalInterpreterLock.Scheduling.cs#RequestSwitch: _attention
 * Locking/GlobalInterpreterLock.Scheduling.cs#Tick: _isWatched
 * Locking/GlobalInterpreterLock.State.cs#SetOwnerNeedsGate: _word
 * Locking/GlobalInterpreterLock.State.cs#UpdateContendedNeedsGate: _word
 * Locking/GlobalInterpreterLock.WorkItems.cs#TakeFirstItemNeedsGate: State | left out: work items
 * Locking/GlobalInterpreterLock.WorkItems.cs#TryQueue: State | left out: work items
 * Locking/GlobalInterpreterLock.WorkItems.cs#TryTakeBack: State | left out: work items
 * Locking/Waiter.cs#AnnounceSleep: _parked
 * Locking/Waiter.cs#EndSleep: _parked
 * Locking/Waiter.cs#WakeUp: _parked
 */
