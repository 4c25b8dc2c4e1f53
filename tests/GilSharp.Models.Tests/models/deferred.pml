/*
 * A counted value in GIL-counted mode, and releases that are posted by threads without the lock (Defer).
 *
 * The holder counts plainly, in two steps. Whoever doesn't hold the lock posts; the holder, the next holder or a pool thread runs it.
 *
 *   HOLDERS, POSTERS  threads that enter the lock, and threads (finalizers, say) that only post the release of a reference
 *   BUGn              a fault on purpose, which has to be found
 */

#ifndef HOLDERS
#define HOLDERS 2
#endif
#ifndef POSTERS
#define POSTERS 2
#endif
#define REFERENCES (HOLDERS + POSTERS)

#define LockWord_Free 0
byte owner = LockWord_Free;
bit LockWord_Posted;
#define DRAINER (HOLDERS + 1)

bit GlobalInterpreterLock_RunPosted;    /* of GlobalInterpreterLock._attention */
bit isDrainQueued;
byte posted, ready;                     /* the stack, and the list in order: how many are in each */

short count = REFERENCES;               /* the plain word: guarded by the lock */
byte released, run_, finished, inside;

/* code: Locking/GlobalInterpreterLock.Deferred.cs#Defer
   model only: the push is one step, a loop around compare-and-swap */
inline defer()
{
#ifdef BUG1
    atomic { unowned = (owner == LockWord_Free); LockWord_Posted = 1 };     /* P before the push */
    GlobalInterpreterLock_RunPosted = 1;
    posted++;
#else
    posted++;
    GlobalInterpreterLock_RunPosted = 1;
    atomic { unowned = (owner == LockWord_Free); LockWord_Posted = 1 };
#endif
    if
#ifndef BUG2
    :: unowned -> queueDrain()
#endif
    :: else
    fi
}

/* code: Locking/GlobalInterpreterLock.Deferred.cs#QueueDrain*/
inline queueDrain() { isDrainQueued = 1 }

/* code: Locking/GlobalInterpreterLock.Deferred.cs#TakeNextRelease
   code: Locking/GlobalInterpreterLock.Deferred.cs#MakeReady
   model only: RunPostedReleases, which takes one after the other */
inline runPosted()
{
    if
    :: LockWord_Posted ->
        do
        :: ready > 0 -> ready--; decrementUnderLock(); run_++
        :: ready == 0 ->
#ifdef BUG3
            atomic { taken = posted; posted = 0 };
            LockWord_Posted = 0;            /* P is cleared after the stack was taken */
            GlobalInterpreterLock_RunPosted = 0;
#else
            LockWord_Posted = 0;
            GlobalInterpreterLock_RunPosted = 0;
            atomic { taken = posted; posted = 0 };
#endif
            if
            :: taken == 0 -> break
            :: else -> atomic { ready = taken; taken = 0 }; LockWord_Posted = 1
            fi
        od
    :: else
    fi
}

/* code: RefCounting/CountWord.cs#DecrementUnderLock
   code: RefCounting/CountWord.cs#TryDecrementUnderLock*/
inline decrementUnderLock()
{
    left = count;
    assert(left > 0);
    if
    :: left > 1 -> count = left - 1
    :: else -> count = 0; atomic { released++; assert(released == 1) }
    fi;
    left = 0
}

/* code: RefCounting/CountWord.cs#TryIncrementUnderLock*/
inline incrementUnderLock(got)
{
    left = count;
    got = (left > 0);
    if
    :: got -> count = left + 1
    :: else
    fi;
    left = 0
}

/* model only: entering; how one waits is in gil.pml */
inline enter(id)
{
    if
    :: atomic { owner == LockWord_Free && !LockWord_Posted -> owner = id; inside++; assert(inside == 1) }
    :: atomic { owner == LockWord_Free && LockWord_Posted -> owner = id; inside++; assert(inside == 1) }; runPosted()
    fi
}

/* model only: Leave, and LeaveContended without a queue */
inline leave(id)
{
    do
    :: atomic { owner == id && !LockWord_Posted -> inside--; owner = LockWord_Free }; break
    :: atomic { owner == id && LockWord_Posted -> skip };
#ifdef BUG4
        atomic { inside--; owner = LockWord_Free }; break
#else
        runPosted()
#endif
    od
}

/* model only: shares, reaches a checkpoint, disposes twice */
proctype Holder(byte id)
{
    byte taken, got;
    short left;
    enter(id);
    incrementUnderLock(got);                /* Share */
    if
    :: GlobalInterpreterLock_RunPosted -> runPosted()   /* a checkpoint */
    :: true
    fi;
    if
    :: got -> assert(released == 0); decrementUnderLock()
    :: else
    fi;
    decrementUnderLock();                   /* Dispose of its own */
    leave(id);
    finished++
}

/* model only: a finalizer, or a thread without the lock */
proctype Poster()
{
    bit unowned;
    defer();
    finished++
}

/* code: Locking/GlobalInterpreterLock.Deferred.cs#Drain*/
active proctype Pool()
{
    byte taken;
    short left;
end:
    do
    :: isDrainQueued -> isDrainQueued = 0;
        if
        :: atomic { owner == LockWord_Free -> owner = DRAINER; inside++; assert(inside == 1) };
            runPosted();
            leave(DRAINER)
        :: owner != LockWord_Free           /* theirs to do */
        fi
    od
}

init
{
    byte i;
    atomic
    {
        do :: i < HOLDERS -> run Holder(i + 1); i++ :: else -> break od;
        i = 0;
        do :: i < POSTERS -> run Poster(); i++ :: else -> break od
    };
    /* No posted release is lost, though nobody may come any more. */
    finished == HOLDERS + POSTERS && run_ == POSTERS;
    assert(released == 1 && count == 0)
}

ltl releasedInTheEnd { <> (released == 1) }

/*
 * What is mirrored. A test compares the rows with the code: each member that writes one of these, and how often.
 *
 * mirrors: Locking: _posted, _firstReady, _isDrainQueued
 *
 * Locking/GlobalInterpreterLock.Deferred.cs#Defer: _posted
 * Locking/GlobalInterpreterLock.Deferred.cs#Drain: _isDrainQueued
 * Locking/GlobalInterpreterLock.Deferred.cs#MakeReady: _firstReady
 * Locking/GlobalInterpreterLock.Deferred.cs#QueueDrain: _isDrainQueued
 * Locking/GlobalInterpreterLock.Deferred.cs#TakeNextRelease: _firstReady _posted
 */
