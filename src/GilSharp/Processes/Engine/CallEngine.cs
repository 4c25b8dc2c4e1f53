using GilSharp.Processes.Calls;
using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Engine;

/// <summary>What runs the calls of a pool: in worker processes, or in this one.</summary>
internal abstract class CallEngine(ProcessPoolOptions options)
{
    private readonly FunctionTable _functions = new(new PayloadCodec(options.CustomSerializer));
    private long _lastCallId;
    private int _warnedOfDisk;
    [ThreadStatic]
    private static CallEngine? t_told; // whose map's reporter the thread runs

    private TokenWatch? _watch; // the last that was made: calls that follow one another have the same token, more often than not

    internal ProcessPoolOptions Options => options;

    internal PayloadCodec Codec { get; } = new(options.CustomSerializer);

    /// <summary>The cultures that a call without its own runs under.</summary>
    internal WorkerCulture Culture { get; } = WorkerCulture.Current;

    /// <summary>Ends when the pool is closed and nothing of it is left.</summary>
    internal abstract Task Gone { get; }

    /// <summary>The same, for whoever asks: what the caller itself is busy with is not waited for.</summary>
    internal virtual Task GoneAsSeenByCaller => Gone;

    /// <summary>Whether the caller is a reporter of a call or a map, or whatever else the pool's end waits for.</summary>
    internal virtual bool CallerIsReporter => t_told == this;

    internal abstract bool IsClosed { get; }

    /// <summary>Throws what a call gets that may not be accepted now.</summary>
    internal abstract void ThrowIfNotOpen();

    /// <summary>A first call is about to be written: what takes long to start may start meanwhile.</summary>
    internal virtual void Anticipate()
    {
    }

    /// <summary>Takes over a call whose arguments have been written; its task ends in any case.</summary>
    internal abstract void Accept(PendingCall call);

    internal abstract void CancelRequested(PendingCall call, CallTerms terms);

    internal abstract void CallIsDue(PendingCall call, CallTerms terms);

    /// <summary>Whether only so many calls may wait.</summary>
    internal virtual bool HasLimit => false;

    /// <summary>Who watches a token for a call that is about to be made.</summary>
    internal TokenWatch WatchOf(CancellationToken token) => _watch is { IsClosed: false } last && last.Token == token ? last : _watch = new TokenWatch(token);

    /// <summary>Keeps a place for a call that is about to be written; false if the queue is full.</summary>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    internal virtual bool TryReserve() => true;

    internal virtual void GiveBack()
    {
    }

    /// <summary>Has somebody told when there is room, in the order in which they ask.</summary>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    internal virtual void AwaitRoom(RoomWaiter waiter, CancellationToken token) => waiter.Admit();

    /// <summary>How many calls may run at the same time.</summary>
    internal abstract int Parallelism { get; }

    /// <summary>A map begins: its chunks are accepted until it ends, also after the pool was closed.</summary>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    /// <exception cref="WorkerStartException">No worker can be started.</exception>
    internal abstract void BeginMap();

    internal abstract void EndMap(SharedTarget? target);

    /// <summary>Tells who wants to know how a map gets on; what that throws harms nobody.</summary>
    internal void Tell(IProgress<MapProgress> reporter, MapProgress progress)
    {
        CallEngine? before = t_told;
        t_told = this;
        try
        {
            reporter.Report(progress);
        }
        catch (Exception exception)
        {
            ReportFailed(exception);
        }
        finally
        {
            t_told = before;
        }
    }

    /// <summary>A reporter threw: its call goes on.</summary>
    internal abstract void ReportFailed(Exception exception);

    /// <summary>Takes a chunk back if it waits; else, if <paramref name="running"/> says so, asks it to stop, and kills it after the grace period.</summary>
    internal abstract void Stop(ChunkCall chunk, bool running);

    /// <summary>Takes the later half, or all, of a running chunk's items that have not started from it.</summary>
    /// <returns>How many items the chunk keeps; -1 if it isn't running.</returns>
    internal abstract int Shorten(ChunkCall chunk, bool all);

    internal abstract void Close();

    internal abstract void Terminate();

    /// <summary>A call names shared memory.</summary>
    internal void Attach(CallRegions regions, CallTerms terms)
    {
        terms.Regions = regions;
        if (!regions.IsOnDisk || Interlocked.Exchange(ref _warnedOfDisk, 1) != 0) return;
        Say(logger => PoolLog.SharedMemoryIsOnDisk(logger, options.Name, Path.GetTempPath()));
    }

    /// <summary>Has something logged. Loggers are foreign, and one whose factory was disposed throws: that harms nobody.</summary>
    internal virtual void Say(Action<ILogger> say)
    {
        try
        {
            say(options.LoggerFactory.CreateLogger(PoolLog.Category));
        }
        catch (Exception)
        {
            // There is nowhere to say so but the log itself.
        }
    }

    internal FunctionEntry Function(Delegate function) => _functions.For(function);

    internal long LastCallId => Interlocked.Read(ref _lastCallId);

    internal long NextCallId() => Interlocked.Increment(ref _lastCallId);
}
