using GilSharp.Races.Seam;

namespace GilSharp.Races.Mutants;

/// <summary>The planted faults. None may survive.</summary>
internal static class MutantList
{
    private const string Cas = "Interlocked.CompareExchange";
    private const string Gil = "GlobalInterpreterLock.";

    private static readonly string[] Lock = ["lock: two threads", "lock: a timeout"];
    private static readonly string[] GivingUp = ["lock: a cancellation", "lock: a timeout", "lock: giving way to one"];
    private static readonly string[] Disposal = ["lock: disposal"];
    private static readonly string[] Items = ["items: one", "items: a cancellation", "items: a disposal", "items: two"];
    private static readonly string[] Posted = ["posted: beside", "posted: against a release scope"];
    private static readonly string[] Counts = ["counts, Atomic"];
    private static readonly string[] Guarded = ["counts, LockGuarded"];
    private static readonly string[] Page = ["page:"];
    private static readonly string[] Led = ["led:"];
    private static readonly string[] Pool = ["pool: a result", "pool: a crash"];

    internal static readonly IReadOnlyList<Mutant> All =
    [
        // The lock's word.
        new("entering is a read and a write", Fault.Split, Gil + "TryEnterAtOnce", [Cas], Lock),
        new("entering takes whatever it finds", Fault.Blind, Gil + "TryEnterAtOnce", [Cas], Lock),
        new("entering orders nothing", Fault.Unordered, Gil + "TryEnterAtOnce", [Cas], Lock),
        new("leaving is a read and a write", Fault.Split, Gil + "Exit", [Cas], Lock),
        new("leaving orders nothing", Fault.Unordered, Gil + "Exit", [Cas], Lock),
        new("leaving overlooks the queue", Fault.Blind, Gil + "Exit", [Cas], Lock),
        new("a waiter does not say that somebody is queued", Fault.NotCalled, Gil + "SettleQueueNeedsGate", [Gil + "UpdateContendedNeedsGate"], Lock),
        new("saying that somebody is queued is a read and a write", Fault.Split, Gil + "UpdateContendedNeedsGate", [Cas], ["lock: two threads"]),
        new("the lock is taken blindly inside the gate", Fault.Blind, Gil + "TryTakeNeedsGate", [Cas], ["lock: a loan"]),
        new("the next owner is named by a read and a write", Fault.Split, Gil + "SetOwnerNeedsGate", [Cas], ["posted: against a hand-off"]),
        new("leaving to nobody is a read and a write", Fault.Split, Gil + "TryLeaveToNobodyNeedsGate", [Cas], ["posted: beside an observed"]),
        new("leaving to nobody forgets what is posted", Fault.Blind, Gil + "TryLeaveToNobodyNeedsGate", [Cas], ["posted: beside an observed"]),

        // The queue.
        new("taking or queueing without the gate", Fault.NotCalled, Gil + "TryTakeOrQueue", ["Gate.Enter", "Gate.Exit"], Lock),
        new("leaving without the gate", Fault.NotCalled, Gil + "LeaveContended", ["Gate.Enter", "Gate.Exit"], Lock),
        new("giving up without the gate", Fault.NotCalled, Gil + "TryWithdraw", ["Gate.Enter", "Gate.Exit"], GivingUp),
        new("a double hand-off: the chosen one stays in the queue", Fault.NotCalled, Gil + "GrantNeedsGate", ["EntryQueue`1.Remove#1"], Lock),
        new("the chosen one is not told", Fault.NotCalled, Gil + "GrantNeedsGate", ["QueueEntry.set_State"], Lock),
        new("the chosen one looks without an acquire", Fault.Unordered, "QueueEntry.get_State", ["Volatile.Read"], Lock),
        new("the chosen one is not woken", Fault.NotCalled, Gil + "WakeUp", ["Waiter.WakeUp"], Lock),
        new("nobody is chosen when the holder leaves", Fault.NotCalled, Gil + "LeaveContended", [Gil + "GrantNeedsGate"], Lock),
        new("the next owner is not named", Fault.NotCalled, Gil + "GrantNeedsGate", [Gil + "SetOwnerNeedsGate"], Lock),
        new("one who gave up stays in the queue", Fault.NotCalled, Gil + "TryWithdraw", ["EntryQueue`1.Remove"], GivingUp),
        new("one who gave up leaves the word contended", Fault.NotCalled, Gil + "WithdrawRequestNeedsGate", [Gil + "UpdateContendedNeedsGate"], GivingUp),
        new("a request to give way is not withdrawn", Fault.Skipped, Gil + "WithdrawRequestNeedsGate", ["Interlocked.And"], ["lock: giving way to one"]),

        // Sleeping and waking.
        new("a sleeper does not announce itself", Fault.NotCalled, Gil + "Await", ["Waiter.AnnounceSleep"], Lock),
        new("announcing the sleep orders nothing", Fault.Unordered, "Waiter.AnnounceSleep", ["Interlocked.Exchange"], Lock),
        new("a wake-up is skipped", Fault.Skipped, "Parker.Unpark", ["EventWaitHandle.Set"], Lock),
        new("the waker looks before it changes", Fault.Skipped, "Waiter.WakeUp", ["Interlocked.Exchange"], Lock),

        // Loans.
        new("a loan is taken back blindly", Fault.Blind, Gil + "TryTakeLoanBack", [Cas], ["lock: a loan"]),
        new("a loan is taken back by a read and a write", Fault.Split, Gil + "TryTakeLoanBack", [Cas], ["lock: a loan"]),
        new("a loan is ended blindly", Fault.Blind, Gil + "TryClaimNeedsGate", [Cas], ["lock: a loan"]),
        new("a loan is never ended", Fault.NotCalled, Gil + "TryEndLoan", [Gil + "ServeNeedsGate", "LockWord.IsUnowned"], ["lock: a loan that"]),
        new("the waiter behind a loan is not woken", Fault.NotCalled, Gil + "LeaveContended", ["Waiter.WakeUp"], ["lock: a loan"]),

        // Giving way.
        new("a drop request is not posted", Fault.Skipped, Gil + "RequestSwitch", ["Interlocked.Or"], ["lock: giving way"]),
        new("the ticker is not told of a waiter", Fault.NotCalled, Gil + "TryTakeOrQueue", ["Ticker.Watch"], ["lock: giving way", "lock: an owner"]),
        new("who gives way does not queue", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "EnqueueNeedsGate"], ["lock: giving way"]),
        new("who gives way grants nothing", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "GrantNeedsGate"], ["lock: giving way"]),
        new("who gives way wakes nobody", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "WakeUp"], ["lock: giving way"]),
        new("an owner that ended counts as living", Fault.Skipped, Gil + "HasOwnerEnded", ["Thread.get_IsAlive"], ["lock: an owner"]),
        new("every owner counts as ended", Fault.NotCalled, Gil + "TryTakeNeedsGate", [Gil + "HasOwnerEnded"], Lock, Answer: 1),

        // Disposal.
        new("a disposal wakes nobody", Fault.NotCalled, Gil + "Dispose", ["Waiter.WakeUp"], Disposal),
        new("a disposal leaves the queue", Fault.NotCalled, Gil + "Dispose", [Gil + "EmptyQueuesNeedsGate"], ["lock: disposal under"]),
        new("a disposal does not tell its waiters", Fault.NotCalled, Gil + "EmptyQueuesNeedsGate", ["QueueEntry.set_State#1"], Disposal),
        new("a disposal does not mark the word", Fault.Skipped, Gil + "Dispose", ["Interlocked.Or _word"], Disposal),
        new("a disposal leaves items unanswered", Fault.NotCalled, Gil + "Dispose", ["WorkItem.Fail"], ["items: a disposal"]),

        // Work items.
        new("no pool thread is asked for", Fault.Skipped, Gil + "WakeUp", ["ThreadPool.UnsafeQueueUserWorkItem"], Items),
        new("an item is queued without the gate", Fault.NotCalled, Gil + "TryQueue", ["Gate.Enter", "Gate.Exit"], Items),
        new("an item is fetched and stays in the queue", Fault.NotCalled, Gil + "TakeFirstItemNeedsGate", ["EntryQueue`1.Remove"], Items),
        new("an item is taken back and runs", Fault.NotCalled, Gil + "TryTakeBack", ["EntryQueue`1.Remove"], ["items: a cancellation"]),
        new("an item's task is not completed", Fault.NotCalled, Gil + "RunItem", ["WorkItem.Complete"], Items),
        new("a reserved lock is claimed again", Fault.NotCalled, Gil + "FetchReserved", [Gil + "SetOwnerNeedsGate"], Items),
        new("the dedicated thread is not told", Fault.NotCalled, Gil + "TryQueue", ["DedicatedRunner.Signal"], ["items: a dedicated"]),

        // Posted releases.
        new("posting is a read and a write", Fault.Split, Gil + "Defer", [Cas], ["posted: two at once"]),
        new("posting does not mark the word", Fault.Skipped, Gil + "Defer", ["Interlocked.Or _word"], Posted),
        new("posting to a free lock wakes nobody", Fault.NotCalled, Gil + "Defer", [Gil + "QueueDrain"], Posted),
        new("posted releases are taken by a read and a write", Fault.Split, Gil + "TakeNextRelease", ["Interlocked.Exchange"], ["posted: beside", "posted: two at once"]),
        new("the mark is removed after the releases are taken", Fault.Skipped, Gil + "TakeNextRelease", ["Interlocked.And#1"], Posted),
        new("who enters does not run what is posted", Fault.NotCalled, Gil + "EnterContended", [Gil + "RunPostedReleases"], ["posted: before"]),
        new("who leaves does not run what is posted", Fault.NotCalled, Gil + "LeaveContended", [Gil + "RunPostedReleases"], Posted),

        // Atomic counts.
        new("an increment is split", Fault.Split, "CountWord.Increment", ["Interlocked.Increment"], Counts),
        new("a decrement is split", Fault.Split, "CountWord.Decrement", ["Interlocked.Decrement"], Counts),
        new("a decrement orders nothing", Fault.Unordered, "CountWord.Decrement", ["Interlocked.Decrement"], Counts),
        new("closing overlooks a new reference", Fault.Blind, "CountWord.TryClose", [Cas], Counts),
        new("closing is a read and a write", Fault.Split, "CountWord.TryClose", [Cas], Counts),
        new("closing does not happen", Fault.Skipped, "CountWord.TryClose", [Cas], Counts),
        new("the last reference is who finds zero", Fault.NotCalled, "CountWord.Decrement", ["CountWord.TryClose"], Counts, Answer: 1),
        new("every increment counts", Fault.NotCalled, "ControlBlock.TryRetain", ["CountWord.IsReference"], Counts, Answer: 1),
        new("a handle ends by a read and a write", Fault.Split, "RefCounted`1.TryEnd", [Cas], Counts),
        new("a handle ends twice", Fault.Blind, "RefCounted`1.TryEnd", [Cas], Counts),
        new("opening orders nothing", Fault.Unordered, "CountWord.Open", ["Interlocked.Exchange"], Counts),
        new("the value is read after its handle was looked at", Fault.Skipped, "RefCounted`1.get_Value", ["Volatile.ReadBarrier"], Counts),
        new("a lease takes no reference", Fault.NotCalled, "RefCounted`1.Borrow", ["ControlBlock.TryRetain"], Counts, Answer: 1),
        new("a weak handle takes no reference", Fault.NotCalled, "WeakRefCounted`1.TryGetReference", ["ControlBlock.TryRetain"], Counts, Answer: 1),
        new("the value is not released", Fault.NotCalled, "ControlBlock.Release", ["ControlBlock.ReleaseValue"], Counts),

        // Guarded counts.
        new("counting up without the lock", Fault.Skipped, "ControlBlock.TryRetainRarely", ["Monitor.Enter", "Monitor.Exit"], Guarded),
        new("counting down without the lock", Fault.Skipped, "ControlBlock.DecrementUnderLock", ["Monitor.Enter", "Monitor.Exit"], Guarded),
        new("a guard excludes nobody", Fault.Skipped, "RefCounted`1.LockExclusive", ["Monitor.Enter"], Guarded),
        new("opening is overlooked by who counts under the lock", Fault.Unordered, "CountWord.TryIncrementUnderLock", ["Volatile.Read"], Guarded),
        new("a reference under the GIL is given up without it", Fault.NotCalled, "ControlBlock.ReleaseUnderGil", [Gil + "get_IsHeldByCurrentThread"], ["counts, GilCounted"], Answer: 1),

        // A call that was sent ahead: the worker starts it or the parent takes it back.
        new("taking back is a read and a write", Fault.Split, "StatusPage.TryTakeBack", [Cas], Page),
        new("taking back overlooks the start", Fault.Blind, "StatusPage.TryTakeBack", [Cas], Page),
        new("starting is a read and a write", Fault.Split, "StatusPage.TryStart", [Cas], Page),
        new("starting overlooks the parent", Fault.Blind, "StatusPage.TryStart", [Cas], Page),
        new("starting an item is a read and a write", Fault.Split, "StatusPage.TryStartItem", [Cas], Page),
        new("shortening is a read and a write", Fault.Split, "StatusPage.Shorten", [Cas], Page),
        new("shortening overlooks the worker", Fault.Blind, "StatusPage.Shorten", [Cas], Page),
        new("the call is published before its time", Fault.Unordered, "StatusPage.Publish", ["Volatile.Write"], Page),
        new("who sees the call need not see its time", Fault.Unordered, "StatusPage.get_RunningCall", ["Volatile.Read"], Page),
        new("the results of the chunk before still count", Fault.NotCalled, "StatusPage.BeginChunk", ["StatusPage.CountResults"], Page),
        new("a call is not offered", Fault.NotCalled, "WorkerConnection.AttachNeedsGate", ["StatusPage.Offer"], Pool),

        // The outbox.
        new("adding without the lock", Fault.Skipped, "Outbox.Add", ["Monitor.Enter", "Monitor.Exit"], ["outbox:"]),
        new("flushing ends without the lock", Fault.Skipped, "Outbox.Flush", ["Monitor.Enter#2", "Monitor.Exit#2"], ["outbox:"]),
        new("two flush at once", Fault.Skipped, "Outbox.Flush", ["plain write#1"], ["outbox:"]),
        new("closing does not wait for who flushes", Fault.Skipped, "Outbox.Close", ["plain read _flushing"], ["outbox:"]),
        new("who flushed tells nobody", Fault.Skipped, "Outbox.Flush", ["Monitor.PulseAll"], ["outbox: closing"]),

        // The engine of a pool: each call ends once.
        new("a result is delivered twice", Fault.Skipped, "WorkerConnection.Take", [Cas], Pool),
        new("a cancellation does not take the call from its worker", Fault.NotCalled, "WorkerConnection.TryTakeBackNeedsGate", ["StatusPage.TryTakeBack"], Pool, Answer: 1),
        new("a cancelled call does not end", Fault.NotCalled, "PoolEngine.CancelRequested", ["PoolEngine.EndCancelled"], Pool),
        new("a lost worker's calls are forgotten", Fault.NotCalled, "PoolEngine.WorkerIsGone", ["PoolEngine.SettleNeedsGate"], Pool),
        new("a lost call does not end", Fault.NotCalled, "PoolEngine.WorkerIsGone", ["PoolEngine.EndLost"], Pool),
        new("an answered call does not end", Fault.NotCalled, "PoolEngine.CompleteOnTerms", ["PoolEngine.Succeeded"], Pool),
        new("a call that has been answered is asked to stop", Fault.NotCalled, "PoolEngine.AskToStopNeedsGate", ["WorkerConnection.HasNeedsGate"], ["pool: a result against a cancellation, and"], Answer: 1),
        new("accepting without the gate", Fault.Skipped, "PoolEngine.Accept", ["Monitor.Enter", "Monitor.Exit"], ["pool: two callers"]),
        new("a cancellation without the gate", Fault.Skipped, "PoolEngine.CancelRequested", ["Monitor.Enter", "Monitor.Exit"], Pool),
        new("completing without the gate", Fault.Skipped, "PoolEngine.CompleteOnTerms", ["Monitor.Enter", "Monitor.Exit"], Pool),
        new("answers are counted without the gate", Fault.Skipped, "PoolEngine.Answered", ["Monitor.Enter", "Monitor.Exit"], Pool),
        new("a queued call is lost with its worker", Fault.NotCalled, "PoolEngine.SettleNeedsGate", ["CallQueue.AddInFront"], ["pool: a crash"]),
        new("a call that ended is still counted as waiting", Fault.NotCalled, "PoolEngine.TryWithdrawNeedsGate", ["CallQueue.Forget"], ["pool: a crash and another try", "pool: a crash against a cancellation"]),

        // Who reads the answers: the reader, or a thread that waits for its own call.
        new("a call that nobody leads does not recall the reader", Fault.NotCalled, "WorkerConnection.Flush", ["WorkerConnection.Watch"], Led),
        new("a leader that gives up recalls nobody", Fault.NotCalled, "WorkerConnection.Lead", ["WorkerConnection.Watch"], Led),
        new("the reader is recalled and not woken", Fault.Skipped, "WorkerConnection.Watch", ["Outbox.Signal"], Led),
        new("who recalls the reader looks without a fence", Fault.Skipped, "WorkerConnection.Watch", ["Interlocked.MemoryBarrier"], ["led: a call"]),
        new("the reader stands aside and looks without a fence", Fault.Skipped, "WorkerConnection.StaysAside", ["Interlocked.MemoryBarrier"], ["led: a call"]),
        new("the reader stands aside while a call is out", Fault.NotCalled, "WorkerConnection.StaysAside", ["WorkerConnection.get_InFlight"], Led),
        new("a leader keeps the role", Fault.Skipped, "WorkerConnection.Lead", ["Interlocked.Exchange"], Led),
        new("a leader gives the role up without a release", Fault.Unordered, "WorkerConnection.Lead", ["Interlocked.Exchange"], Led),
        new("a leader reads beside the reader", Fault.Blind, "WorkerConnection.Lead", [Cas], Led),
        new("the reader reads beside a leader", Fault.Blind, "WorkerConnection.TryTakeRole", [Cas], Led),
        new("the reader keeps the role", Fault.Skipped, "WorkerConnection.GiveUpRole", ["Interlocked.Exchange"], Led),
    ];
}
