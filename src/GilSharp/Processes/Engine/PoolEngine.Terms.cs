using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>Calls that ask for more than to be run: cancellation, timeouts, another try.</summary>
/// <remarks>
/// A call that does not stop when asked is stopped with its worker, and its task ends when the worker has ended: nothing of it runs any more. The
/// next call is never its victim, since a worker under sentence of death gets no more calls and what was sent ahead is taken back.
/// A call that had not started when its worker ended goes to another one; but not for ever: what a worker must do before it starts a call, such as
/// reading a very large frame or loading the function's assembly, may be what ends it.
/// </remarks>
internal sealed partial class PoolEngine
{
    private const int MostLostBeforeStart = 5;

    private void Watch(PendingCall call, CallTerms terms)
    {
        terms.WatchToken();
        if (terms.Timeout != Timeout.InfiniteTimeSpan) Deadlines.Add(terms.Timeout, terms);
        lock (_gate)
        {
            if (call.State != CallState.Ended) return;
        }

        terms.Watch?.Remove(terms); // it ended before it was watched
    }

    /// <summary>The caller's token was signalled.</summary>
    internal override void CancelRequested(PendingCall call, CallTerms terms)
    {
        WorkerConnection? toFlush = null;
        bool ended;
        lock (_gate)
        {
            if (call.State == CallState.Ended || terms.Stop != StopReason.None) return;
            toFlush = call.Worker;
            ended = TryWithdrawNeedsGate(call);
            if (!ended) toFlush = AskToStopNeedsGate(call, terms, StopReason.Cancelled);
        }

        if (ended) EndCancelled(call, terms);
        toFlush?.Flush();
        Tend();
    }

    /// <summary>The time of a call may be up, or that of its grace period.</summary>
    internal override void CallIsDue(PendingCall call, CallTerms terms)
    {
        WorkerConnection? toFlush = null, toKill = null;
        long now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            if (call.State == CallState.Ended) return;
            if (call.State != CallState.Sent || call.Worker is not { } worker)
            {
                Deadlines.Add(terms.Timeout, terms); // it waits: its time has not begun
                return;
            }

            if (!worker.HasNeedsGate(call)) return; // it has been answered, and ends at this moment
            if (terms.Stop == StopReason.None)
            {
                long start = worker.StartOf(call);
                long due = start + Deadlines.Ticks(terms.Timeout);
                if (start == 0 || due > now) Deadlines.AddAt(start == 0 ? now + Deadlines.Ticks(terms.Timeout) : due, terms);
                else toFlush = AskToStopNeedsGate(call, terms, StopReason.TimedOut);
            }
            else if (terms.KillAt == long.MaxValue)
            {
                return; // it may take as long as it likes
            }
            else if (now >= terms.KillAt && !worker.IsDebugged && worker.IsRunning(call))
            {
                worker.Reason ??= terms.Stop == StopReason.TimedOut ? WorkerExitReason.Timeout : WorkerExitReason.Cancelled;
                worker.State = WorkerState.Leaving;
                toKill = worker;
            }
            else
            {
                // Not yet; or it has ended there, only its answer has not been read, and what runs now may be a call that was sent behind it.
                Deadlines.AddAt(Math.Max(terms.KillAt, now + Deadlines.Ticks(TimeSpan.FromMilliseconds(50))), terms);
            }
        }

