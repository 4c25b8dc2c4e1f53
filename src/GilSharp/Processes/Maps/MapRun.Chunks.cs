using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Maps;

/// <summary>What becomes of chunks: they are done, or divided, or sent again.</summary>
internal abstract partial class MapRun<TItem, TResult>
{
    /// <summary>The worker has answered.</summary>
    internal void ChunkEnded(MapChunk<TItem, TResult> chunk)
    {
        MapChunk<TItem, TResult>? rest = null, stolen = null;
        lock (Lock)
        {
            _sizer.Took(chunk.Settled, chunk.Microseconds);
            if (chunk.Settled < chunk.Count) rest = DivideNeedsLock(chunk, chunk.Settled);
            NoteErrorNeedsLock(chunk);
            EndNeedsLock(chunk);
            if (rest is null) stolen = StealNeedsLock();
            if (rest is null && stolen is null) LookAgainNeedsLock();
            WakePumpNeedsLock();
        }

        EndIfFailed(chunk);
        if (rest is not null) SubmitLater(rest);
        if (stolen is not null) SubmitLater(stolen);
    }

    /// <summary>The call has failed as a whole: the function or the items could not be read there, the worker died, the time was up.</summary>
    internal void ChunkFailed(MapChunk<TItem, TResult> chunk, Exception exception)
    {
        bool ends = exception is ProcessPoolTerminatedException or WorkerStartException;
        List<MapChunk<TItem, TResult>> again = [];
        lock (Lock)
        {
            int next = chunk.Settled;
            if (ends)
            {
                _failure ??= exception;
                CutNeedsLock(chunk, next);
            }
            else if (exception is WorkerCrashedException { Certainty: CallCertainty.NeverStarted, Reason: not WorkerExitReason.MemoryLimit })
            {
                while (chunk.Settled < chunk.Count) chunk.SettleError(chunk.Settled, exception); // it is none of its items that ends workers
            }
            else if (exception is CallTimeoutException && chunk.Count == 1)
            {
                if (next == 0) chunk.SettleError(0, exception);
                else chunk.Overrule(0, exception); // it answered all the same, too late
            }
            else if (next < chunk.Count)
            {
                bool began = !chunk.Died || chunk.StartedItems > next || (chunk.StartedItems == 0 && chunk.Count == 1);
                bool alone = chunk.Count - next == 1 || (chunk.Died && chunk.StartedItems > next);
                if (chunk.Died && chunk.StartedItems == next && next > 0) again.Add(DivideNeedsLock(chunk, next));
                else if (began && alone) SettleLostNeedsLock(chunk, exception, again);
                else DivideIntoSinglesNeedsLock(chunk, again);
            }

            NoteErrorNeedsLock(chunk);
            EndNeedsLock(chunk);
            WakePumpNeedsLock();
        }

        if (ends) Fail(exception);
        EndIfFailed(chunk);
        foreach (MapChunk<TItem, TResult> other in again) SubmitLater(other);
    }

    /// <summary>The map was stopped: what has not settled never will.</summary>
    internal void ChunkCancelled(MapChunk<TItem, TResult> chunk)
    {
        lock (Lock)
        {
            CutNeedsLock(chunk, chunk.Settled);
            EndNeedsLock(chunk);
            WakePumpNeedsLock();
        }
    }

    // The item that ran when the worker died, or that is alone in its call: another try if it has one left, else the error is its own. There are more of
    // them if results were lost on the way, with a worker that is not believed: those items have run, and do not run again for nothing.
    private void SettleLostNeedsLock(MapChunk<TItem, TResult> chunk, Exception exception, List<MapChunk<TItem, TResult>> again)
    {
        int item = chunk.Settled;
        bool retry = exception is WorkerCrashedException { Reason: not WorkerExitReason.MemoryLimit } && chunk.Attempt <= _function.Retries;
        int lost = chunk.Died ? Math.Clamp(chunk.StartedItems, item + 1, chunk.Count) : item + 1;
        if (lost < chunk.Count) again.Add(DivideNeedsLock(chunk, lost));
        if (retry) again.Insert(0, DivideNeedsLock(chunk, item, chunk.Attempt + 1));
        else for (; item < lost; item++) chunk.SettleError(item, exception);
    }

    private void DivideIntoSinglesNeedsLock(MapChunk<TItem, TResult> chunk, List<MapChunk<TItem, TResult>> singles)
    {
        for (int last = chunk.Count - 1; last >= chunk.Settled; last--) singles.Insert(0, DivideNeedsLock(chunk, last));
    }

    /// <summary>Makes the items from <paramref name="at"/> on a chunk of their own.</summary>
    private MapChunk<TItem, TResult> DivideNeedsLock(MapChunk<TItem, TResult> chunk, int at, int? attempt = null)
    {
        MapChunk<TItem, TResult> rest = new(this, chunk.Items[at..chunk.Count], chunk.First + at, attempt ?? chunk.Attempt);
        chunk.Count = at;
        AddNeedsLock(rest, chunk);
        return rest;
    }

    private bool WorkersHaveNothingToDoNeedsLock =>
        !_stopped && _outstanding.Count > 0 && _outstanding.Count < Workers && (InputHasEndedNeedsLock || _pumpWaits);

