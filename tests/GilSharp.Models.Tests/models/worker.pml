/*
 * The life of workers and calls: claims on the status page, a crash at every step, take-back, retry, replacement, cancellation, the end.
 *
 * The engine's gate guards nearly all of the parent's state, and nothing foreign runs under it, so what is done inside it is one step. What
 * runs beside it is in steps of its own: the worker, the pipe, the reader that empties a slot before it enters the gate, the tasks that are
 * completed after it was left, the kill.
 *
 *   CALLS, WORKERS   calls, and how many workers there may be at a time
 *   LIVES            how many processes may be started in all: every lost one is replaced
 *   CRASHES          how many of them crash, each at any of its steps
 *   RETRIES          so often a call that may have run is tried again
 *   AHEAD            so many calls a worker that is ready may have
 *   CANCEL           somebody cancels the first call at some moment, and its worker is killed if it does not listen
 *   CLOSE, TERMINATE somebody closes, or terminates, the pool at some moment
 *
 * Left out: failed starts, maps, standby and idle workers, timeouts (they go the way of a cancellation), who of several readers reads, and
 * the limit on how often a call is lost before it started, which is beyond these bounds.
 *
 *   BUGn             a fault on purpose, which has to be found
 */

#ifndef CALLS
#define CALLS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifdef CANCEL
#define KILLS 1
#else
#define KILLS 0
#endif
#define LIVES (WORKERS + CRASHES + KILLS)
#ifndef RETRIES
#define RETRIES 0
#endif
#ifndef AHEAD
#define AHEAD 2
#endif
#define NOBODY 255

#define CallState_New 0
#define CallState_Queued 1
#define CallState_Sent 2
#define CallState_Ended 3
byte callState[CALLS];
byte callWorker[CALLS];
byte attempt[CALLS];                /* CallTerms.Attempt */

#define StopReason_None 0
#define StopReason_Cancelled 1
byte stop[CALLS];                   /* CallTerms.Stop */

/* A claim word. What a crashed worker left on its page stays there until the parent has read it. */
#define StatusPage_Queued 1
#define StatusPage_Started 2
#define StatusPage_Taken 3
#define CLAIM(w, c) claim[(w) * CALLS + (c)]
byte claim[LIVES * CALLS];

#define WorkerState_Starting 1
#define WorkerState_Idle 2
#define WorkerState_Busy 3
#define WorkerState_Leaving 4
byte workerState[LIVES];            /* 0: not started, or gone */
bit isReady[LIVES], slot[LIVES * CALLS];    /* WorkerConnection._calls */
#define SLOT(w, c) slot[(w) * CALLS + (c)]
byte inFlight[LIVES];
byte sentenced[LIVES];              /* WorkerConnection._sentenced */

/* Outside the parent: the process and its two pipes. */
#define LEAVE CALLS
#define READY CALLS
bit alive[LIVES], killed[LIVES];
chan requests[LIVES] = [CALLS * (RETRIES + 1) + 2] of { byte };
chan answers[LIVES] = [CALLS + 2] of { byte };

/* PoolEngine: the queue of waiting calls, first to last. */
byte queue[CALLS], queued;
byte lastWorkerId, workers, crashes;
bit closed, terminated, gone;

#if WORKERS + CRASHES + KILLS == 2
#define NOTHING_IN_FLIGHT (inFlight[0] == 0 && inFlight[1] == 0)
#elif WORKERS + CRASHES + KILLS == 3
#define NOTHING_IN_FLIGHT (inFlight[0] == 0 && inFlight[1] == 0 && inFlight[2] == 0)
#elif WORKERS + CRASHES + KILLS == 4
#define NOTHING_IN_FLIGHT (inFlight[0] == 0 && inFlight[1] == 0 && inFlight[2] == 0 && inFlight[3] == 0)
#else
#define NOTHING_IN_FLIGHT (inFlight[0] == 0 && inFlight[1] == 0 && inFlight[2] == 0 && inFlight[3] == 0 && inFlight[4] == 0)
#endif

/* For the properties. */
byte runs[CALLS], completions[CALLS];
bit delivered[CALLS];
byte allEnded;
hidden byte h, v;

/* model only: the first in the queue leaves it */
inline take(c)
{
    c = queue[0];
    h = 0;
    do :: h + 1 < queued -> queue[h] = queue[h + 1]; h++ :: else -> break od;
    queued--; queue[queued] = 0; h = 0
}

