using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Maps;

/// <summary>One run of a map: reads the input, keeps the workers fed, and ends when nothing of it runs any more.</summary>
/// <remarks>
/// <code>
///   input ─► pump ─► chunks ─► engine ─► workers
///              ▲                           │
///              └──── wakes ◄── results ◄───┘ (on the workers' readers) ─► array, or channel to the consumer
/// </code>
/// The pump is the only one that reads the input. It reads while fewer items than the buffer holds have been read and not consumed. For a
/// synchronous map it is the caller's own thread. The lock may be held when the engine's gate is entered, never the other way round.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The pump disposes of them when the map ends.")]
internal abstract partial class MapRun<TItem, TResult> : IDeadline
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(64);

    private readonly MapFunction _function;
    private readonly ItemSource<TItem> _source;
    private readonly ChunkSizer _sizer;
    private readonly Strand _later = new(); // sends what the pump does not
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationToken _token;
    private readonly List<MapChunk<TItem, TResult>> _outstanding = []; // guarded by Lock
    private readonly IProgress<MapProgress>? _progress;
    private int _reported = -1;                // of the pump
    private bool _pumpWaits;                   // guarded by Lock
    private bool _looksAgain;                  // guarded by Lock: a deadline is set
    private TimeSpan _nextLook = FirstLook;    // guarded by Lock
    private bool _inputFailed;                 // guarded by Lock
    private bool _stopped;                     // guarded by Lock: nothing that has not started shall start
    private bool _cancelled;                   // guarded by Lock: what runs shall stop
    private Exception? _failure;               // guarded by Lock: why the map as a whole has failed
    private long _read;                        // guarded by Lock: items, as the next two
    private long _consumed;
    private long _completed;

    protected MapRun(MapFunction function, ItemSource<TItem> source, MapOptions options, CancellationToken token)
    {
        _function = function;
        _source = source;
        _sizer = new ChunkSizer(options.ChunkSize, options.BufferSize, function.IsTimed);
        _progress = options.Progress;
        _token = token;
    }

    internal PayloadCodec Codec => _function.Engine.Codec;

    protected object Lock { get; } = new();

    protected long Read => _read;

    protected int? Total => _source.Total;

    private int? LeftNeedsLock => (int?)(Total - _read);

    private bool InputHasEndedNeedsLock => _inputFailed || _source.IsAtEnd;

    private int Workers => Math.Max(1, _function.Engine.Parallelism);

    /// <summary>Runs the map to its end; never throws: <see cref="ThrowIfFailed"/> does. The engine has begun the map already.</summary>
    internal async Task PumpAsync(bool synchronously)
    {
        using CancellationTokenRegistration cancel = _token.UnsafeRegister(static map => ((MapRun<TItem, TResult>)map!).Cancel(), this);
        while (true)
        {
            try
            {
                Report();
                if (NextStep(out int most))
                {
                    Report(); // what has ended since the look above
                    break;
                }

                if (most > 0) await TryReadChunkAsync(most).ConfigureAwait(false);
                else if (synchronously) _wake.Wait(CancellationToken.None);
                else await _wake.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }

        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }

        _function.Engine.EndMap(_function.Target);
        _function.Target?.Regions?.Release();
        _stopReading.Dispose();
        _wake.Dispose();
    }

    /// <summary>Ends the map: what waits is taken back, what runs is asked to stop, and killed after the grace period.</summary>
    internal void Cancel() => Stop(running: true, null);

    internal bool IsCancelled => _token.IsCancellationRequested;

    /// <exception cref="OperationCanceledException">The map's token was signalled.</exception>
    internal void ThrowIfFailed()
    {
        if (_failure is not null and not OperationCanceledException) ExceptionDispatchInfo.Throw(_failure);
        _token.ThrowIfCancellationRequested();
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }

    /// <summary>The map's span ends when its caller knows what has become of it.</summary>
    internal void EndTrace() =>
        _function.Trace?.End(0, _failure ?? (_token.IsCancellationRequested ? new OperationCanceledException(_token) : null));

    /// <summary>Why the map has failed, if nothing else was the reason before.</summary>
    protected void NoteFailure(Exception exception)
    {
        lock (Lock) _failure ??= exception;
    }

    /// <summary>Whether the first error of an item ends the map.</summary>
    protected virtual bool ItemErrorsEndIt => false;

    /// <summary>Where the results of a chunk shall be written.</summary>
    internal abstract TResult[] PlaceFor(MapChunk<TItem, TResult> chunk, out int at);

    /// <summary>A chunk has been read, or split from another: it stands behind <paramref name="before"/>, or at the end. Under the lock.</summary>
    protected abstract void AddedNeedsLock(MapChunk<TItem, TResult> chunk, MapChunk<TItem, TResult>? before);

    /// <summary>All items of a chunk have settled. Under the lock.</summary>
    protected abstract void DoneNeedsLock(MapChunk<TItem, TResult> chunk);

    /// <summary>So many items have left the buffer.</summary>
    protected void ConsumedNeedsLock(int items)
    {
        _consumed += items;
        WakePumpNeedsLock();
    }

    /// <summary>The error of an item, or of the pool, ends the map; what runs is left to end.</summary>
    protected void Fail(Exception exception) => Stop(running: false, exception);

    /// <summary>The input has thrown: by default as if an item had.</summary>
    protected virtual void InputFailed(Exception exception) => Fail(exception);

    /// <summary>The input has thrown, and what was read before shall have its results first.</summary>
    protected void EndInput(Exception exception)
    {
        lock (Lock)
        {
            _failure ??= exception;
            _inputFailed = true;
        }
    }

    /// <summary>True if the map has ended; else how many items to read next, or 0 to wait.</summary>
    private bool NextStep(out int most)
    {
        most = 0;
        lock (Lock)
        {
            if (!_stopped && !InputHasEndedNeedsLock)
            {
                int workers = Workers;
                int size = _sizer.Next(workers, LeftNeedsLock);
                int room = _sizer.Budget(workers) - (int)(_read - _consumed);
                if (room >= size) most = size;
            }
            else if (_outstanding.Count == 0)
            {
                return true;
            }

            _pumpWaits = most == 0;
            return false;
        }
    }

    private void WakePumpNeedsLock()
    {
        if (!_pumpWaits) return;
        bool ended = _stopped || InputHasEndedNeedsLock;
        int workers = Workers;
        bool wanted = _progress is not null
            || (ended ? _outstanding.Count == 0 : _sizer.Budget(workers) - (int)(_read - _consumed) >= _sizer.Next(workers, LeftNeedsLock));
        if (!wanted) return;
        _pumpWaits = false;
        _wake.Release();
    }

    private async ValueTask TryReadChunkAsync(int most)
    {
        long began = Stopwatch.GetTimestamp();
        TItem[] items;
        try
        {
            items = await _source.ReadAsync(most, _stopReading.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            InputFailed(exception);
            return;
        }

        if (items.Length == 0) return;
        MapChunk<TItem, TResult> chunk;
        lock (Lock)
        {
            if (_stopped) return;
            _sizer.Yielded(items.Length, (long)Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            chunk = new MapChunk<TItem, TResult>(this, items, _read, attempt: 1);
            _read += items.Length;
            AddNeedsLock(chunk, null);
        }

        Submit(chunk);
    }

    private void Stop(bool running, Exception? failure)
    {
        MapChunk<TItem, TResult>[] outstanding;
        lock (Lock)
        {
            if (_failure is null) _failure = failure;
            if (_stopped && (_cancelled || !running)) return;
            _stopped = true;
            _cancelled |= running;
            outstanding = [.. _outstanding];
            if (!running) TakeBackNeedsLock();
            WakePumpNeedsLock();
        }

        _ = CancelReadingAsync();
        foreach (MapChunk<TItem, TResult> chunk in outstanding) _function.Engine.Stop(chunk, running);
    }

    // Callbacks on the token are the input's, and may throw.
    private async Task CancelReadingAsync()
    {
        try
        {
            await _stopReading.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AggregateException or ObjectDisposedException)
        {
        }
    }

    private void Report()
    {
        if (_progress is not { } progress) return;
        int completed;
        lock (Lock) completed = (int)Math.Min(int.MaxValue, _completed); // MapProgress counts no further
        if (completed == _reported) return;
        _reported = completed;
        _function.Engine.Tell(progress, new MapProgress(completed, Total));
    }
}