    // What could not be divided now, because its worker had not begun it or was between two items, may be later; no other event would tell.
    private void LookAgainNeedsLock()
    {
        if (WorkersHaveNothingToDoNeedsLock && _outstanding.Exists(static chunk => chunk.Count > 1)) SetLookNeedsLock();
    }

    private void SetLookNeedsLock()
    {
        if (_looksAgain) return;
        _looksAgain = true;
        Deadlines.Add(_nextLook, this);
        if (_nextLook < LongestLook) _nextLook *= 2;
    }

    /// <summary>Time to look again for something to divide.</summary>
    public void Due()
    {
        MapChunk<TItem, TResult>? stolen;
        lock (Lock)
        {
            _looksAgain = false;
            if (_stopped && !_cancelled) TakeBackNeedsLock();
            stolen = StealNeedsLock();
            if (stolen is null) LookAgainNeedsLock();
            else _nextLook = FirstLook;
        }

        if (stolen is not null) SubmitLater(stolen);
    }

    // A worker has nothing to do and the pump has nothing for it: it gets what another one has not started.
    private MapChunk<TItem, TResult>? StealNeedsLock()
    {
        if (!WorkersHaveNothingToDoNeedsLock) return null;
        MapChunk<TItem, TResult>? largest = null;
        foreach (MapChunk<TItem, TResult> other in _outstanding)
            if (other.Count > 1 && other.Count > (largest?.Count ?? 0)) largest = other;
        return largest is null ? null : ShortenNeedsLock(largest);
    }

    private MapChunk<TItem, TResult>? ShortenNeedsLock(MapChunk<TItem, TResult> chunk)
    {
        int kept = _function.Engine.Shorten(chunk, all: false);
        return kept < 0 || kept >= chunk.Count ? null : DivideNeedsLock(chunk, kept);
    }

    // The map has failed: what a chunk has not started never shall. One that its worker is still reading can't be cut yet.
    private void TakeBackNeedsLock()
    {
        foreach (MapChunk<TItem, TResult> chunk in _outstanding)
        {
            int kept = _function.Engine.Shorten(chunk, all: true);
            if (kept >= 0) CutNeedsLock(chunk, Math.Min(kept, chunk.Count));
            else if (chunk.Count > 1) SetLookNeedsLock();
        }
    }

    private static void CutNeedsLock(MapChunk<TItem, TResult> chunk, int count)
    {
        chunk.IsCut |= count < chunk.Count;
        chunk.Count = count;
    }

    // Before the chunk counts as ended: the pump may find the map at its end in the same moment, and must find it failed.
    private void NoteErrorNeedsLock(MapChunk<TItem, TResult> chunk)
    {
        if (ItemErrorsEndIt && chunk.Errors is { } errors) _failure ??= Array.Find(errors, static error => error is not null);
    }

    private void EndIfFailed(MapChunk<TItem, TResult> chunk)
    {
        if (ItemErrorsEndIt && chunk.Errors is { } errors) Fail(Array.Find(errors, static error => error is not null)!);
    }

    private void AddNeedsLock(MapChunk<TItem, TResult> chunk, MapChunk<TItem, TResult>? before)
    {
        chunk.OutstandingAt = _outstanding.Count;
        _outstanding.Add(chunk);
        AddedNeedsLock(chunk, before);
    }

    private void EndNeedsLock(MapChunk<TItem, TResult> chunk)
    {
        if (chunk.IsDone) return;
        chunk.IsDone = true;
        MapChunk<TItem, TResult> last = _outstanding[^1];
        _outstanding[chunk.OutstandingAt] = last;
        last.OutstandingAt = chunk.OutstandingAt;
        _outstanding.RemoveAt(_outstanding.Count - 1);
        _completed += chunk.Count;
        DoneNeedsLock(chunk);
    }

    private void Submit(MapChunk<TItem, TResult> chunk)
    {
        bool stopped;
        try
        {
            _function.Write(chunk, chunk.Items, chunk.Attempt);
            lock (Lock) stopped = _stopped;
            if (!stopped) _function.Engine.Accept(chunk);
        }
        catch (CallSerializationException exception)
        {
            ChunkFailed(chunk, exception); // one that can't travel must not keep its neighbours
            return;
        }
        catch (Exception exception)
        {
            Fail(exception);
            stopped = true;
        }

        if (stopped)
        {
            chunk.Terms?.End(); // it was not accepted
            ChunkCancelled(chunk);
            return;
        }

        bool cancelled;
        lock (Lock) (stopped, cancelled) = (_stopped, _cancelled);
        if (stopped) _function.Engine.Stop(chunk, cancelled); // it was stopped while it was on its way
    }

    // Not on the worker's reader: items are written by foreign code. Not on the thread pool: its threads may all be waiting for this map. In the map's
    // context, as the pump: a serializer may look at it, and an InlinePool knows by it which call the map belongs to.
    private void SubmitLater(MapChunk<TItem, TResult> chunk) => _later.Post(() =>
    {
        if (_context is null) Submit(chunk);
        else ExecutionContext.Run(_context, _ => Submit(chunk), null);
    });
}