/* code: Processes/Calls/CallQueue.cs#AddInFront
   code: Processes/Calls/CallQueue.cs#Add*/
inline addInFront(c)
{
    h = queued;
    do :: h > 0 -> queue[h] = queue[h - 1]; h-- :: else -> break od;
    queue[0] = c; queued++; callState[c] = CallState_Queued
}

/* code: Processes/Engine/WorkerConnection.cs#SendNeedsGate
   code: Ipc/StatusPage.cs#Offer*/
inline send(w, c)
{
    inFlight[w]++;
    callState[c] = CallState_Sent;
    callWorker[c] = w;
    SLOT(w, c) = 1;
    workerState[w] = (workerState[w] == WorkerState_Idle -> WorkerState_Busy : workerState[w]);
    CLAIM(w, c) = StatusPage_Queued;
    requests[w]!c
}

/* model only: HasRoomNeedsGate */
#define HAS_ROOM(w) (workerState[w] != 0 && workerState[w] != WorkerState_Leaving && sentenced[w] == NOBODY && (inFlight[w] == 0 || (isReady[w] && inFlight[w] < AHEAD)))

/* code: Processes/Engine/WorkerConnection.cs#TryTakeBackNeedsGate
   code: Ipc/StatusPage.cs#TryTakeBack*/
inline tryTakeBack(w, c, ok)
{
    if
#ifdef BUG1
    :: SLOT(w, c) -> SLOT(w, c) = 0; inFlight[w]--; ok = 1      /* takes back without asking the page */
#else
    :: SLOT(w, c) && CLAIM(w, c) == StatusPage_Queued -> CLAIM(w, c) = StatusPage_Taken; SLOT(w, c) = 0; inFlight[w]--; ok = 1
#endif
    :: else -> ok = 0
    fi
}

/* code: Processes/Engine/PoolEngine.cs#FeedNeedsGate
   model only: StealNeedsGate, which it calls. From the queue, else what lies ahead at another worker. */
inline feed(w)
{
    do
    :: HAS_ROOM(w) && queued > 0 -> take(x); send(w, x)
    :: else -> break
    od;
    v = 0;
    do
    :: v < LIVES && inFlight[w] == 0 && workerState[w] != WorkerState_Leaving && isReady[w] && v != w && inFlight[v] > (isReady[v] -> 1 : 0) ->
        x = 0;
        do
        :: x < CALLS && inFlight[w] == 0 ->
            tryTakeBack(v, x, got);
            if :: got -> send(w, x) :: else fi;
            x++
        :: else -> break
        od;
        v++
    :: v < LIVES && !(inFlight[w] == 0 && workerState[w] != WorkerState_Leaving && isReady[w] && v != w && inFlight[v] > (isReady[v] -> 1 : 0)) -> v++
    :: v == LIVES -> break
    od;
    if
    :: inFlight[w] == 0 && workerState[w] != WorkerState_Leaving && isReady[w] -> workerState[w] = WorkerState_Idle
    :: else
    fi;
    v = 0; x = 0; got = 0; h = 0
}

/* code: Processes/Engine/PoolEngine.Workers.cs#StartOneNeedsGate
   model only: Launch and Launched, which have the process created */
inline startOne()
{
    assert(lastWorkerId < LIVES);
    workerState[lastWorkerId] = WorkerState_Starting;
    sentenced[lastWorkerId] = NOBODY;
    alive[lastWorkerId] = 1;
    workers++;
    run Worker(lastWorkerId);
    run Reader(lastWorkerId);
    lastWorkerId++
}

/* code: Processes/Engine/WorkerConnection.cs#LeaveNeedsGate
   model only: Tend, which decides */
inline tend()
{
    atomic
    {
        if
        :: closed && queued == 0 && NOTHING_IN_FLIGHT ->
            y = 0;
            do
            :: y < LIVES ->
                if
                :: workerState[y] != 0 && workerState[y] != WorkerState_Leaving -> workerState[y] = WorkerState_Leaving; requests[y]!LEAVE
                :: else
                fi;
                y++
            :: else -> break
            od;
            y = 0
        :: else ->
            y = 0;
            do
            :: y < LIVES ->
                if
                :: queued > 0 && workerState[y] == WorkerState_Idle && inFlight[y] == 0 -> feed(y)
                :: else
                fi;
                y++
            :: else -> break
            od;
            y = 0;
            do
            :: queued > 0 && workers < WORKERS && !terminated -> startOne(); take(x); send(lastWorkerId - 1, x); x = 0
            :: else -> break
            od
        fi;
        gone = (closed && workers == 0 && queued == 0)
    }
}

