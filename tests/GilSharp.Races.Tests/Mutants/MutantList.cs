using GilSharp.Races.Seam;

namespace GilSharp.Races.Mutants;

/// <summary>The planted faults. None may survive.</summary>
internal static class MutantList
{
    private const string Cas = "Interlocked.CompareExchange";
    private const string Gil = "GlobalInterpreterLock.";

    private static readonly string[] Lock = ["lock:"];
    private static readonly string[] Items = ["items:"];
    private static readonly string[] Posted = ["posted:", "counts, GilCounted"];
    private static readonly string[] Counts = ["counts, Atomic"];
    private static readonly string[] Guarded = ["counts, LockGuarded"];

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
        new("saying that somebody is queued is a read and a write", Fault.Split, Gil + "UpdateContendedNeedsGate", [Cas], Lock),
        new("the lock is taken blindly inside the gate", Fault.Blind, Gil + "TryTakeNeedsGate", [Cas], Lock),
        new("the next owner is named by a read and a write", Fault.Split, Gil + "SetOwnerNeedsGate", [Cas], ["lock:", "posted:"]),
        new("leaving to nobody is a read and a write", Fault.Split, Gil + "TryLeaveToNobodyNeedsGate", [Cas], Posted),
        new("leaving to nobody forgets what is posted", Fault.Blind, Gil + "TryLeaveToNobodyNeedsGate", [Cas], Posted),

        // The queue.
        new("taking or queueing without the gate", Fault.NotCalled, Gil + "TryTakeOrQueue", ["Gate.Enter", "Gate.Exit"], Lock),
        new("leaving without the gate", Fault.NotCalled, Gil + "LeaveContended", ["Gate.Enter", "Gate.Exit"], Lock),
        new("giving up without the gate", Fault.NotCalled, Gil + "TryWithdraw", ["Gate.Enter", "Gate.Exit"], Lock),
        new("a double hand-off: the chosen one stays in the queue", Fault.NotCalled, Gil + "GrantNeedsGate", ["EntryQueue`1.Remove#1"], Lock),
        new("the chosen one is not told", Fault.NotCalled, Gil + "GrantNeedsGate", ["QueueEntry.set_State"], Lock),
        new("the chosen one is told without a release", Fault.Unordered, "QueueEntry.set_State", ["Volatile.Write"], Lock),
        new("the chosen one looks without an acquire", Fault.Unordered, "QueueEntry.get_State", ["Volatile.Read"], Lock),
        new("the chosen one is not woken", Fault.NotCalled, Gil + "WakeUp", ["Waiter.WakeUp"], Lock),
        new("nobody is chosen when the holder leaves", Fault.NotCalled, Gil + "LeaveContended", [Gil + "GrantNeedsGate"], Lock),
        new("the next owner is not named", Fault.NotCalled, Gil + "GrantNeedsGate", [Gil + "SetOwnerNeedsGate"], Lock),
        new("one who gave up stays in the queue", Fault.NotCalled, Gil + "TryWithdraw", ["EntryQueue`1.Remove"], Lock),
        new("one who gave up is not marked so", Fault.NotCalled, Gil + "TryWithdraw", ["QueueEntry.set_State"], Lock),
        new("one who gave up leaves the word contended", Fault.NotCalled, Gil + "WithdrawRequestNeedsGate", [Gil + "UpdateContendedNeedsGate"], Lock),
        new("a request to give way is not withdrawn", Fault.Skipped, Gil + "WithdrawRequestNeedsGate", ["Interlocked.And"], Lock),

        // Sleeping and waking.
        new("a sleeper does not announce itself", Fault.NotCalled, Gil + "Await", ["Waiter.AnnounceSleep"], Lock),
        new("announcing the sleep orders nothing", Fault.Unordered, "Waiter.AnnounceSleep", ["Interlocked.Exchange"], Lock),
        new("a wake-up is skipped", Fault.Skipped, "Parker.Unpark", ["EventWaitHandle.Set"], Lock),
        new("the waker looks before it changes", Fault.Skipped, "Waiter.WakeUp", ["Interlocked.Exchange"], Lock),

