using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>Maps: many chunks that are accepted as one, and divided anew where a worker has nothing else to do.</summary>
internal sealed partial class PoolEngine
{
    private int _maps; // guarded by _gate: those that may still send chunks

    private bool MapsAreOpenNeedsGate => _maps > 0 && !_terminated && _broken is null;

    internal override int Parallelism => Volatile.Read(ref _target);

    internal override void BeginMap()
    {
        Output.PoolIsUsed();
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            _maps++;
        }
    }

    internal override void EndMap(SharedTarget? target)
    {
        List<WorkerConnection> told = [];
        bool closed;
        lock (_gate)
        {
            _maps--;
            closed = _closed;
            if (target is not null)
                foreach (WorkerConnection worker in _workers)
                    if (worker.ForgetNeedsGate(target)) told.Add(worker);
        }

        foreach (WorkerConnection worker in told) worker.Flush();
        if (closed) Tend();
    }

    internal override void Stop(ChunkCall chunk, bool running)
    {
        CallTerms terms = chunk.Terms!;
        WorkerConnection? toFlush = null;
        bool ended;
        lock (_gate)
        {
            if (chunk.State is CallState.New or CallState.Ended || terms.Stop != StopReason.None) return;
            WorkerConnection? had = chunk.Worker;
            ended = TryWithdrawNeedsGate(chunk);
            if (ended) toFlush = had;
            else if (running) toFlush = AskToStopNeedsGate(chunk, terms, StopReason.Cancelled);
        }

        if (ended) EndCancelled(chunk, terms);
        toFlush?.Flush();
        if (ended) Tend();
    }

    internal override int Shorten(ChunkCall chunk, bool all)
    {
        lock (_gate) return chunk is { State: CallState.Sent, Worker: { } worker } ? worker.ShortenNeedsGate(chunk, all) : -1;
    }

    private void ThrowIfEndedNeedsGate()
    {
        if (_terminated) throw new ProcessPoolTerminatedException($"Pool {Options.Name} was terminated before the call had started.");
        if (_broken is { } cause) throw new WorkerStartException($"Pool {Options.Name} has no workers and can't start any: {cause.Message}", cause);
    }
}