/* code: Processes/Engine/PoolEngine.cs#Complete
   code: Processes/Engine/PoolEngine.Terms.cs#CompleteOnTerms
   model only: a task ends once, whoever ends it */
inline end(c)
{
    completions[c]++;
    assert(completions[c] == 1);
    allEnded++
}

/* code: Processes/Engine/PoolEngine.Terms.cs#SettleNeedsGate*/
inline settle(w, c, started)
{
    callWorker[c] = NOBODY;
    if
    :: terminated -> callState[c] = CallState_Ended; failed[c] = 1
    :: !terminated && !started && stop[c] == StopReason_None -> addInFront(c)
    :: !terminated && started && stop[c] == StopReason_None && attempt[c] < RETRIES -> attempt[c]++; addInFront(c)
#ifdef BUG2
    :: else -> addInFront(c)                /* a call that may have run is run again, though nobody allowed that */
#else
    :: else -> callState[c] = CallState_Ended; failed[c] = 1
#endif
    fi
}

/* A worker may be killed, or crash, between any two of its steps. */
#define MAY_DIE(w) \
    :: killed[w] -> break \
    :: atomic { crashes < CRASHES -> crashes++ }; break

/* code: Processes/Worker/WorkerLoop.cs#Call
   code: Ipc/StatusPage.cs#TryStart
   model only: Run and Configure; it says ready first */
proctype Worker(byte w)
{
    byte c;
    do
    :: answers[w]!READY ->
endIdle:
        do
        :: requests[w]?c ->
            if
            :: c == LEAVE -> break
            :: c != LEAVE && CLAIM(w, c) == StatusPage_Queued ->
                if
#ifdef BUG3
                :: CLAIM(w, c) = StatusPage_Started      /* looks and claims in two steps */
#else
                :: atomic { CLAIM(w, c) == StatusPage_Queued -> CLAIM(w, c) = StatusPage_Started }
                :: atomic { CLAIM(w, c) != StatusPage_Queued -> c = LEAVE + 1 }
#endif
                MAY_DIE(w)
                fi;
                if
                :: c <= LEAVE ->
                    if
                    :: atomic { runs[c]++; assert(runs[c] <= 1 + RETRIES) }
                    MAY_DIE(w)
                    fi;
                    if
                    :: answers[w]!c
                    MAY_DIE(w)
                    fi
                :: else
                fi;
                c = 0
            :: c != LEAVE && CLAIM(w, c) != StatusPage_Queued -> c = 0
            fi
        MAY_DIE(w)
        od;
        break
    MAY_DIE(w)
    od;
    alive[w] = 0
}

/* code: Processes/Engine/WorkerConnection.Channel.cs#Take
   code: Processes/Engine/WorkerConnection.cs#AnsweredNeedsGate
   code: Processes/Engine/PoolEngine.Workers.cs#WorkerIsReady
   code: Processes/Engine/PoolEngine.Workers.cs#WorkerIsGone
   code: Processes/Engine/WorkerConnection.cs#TakeAllNeedsGate
   code: Processes/Engine/WorkerConnection.Channel.cs#DetachNeedsGate
   model only: Dispatch, DrainAnswers and Answered */