        toFlush?.Flush();
        toKill?.Kill();
        if (toFlush is not null) Tend();
    }

    /// <summary>True if the call had not started, and now never will.</summary>
    private bool TryWithdrawNeedsGate(PendingCall call)
    {
        if (call.State == CallState.Queued)
        {
            call.State = CallState.Ended;
            _queue.Forget(call);
            return true;
        }

        if (call.State != CallState.Sent || !call.Worker!.TryTakeBackNeedsGate(call)) return false;
        call.State = CallState.Ended;
        if (call.Worker.IsReady) FeedNeedsGate(call.Worker);
        return true;
    }

    private WorkerConnection? AskToStopNeedsGate(PendingCall call, CallTerms terms, StopReason reason)
    {
        WorkerConnection worker = call.Worker!;
        terms.Stop = reason;
        if (!worker.HasNeedsGate(call)) return null; // answered: it ends at this moment, and what its worker has got since is none of its business
        worker.CancelNeedsGate(call);
        // Until it has ended its worker gets nothing, and what it had got goes to others: nobody shares the fate of a call that does not listen.
        List<PendingCall> back = [];
        worker.TakeBackYoungestNeedsGate(int.MaxValue, back);
        foreach (PendingCall other in back) _queue.AddInFront(other);
        if (Options.CancellationGracePeriod == Timeout.InfiniteTimeSpan)
        {
            terms.KillAt = long.MaxValue;
            return worker;
        }

        terms.KillAt = Stopwatch.GetTimestamp() + Deadlines.Ticks(Options.CancellationGracePeriod);
        Deadlines.AddAt(terms.KillAt, terms);
        return worker;
    }

    private void CompleteOnTerms(PendingCall call, CallTerms terms, Exception? error, ReadOnlyMemory<byte> payload, CallFlags flags)
    {
        StopReason stop;
        lock (_gate)
        {
            if (call.State == CallState.Ended) return;
            call.State = CallState.Ended;
            stop = terms.Stop;
        }

        terms.End();
        switch (stop)
        {
            case StopReason.Cancelled: EndCancelled(call, terms); break;
            case StopReason.TimedOut: Failed(call, TimedOut(terms)); break;
            default:
                if (error is null) Succeeded(call, payload, flags);
                else Failed(call, error);
                break;
        }
    }

    /// <summary>Decides what becomes of a call whose worker is lost: it ends, or it goes to another worker.</summary>
    private void SettleNeedsGate(
        PendingCall call, bool started, bool suspect, WorkerConnection worker, ExitStatus status, WorkerExitReason reason, List<(PendingCall, Exception)> failed)
    {
        CallTerms? terms = call.Terms;
        call.Worker = null;
        if (_terminated)
        {
            call.State = CallState.Ended;
            failed.Add((call, new ProcessPoolTerminatedException($"Pool {Options.Name} was terminated before the call had ended.")));
        }
        else if (!started && terms is not { Stop: not StopReason.None } && !(suspect && ++call.LostBeforeStart >= MostLostBeforeStart))
        {
            if (suspect) HistoryOf(call).Add(WorkerExit.Crashed(worker, status, reason, CallCertainty.NeverStarted));
            _queue.AddInFront(call);
        }
        else if (started && terms is { Stop: StopReason.None } && terms.Attempt <= terms.Retries && call is not ChunkCall && reason is not WorkerExitReason.MemoryLimit)
        {
            HistoryOf(call).Add(WorkerExit.Crashed(worker, status, reason, CallCertainty.MayHaveRun));
            terms.TryAgain();
            _queue.AddInFront(call);
        }
        else
        {
            call.State = CallState.Ended;
            Exception error = terms switch
            {
                { Stop: StopReason.TimedOut } => TimedOut(terms),
                { Stop: StopReason.Cancelled } => new OperationCanceledException(terms.Token),
                _ => WorkerExit.Crashed(worker, status, reason, started ? CallCertainty.MayHaveRun : CallCertainty.NeverStarted, terms?.History),
            };
            failed.Add((call, error));
        }
    }

    private List<Exception> HistoryOf(PendingCall call) => (call.Terms ??= new CallTerms(call, this)).History ??= [];

    private void EndLost(PendingCall call, Exception error)
    {
        call.Terms?.End();
        if (error is OperationCanceledException cancelled && call.Terms is { Stop: StopReason.Cancelled } terms && cancelled is not ProcessPoolTerminatedException)
            EndCancelled(call, terms);
        else
            Failed(call, error);
    }

    private void EndCancelled(PendingCall call, CallTerms terms)
    {
        Interlocked.Increment(ref _cancelled);
        Telemetry.PoolMeter.Ended(this, call, new OperationCanceledException());
        terms.End();
        if (terms.Reports is { } reports) PostEnd(reports, () => call.Cancel(terms.Token));
        else call.Cancel(terms.Token);
    }

    private static CallTimeoutException TimedOut(CallTerms terms) =>
        new($"The call{(terms.Name is { } name ? $" '{name}'" : "")} ran longer than its timeout of {terms.Timeout}.");
}
