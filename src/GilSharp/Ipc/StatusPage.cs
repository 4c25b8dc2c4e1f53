using System.Runtime.CompilerServices;

namespace GilSharp.Ipc;

/// <summary>A little memory that a worker shares with its parent and that survives the worker.</summary>
/// <remarks>
/// <code>
/// offset   content                                       written by
///      0   version                                       parent, once
///      8   id of the call that runs, 0 between calls     worker
///     16   when it started, nanoseconds of the monotonic clock; 0: not timed    worker
///     24   items of the chunk that runs, see below       both
///     32   call whose results lie below                  worker
///     40   how many bytes of them are valid              worker
///     48   1 while a debugger is attached                worker
///     56   how long all its calls took, in ticks of the monotonic clock    worker
///     64   bytes of answers that are held; plus 2^32 while they are written    worker
///    256   claims, one word for each of 256 calls        both
///   4096   results of the chunk that runs, not yet sent  worker
///  69632   answers that are held, whole frames         worker
/// </code>
/// A claim decides who has a call that was sent ahead: the worker starts it, or the parent takes it back, never both, whatever either is doing
/// at the moment and even if one of them is dead. A claim word is the call's id shifted left by two, plus:
/// <code>
/// 00  queued     the parent has sent it (plain store before the frame is written, so the worker sees it)
/// 01  started    the worker won the compare-and-swap: the call may have run
/// 10  taken      the parent won: the frame will be skipped when the worker comes to it
/// </code>
/// Surprising row: "queued" on the page of a dead worker, which proves that the call never started.
/// </remarks>
internal sealed unsafe partial class StatusPage : IDisposable
{
    internal const int Slots = 256;
    private const int PageLength = 4096;
    internal const int Length = PageLength + ResultsLength + HeldLength;
    private const long CurrentVersion = 3;
    private const int RunningAt = 8, StartedAt = 16, ItemsAt = 24, ResultsOfAt = 32, ResultsCountAt = 40, DebuggedAt = 48, BusyAt = 56, HeldAt = 64, ClaimsAt = 256;
    private const long Queued = 0, Started = 1, Taken = 2;

    private readonly byte* _page;
    private bool _unmapped;

    private StatusPage(byte* page) => _page = page;

    /// <summary>The call that runs now; 0 between calls.</summary>
    internal long RunningCall => Volatile.Read(ref Word(RunningAt));

    /// <summary>When that call started, in ticks of the monotonic clock; 0 if it isn't timed.</summary>
    internal long RunningSince => Volatile.Read(ref Word(StartedAt));

    /// <summary>A debugger is attached to the worker, as far as it has noticed. Plain stores: a late look costs one more look.</summary>
    internal bool IsDebugged
    {
        get => Volatile.Read(ref Word(DebuggedAt)) != 0;
        set => Volatile.Write(ref Word(DebuggedAt), value ? 1 : 0);
    }

    /// <summary>How long all calls that have ended took, in ticks of the monotonic clock. Written before a call's answer.</summary>
    internal long BusyTicks
    {
        get => Volatile.Read(ref Word(BusyAt));
        set => Volatile.Write(ref Word(BusyAt), value);
    }

    /// <summary>Makes a page; <paramref name="descriptor"/> is for the child, and the caller's to close.</summary>
    /// <exception cref="IOException">The system gives no shared memory.</exception>
    internal static StatusPage Create(out int descriptor)
    {
        descriptor = SharedMemory.Create("gilsharp-status", Length);
        try
        {
            StatusPage page = new(SharedMemory.Map(descriptor, Length));
            page.Word(0) = CurrentVersion;
            return page;
        }
        catch
        {
            HostSystem.Current.Close(descriptor);
            throw;
        }
    }

    /// <summary>Maps the page that the parent made, in the worker.</summary>
    internal static StatusPage Open(int descriptor)
    {
        StatusPage page = new(SharedMemory.Map(descriptor, Length));
        if (page.Word(0) != CurrentVersion) throw new IOException($"The status page has version {page.Word(0)}; this worker knows {CurrentVersion}.");
        return page;
    }

    // The parent's side.

    /// <summary>Before the frame is written: the worker may start the call from now on.</summary>
    internal void Offer(int slot, long callId) => Volatile.Write(ref Claim(slot), (callId << 2) | Queued);

    /// <summary>True if the call had not started, and now never will.</summary>
    internal bool TryTakeBack(int slot, long callId) =>
        Interlocked.CompareExchange(ref Claim(slot), (callId << 2) | Taken, (callId << 2) | Queued) == ((callId << 2) | Queued);

    /// <summary>Whether the worker has begun the call, for one that is dead or silent.</summary>
    internal bool HasStarted(int slot, long callId) => Volatile.Read(ref Claim(slot)) == ((callId << 2) | Started);

    // The worker's side.

    /// <summary>True if the call is ours to run; false if the parent took it back.</summary>
    internal bool TryStart(int slot, long callId) =>
        Interlocked.CompareExchange(ref Claim(slot), (callId << 2) | Started, (callId << 2) | Queued) == ((callId << 2) | Queued);

    /// <summary>Publishes the call that runs, or is about to; the time first, so that whoever sees the call sees its time.</summary>
    internal void Publish(long callId, long startedAt)
    {
        Volatile.Write(ref Word(StartedAt), startedAt);
        Volatile.Write(ref Word(RunningAt), callId);
    }

    public void Dispose()
    {
        if (_unmapped) return;
        _unmapped = true;
        HostSystem.Current.Unmap(_page, Length);
    }

    private ref long Word(int offset) => ref Unsafe.AsRef<long>(_page + offset);

    private ref long Claim(int slot) => ref Unsafe.AsRef<long>(_page + ClaimsAt + (slot * sizeof(long)));
}