proctype Reader(byte w)
{
    byte c, x, y;
    bit got, failed[CALLS];
endQuiet:
    do
    :: answers[w]?c ->
        if
        :: c == READY ->
            atomic
            {
                isReady[w] = 1;
                if
                :: workerState[w] == WorkerState_Starting -> workerState[w] = (inFlight[w] > 0 -> WorkerState_Busy : WorkerState_Idle)
                :: else
                fi;
                feed(w)
            };
            tend()
        :: else ->
#ifdef BUG4
            assert(SLOT(w, c));              /* the answered call stays in its slot */
#else
            atomic { assert(SLOT(w, c)); SLOT(w, c) = 0 };
#endif
            atomic
            {
                inFlight[w]--;
                sentenced[w] = (sentenced[w] == c -> NOBODY : sentenced[w]);
                feed(w)
            };
            tend();
            if
            :: atomic { callState[c] != CallState_Ended -> callState[c] = CallState_Ended; delivered[c] = (stop[c] == StopReason_None) }; end(c)
            :: callState[c] == CallState_Ended
            fi
        fi;
        c = 0
    :: !alive[w] && empty(answers[w]) -> break
    od;
    atomic
    {
        workers--;
        c = 0;
        do
        :: c < CALLS ->
            if
            :: SLOT(w, c) ->
                SLOT(w, c) = 0;
                got = (CLAIM(w, c) == StatusPage_Started);
                CLAIM(w, c) = 0;
                settle(w, c, got);
                got = 0
            :: else -> CLAIM(w, c) = 0
            fi;
            c++
        :: else -> c = 0; break
        od;
        inFlight[w] = 0;
        isReady[w] = 0;
        workerState[w] = 0
    };
    do
    :: c < CALLS && failed[c] -> failed[c] = 0; end(c); c++
    :: c < CALLS && !failed[c] -> c++
    :: c == CALLS -> c = 0; break
    od;
    /* What it had not read goes with it. */
    atomic { do :: requests[w]?c :: empty(requests[w]) -> c = 0; break od };
#ifdef BUG5
    if :: false -> tend() :: true fi    /* nobody looks whether calls wait for another worker */
#else
    tend()
#endif
}

/* code: Processes/Engine/PoolEngine.cs#Accept
   model only: ChooseNeedsGate: an idle worker, one that starts, a new one, else the queue */
active proctype Caller()
{
    byte c, x, y;
    bit got;
    do
    :: c < CALLS ->
        atomic
        {
            if
            :: closed -> callState[c] = CallState_Ended; completions[c]++; allEnded++        /* refused: it was never accepted */
            :: else ->
                y = 0;
                do
                :: y < LIVES && !(queued == 0 && HAS_ROOM(y) && (inFlight[y] == 0 || workers == WORKERS)) -> y++
                :: else -> break
                od;
                if
                :: y < LIVES -> send(y, c)
                :: y == LIVES && workers < WORKERS -> startOne(); send(lastWorkerId - 1, c)
                :: else -> queue[queued] = c; queued++; callState[c] = CallState_Queued
                fi;
                y = 0
            fi
        };
        c++
    :: else -> break
    od
}

#ifdef CANCEL
/* code: Processes/Engine/PoolEngine.Terms.cs#TryWithdrawNeedsGate
   code: Processes/Engine/PoolEngine.Terms.cs#AskToStopNeedsGate
   code: Processes/Engine/WorkerConnection.cs#CancelNeedsGate
   code: Processes/Engine/PoolEngine.Terms.cs#CallIsDue
   model only: CancelRequested, which calls them */
active proctype Canceller()
{
    byte w = NOBODY, x, y;
    bit got, ended;
    callState[0] != CallState_New;
    atomic
    {
        if
        :: callState[0] == CallState_Ended
        :: callState[0] == CallState_Queued ->
            h = 0;
            do :: queue[h] != 0 -> h++ :: else -> break od;
            do :: h + 1 < queued -> queue[h] = queue[h + 1]; h++ :: else -> break od;
            queued--; queue[queued] = 0; h = 0;
            callState[0] = CallState_Ended; ended = 1
        :: callState[0] == CallState_Sent ->
            w = callWorker[0];
            tryTakeBack(w, 0, got);
            if
            :: got -> got = 0; callState[0] = CallState_Ended; ended = 1; if :: isReady[w] -> feed(w) :: else fi; w = NOBODY
            :: else ->
                stop[0] = StopReason_Cancelled;
                if
#ifdef BUG6
                :: true ->                       /* its worker is asked to stop, though the call has been answered */
#else
                :: SLOT(w, 0) ->
#endif
                    sentenced[w] = 0;
                    x = 1;
                    do
                    :: x < CALLS ->
                        tryTakeBack(w, x, got);
                        if :: got -> addInFront(x); got = 0 :: else fi;
                        x++
                    :: else -> x = 0; break
                    od
#ifndef BUG6
                :: else                          /* answered: it ends at this moment */
#endif
                fi
            fi
        fi
    };
    if
    :: ended -> end(0)
    :: else
    fi;
    tend();
    /* The grace period has passed. */
    atomic
    {
        if
        :: w != NOBODY && SLOT(w, 0) && callState[0] == CallState_Sent && callWorker[0] == w -> workerState[w] = WorkerState_Leaving; killed[w] = 1
        :: else
        fi;
        w = NOBODY
    }
}
#endif

