/*
 * A counted value in atomic mode: handles, leases, weak handles, the last release and a count that is full.
 *
 *   STRONG, WEAK  threads with a handle each, and threads with a weak one. The first handle is disposed by two threads.
 *   BUGn          a fault on purpose, which has to be found
 *
 * Each step is one interlocked operation. Max is 3 here, so that a full count is met as well.
 */

#ifndef STRONG
#define STRONG 2
#endif
#ifndef WEAK
#define WEAK 2
#endif

#define CountWord_Max 3
#define CountWord_Closed -100

short word = STRONG;        /* CountWord._word, after Open and STRONG - 1 Shares */
bit ended[STRONG];          /* RefCounted<T>._anchor: a tombstone */
byte released, users, finished;

/* code: RefCounting/CountWord.cs#Increment
   model only: IsReference, IsRefusedAsClosed, TryRetain and RefuseIncrement, which read the result. got: 1 a reference, 2 too many of them. */
inline tryRetain(got)
{
#ifdef BUG1
    seen = word;                            /* looks first, counts afterwards */
    if
    :: seen < 1 -> got = 0
    :: else -> word++; got = 1
    fi
#else
    atomic
    {
        word++;
        got = (word >= 1 && word <= CountWord_Max -> 1 : (word <= 0 -> 0 : 2))
    };
    if
    :: got == 2 -> release(); got = 0       /* given back as any reference is, and refused by an exception */
    :: else
    fi
#endif
}

/* code: RefCounting/CountWord.cs#Decrement
   code: RefCounting/CountWord.cs#TryClose
   model only: Release and ReleaseValue, which follow from them */
inline release()
{
    atomic { word--; left = word };
    if
    :: left > 0
#ifdef BUG2
    :: left <= 0 -> seen = word; if :: seen == 0 -> word = CountWord_Closed; releaseValue() :: else fi
#else
    :: left == 0 ->
#ifdef BUG3
        atomic { word = CountWord_Closed }; releaseValue()
#else
        if
        :: atomic { word == 0 -> word = CountWord_Closed }; releaseValue()
        :: atomic { word != 0 }
        fi
#endif
    :: left < 0 -> assert(false)            /* released too often */
#endif
    fi;
    left = 0
}

/* code: RefCounting/ControlBlockOfT.cs#Empty*/
inline releaseValue() { atomic { released++; assert(released == 1); assert(users == 0) } }

/* model only: whoever has a reference uses the value */
inline use()
{
    atomic { assert(released == 0); users++ };
    atomic { assert(released == 0); users-- }
}

/* code: RefCounting/RefCountedOfT.cs#TryEnd*/
inline dispose(h)
{
#ifdef BUG4
    if
    :: !ended[h] -> ended[h] = 1; release() /* looks and writes in two steps */
    :: else
    fi
#else
    if
    :: atomic { !ended[h] -> ended[h] = 1 }; release()
    :: atomic { ended[h] }
    fi
#endif
}

/* model only: shares its handle with itself, uses both, and disposes both */
proctype Strong(byte h)
{
    byte got;
    short left, seen;
    if
    :: !ended[h] ->                         /* Share or Borrow: another thread may dispose the handle meanwhile */
        tryRetain(got);
        if
        :: got == 1 -> use(); release()
        :: else
        fi
    :: true
    fi;
    dispose(h);
    finished++
}

/* model only: disposes a handle that is another thread's */
proctype Disposer(byte h)
{
    short left, seen;
    dispose(h);
    finished++
}

/* model only: WeakRefCounted<T>.TryGetReference */
proctype Weak()
{
    byte got;
    short left, seen;
    tryRetain(got);
    if
    :: got == 1 -> use(); release()
    :: else
    fi;
    finished++
}

init
{
    byte i;
    atomic
    {
        do :: i < STRONG -> run Strong(i); i++ :: else -> break od;
        i = 0;
        do :: i < WEAK -> run Weak(); i++ :: else -> break od;
        run Disposer(0)
    };
    finished == STRONG + WEAK + 1;
    assert(released == 1 && word < 0 && users == 0)
}

/* Every thread comes to its end, and the value is released in the end. */
ltl releasedInTheEnd { <> (released == 1) }

/*
 * What is mirrored. A test compares the rows with the code: each member that writes one of these, and how often.
 *
 * mirrors: RefCounting: _word, _anchor, _value
 * states: CountWord
 *
 * RefCounting/ControlBlockOfT.cs#.ctor: _value | left out: before anybody has a reference
 * RefCounting/ControlBlockOfT.cs#Empty: _value
 * RefCounting/ControlBlockOfT.cs#Open: _value | left out: before anybody has a reference
 * RefCounting/CountWord.cs#Decrement: _word
 * RefCounting/CountWord.cs#DecrementUnderLock: _word | left out: in deferred.pml
 * RefCounting/CountWord.cs#Increment: _word
 * RefCounting/CountWord.cs#NotYetOpen: _word | left out: before anybody has a reference
 * RefCounting/CountWord.cs#Open: _word | left out: before anybody has a reference
 * RefCounting/CountWord.cs#SetForTest: _word | left out: for tests
 * RefCounting/CountWord.cs#TryClose: _word _word
 * RefCounting/CountWord.cs#TryDecrementUnderLock: _word | left out: in deferred.pml
 * RefCounting/CountWord.cs#TryIncrementUnderLock: _word | left out: in deferred.pml
 * RefCounting/RefCountedOfT.Guard.cs#.ctor: _anchor | left out: a field on the stack of one thread
 * RefCounting/RefCountedOfT.Guard.cs#Dispose: _anchor | left out: a field on the stack of one thread
 * RefCounting/RefCountedOfT.Lease.cs#.ctor: _anchor | left out: a field on the stack of one thread
 * RefCounting/RefCountedOfT.Lease.cs#Dispose: _anchor | left out: a field on the stack of one thread
 * RefCounting/RefCountedOfT.cs#.ctor: _anchor | left out: before anybody has the handle
 * RefCounting/RefCountedOfT.cs#TryEnd: _anchor
 */