        // Loans.
        new("a loan is taken back blindly", Fault.Blind, Gil + "TryTakeLoanBack", [Cas], ["lock: a loan"]),
        new("a loan is taken back by a read and a write", Fault.Split, Gil + "TryTakeLoanBack", [Cas], ["lock: a loan"]),
        new("a loan is ended blindly", Fault.Blind, Gil + "TryClaimNeedsGate", [Cas], ["lock: a loan"]),
        new("a loan is never ended", Fault.NotCalled, Gil + "SpinOnLoan", [Gil + "TryEndLoan"], ["lock: a loan"]),
        new("the waiter behind a loan is not woken", Fault.NotCalled, Gil + "LeaveContended", ["Waiter.WakeUp"], ["lock: a loan"]),

        // Giving way.
        new("a drop request is not posted", Fault.Skipped, Gil + "RequestSwitch", ["Interlocked.Or"], ["lock: giving way"]),
        new("the ticker is not told of a waiter", Fault.NotCalled, Gil + "TryTakeOrQueue", ["Ticker.Watch"], ["lock: giving way", "lock: an owner"]),
        new("who gives way does not queue", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "EnqueueNeedsGate"], ["lock: giving way"]),
        new("who gives way grants nothing", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "GrantNeedsGate"], ["lock: giving way"]),
        new("who gives way wakes nobody", Fault.NotCalled, Gil + "TryGiveWay", [Gil + "WakeUp"], ["lock: giving way"]),
        new("an owner that ended counts as living", Fault.NotCalled, Gil + "TryTakeNeedsGate", [Gil + "HasOwnerEnded"], ["lock: an owner"]),
        new("every owner counts as ended", Fault.NotCalled, Gil + "TryTakeNeedsGate", [Gil + "HasOwnerEnded"], Lock, Answer: 1),

        // Disposal.
        new("a disposal wakes nobody", Fault.NotCalled, Gil + "Dispose", ["Waiter.WakeUp"], Lock),
        new("a disposal leaves the queue", Fault.NotCalled, Gil + "Dispose", [Gil + "EmptyQueuesNeedsGate"], Lock),
        new("a disposal does not tell its waiters", Fault.NotCalled, Gil + "EmptyQueuesNeedsGate", ["QueueEntry.set_State#1"], Lock),
        new("a disposal does not mark the word", Fault.Skipped, Gil + "Dispose", ["Interlocked.Or _word"], Lock),
        new("a disposal leaves items unanswered", Fault.NotCalled, Gil + "Dispose", ["WorkItem.Fail"], Items),
        new("a disposal forgets what is posted", Fault.NotCalled, Gil + "Dispose", [Gil + "Drain"], Posted),

        // Work items.
        new("no pool thread is asked for", Fault.Skipped, Gil + "WakeUp", ["ThreadPool.UnsafeQueueUserWorkItem"], Items),
        new("an item is queued without the gate", Fault.NotCalled, Gil + "TryQueue", ["Gate.Enter", "Gate.Exit"], Items),
        new("an item is fetched and stays in the queue", Fault.NotCalled, Gil + "TakeFirstItemNeedsGate", ["EntryQueue`1.Remove"], Items),
        new("an item is taken back and runs", Fault.NotCalled, Gil + "TryTakeBack", ["EntryQueue`1.Remove"], Items),
        new("an item's task is not completed", Fault.NotCalled, Gil + "RunItem", ["WorkItem.Complete"], Items),
        new("a reserved lock is claimed again", Fault.NotCalled, Gil + "FetchReserved", [Gil + "SetOwnerNeedsGate"], Items),
        new("the dedicated thread is not told", Fault.NotCalled, Gil + "TryQueue", ["DedicatedRunner.Signal"], Items),

        // Posted releases.
        new("posting is a read and a write", Fault.Split, Gil + "Defer", [Cas], Posted),
        new("posting does not mark the word", Fault.Skipped, Gil + "Defer", ["Interlocked.Or _word"], Posted),
        new("posting to a free lock wakes nobody", Fault.NotCalled, Gil + "Defer", [Gil + "QueueDrain"], Posted),
        new("posted releases are taken by a read and a write", Fault.Split, Gil + "TakeNextRelease", ["Interlocked.Exchange"], Posted),
        new("the mark is removed after the releases are taken", Fault.Skipped, Gil + "TakeNextRelease", ["Interlocked.And#1"], Posted),
        new("who enters does not run what is posted", Fault.NotCalled, Gil + "EnterContended", [Gil + "RunPostedReleases"], Posted),
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
        new("a watched reference ends twice", Fault.Split, "TrackedReference.End", ["Interlocked.Exchange"], ["counts, tracked"]),
    ];
}