#if defined(CLOSE) || defined(TERMINATE)
/* code: Processes/Engine/PoolEngine.Shutdown.cs#Close
   code: Processes/Engine/PoolEngine.Shutdown.cs#Terminate*/
active proctype Closer()
{
    byte x, y;
    bit got;
#ifdef TERMINATE
    bit failed[CALLS];
    atomic
    {
        closed = 1; terminated = 1;
        do
        :: y < LIVES -> if :: workerState[y] != 0 -> workerState[y] = WorkerState_Leaving :: else fi; y++
        :: else -> y = 0; break
        od;
        do
        :: queued > 0 -> take(x); callState[x] = CallState_Ended; failed[x] = 1
        :: else -> x = 0; break
        od
    };
    do
    :: y < LIVES -> killed[y] = 1; y++
    :: else -> y = 0; break
    od;
    do
    :: x < CALLS && failed[x] -> failed[x] = 0; end(x); x++
    :: x < CALLS && !failed[x] -> x++
    :: x == CALLS -> x = 0; break
    od;
#else
    closed = 1;
#endif
    tend()
}
#endif

init
{
    /* Every accepted call ends, and a closed pool is gone. */
    allEnded == CALLS;
#if defined(CLOSE) || defined(TERMINATE)
    gone;
#endif
    assert(queued == 0 && completions[0] == 1)
}

/* Every accepted call ends. */
ltl everyCallEnds { <> (allEnded == CALLS) }

/*
 * What is mirrored. A test compares the rows with the code: each member that writes one of these, and how often.
 *
 * mirrors: Processes/Engine: State, Worker, Stop, _calls, InFlight, _sentenced, IsReady, _workers, _closed, _terminated
 * mirrors: Processes/Calls: State, Worker, Stop
 * mirrors: Ipc: Claim
 * states: CallState, WorkerState, StopReason
 * left out: StopReason.TimedOut goes the way of Cancelled
 *
 * Ipc/StatusPage.cs#Offer: Claim
 * Ipc/StatusPage.cs#TryStart: Claim
 * Ipc/StatusPage.cs#TryTakeBack: Claim
 * Processes/Calls/CallQueue.cs#Add: State
 * Processes/Calls/CallQueue.cs#AddInFront: State
 * Processes/Engine/PoolEngine.Leaving.cs#WorkerIsExiting: State | left out: a worker that ends itself; its calls come back as those of a lost one
 * Processes/Engine/PoolEngine.Shutdown.cs#Close: _closed
 * Processes/Engine/PoolEngine.Shutdown.cs#Terminate: _closed _terminated State State
 * Processes/Engine/PoolEngine.Terms.cs#AskToStopNeedsGate: Stop
 * Processes/Engine/PoolEngine.Terms.cs#CallIsDue: State
 * Processes/Engine/PoolEngine.Terms.cs#CompleteOnTerms: State
 * Processes/Engine/PoolEngine.Terms.cs#SettleNeedsGate: Worker State State
 * Processes/Engine/PoolEngine.Terms.cs#TryWithdrawNeedsGate: State State
 * Processes/Engine/PoolEngine.Thrift.cs#LookAtMemory: State | left out: a kill, like that of a cancelled call
 * Processes/Engine/PoolEngine.Workers.cs#DrainNeedsGate: State | left out: starts do not fail here
 * Processes/Engine/PoolEngine.Workers.cs#StartOneNeedsGate: State _workers
 * Processes/Engine/PoolEngine.Workers.cs#WorkerIsGone: _workers
 * Processes/Engine/PoolEngine.Workers.cs#WorkerIsReady: IsReady State
 * Processes/Engine/PoolEngine.cs#Complete: State
 * Processes/Engine/PoolEngine.cs#FeedNeedsGate: State
 * Processes/Engine/WorkerConnection.Channel.cs#DetachNeedsGate: State
 * Processes/Engine/WorkerConnection.Channel.cs#Take: _calls
 * Processes/Engine/WorkerConnection.cs#AnsweredNeedsGate: InFlight _sentenced
 * Processes/Engine/WorkerConnection.cs#CancelNeedsGate: _sentenced
 * Processes/Engine/WorkerConnection.cs#LeaveNeedsGate: State
 * Processes/Engine/WorkerConnection.cs#SendNeedsGate: InFlight State Worker _calls State
 * Processes/Engine/WorkerConnection.cs#TakeAllNeedsGate: _calls InFlight
 * Processes/Engine/WorkerConnection.cs#TryTakeBackNeedsGate: _calls InFlight
 */
