using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Startup;
using GilSharp.Processes.Telemetry;
using GilSharp.Processes.Worker;

namespace GilSharp;

public abstract partial class WorkerPool
{
    // The one door behind all of the Apply family. Only a null function throws at once; everything else comes in the task.
    private Task<TResult> Submit<TArguments, TResult>(Delegate function, in TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments => Submit<TArguments, TResult>(function, arguments, led: false, cancellationToken, out _);

    private Task<TResult> Submit<TArguments, TResult>(
        Delegate function, in TArguments arguments, bool led, CancellationToken cancellationToken, out PendingCall? submitted)
        where TArguments : struct, IArguments
    {
        submitted = null;
        ArgumentNullException.ThrowIfNull(function);
        CompiledBindings.Mention<TArguments, TResult>();
        PendingCall<TResult>? call = null;
        try
        {
            ThrowIfDisposed();
            Engine.ThrowIfNotOpen();
            if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<TResult>(cancellationToken);
            Engine.Anticipate();
            call = new PendingCall<TResult> { IsLed = led };
            call.Terms = TermsOf(call, cancellationToken);
            submitted = call;
            if (Engine.HasLimit) return SubmitIfRoom(call, function, arguments, cancellationToken);
            WriteCall(call, function, arguments);
            Engine.Accept(call);
            return call.Task;
        }
        catch (Exception exception)
        {
            call?.Terms?.Trace?.End(0, exception); // it may have been refused after its arguments were written
            call?.Terms?.End();
            return Task.FromException<TResult>(exception);
        }
    }

    private Task<TResult> SubmitIfRoom<TArguments, TResult>(
        PendingCall<TResult> call, Delegate function, TArguments arguments, CancellationToken cancellationToken) where TArguments : struct, IArguments
    {
        if (Engine.TryReserve())
        {
            WriteReserved(call, function, arguments);
            return call.Task;
        }

        if (Engine.Options.QueueFullMode == QueueFullMode.Reject)
        {
            PoolMeter.Refused(Engine);
            throw new QueueFullException(
                $"The queue of pool {Engine.Options.Name} is full: {Engine.Options.QueueCapacity} calls wait ({nameof(ProcessPoolOptions.QueueCapacity)}). " +
                $"Try again later, or pace the producer with {nameof(ProcessPool.WaitForRoomAsync)}.");
        }

        Engine.AwaitRoom(new WaitingCall<TResult>(call, () => WriteReserved(call, function, arguments)), cancellationToken);
        return call.Task;
    }

    private void WriteReserved<TArguments, TResult>(PendingCall<TResult> call, Delegate function, in TArguments arguments)
        where TArguments : struct, IArguments
    {
        call.HasPlace = true;
        try
        {
            WriteCall(call, function, arguments);
            Engine.Accept(call);
        }
        catch (Exception exception)
        {
            if (call.HasPlace) Engine.GiveBack();
            call.Terms?.Trace?.End(0, exception);
            call.Terms?.End();
            call.Fail(exception);
        }
    }

    /// <summary>Submits a call and waits for it, reading its answer on this thread where nobody else does.</summary>
    private TResult Await<TArguments, TResult>(Delegate function, in TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        Task<TResult> task = Submit<TArguments, TResult>(function, arguments, led: true, cancellationToken, out PendingCall? call);
        if (!task.IsCompleted && call?.Worker is { } worker) worker.Lead(call, task);
        return task.GetAwaiter().GetResult();
    }

    private void AwaitAction<TArguments>(Delegate action, in TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments => Await<TArguments, Nothing>(action, arguments, cancellationToken);

    private Task<Nothing> SubmitAction<TArguments>(Delegate action, in TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments => Submit<TArguments, Nothing>(action, arguments, cancellationToken);

    private CallTerms? TermsOf(PendingCall call, CancellationToken cancellationToken)
    {
        if (_asked is null && !cancellationToken.CanBeCanceled) return null;
        return new CallTerms(call, Engine) { Options = _asked, Watch = cancellationToken.CanBeCanceled ? Engine.WatchOf(cancellationToken) : null };
    }

    private void WriteCall<TArguments>(PendingCall call, Delegate function, in TArguments arguments) where TArguments : struct, IArguments
    {
        FunctionEntry entry = Engine.Function(function);
        call.Function = entry;
        if (PoolTracing.Begin("call", Engine, entry, call.Terms?.Name) is { } trace) (call.Terms ??= new CallTerms(call, Engine)).Trace = trace;
        if (PoolMeter.MeasuresTime)
        {
            (call.Terms ??= new CallTerms(call, Engine)).AcceptedAt = Stopwatch.GetTimestamp();
            call.Flags |= CallFlags.Measured;
        }

        PayloadSlab slab = PayloadSlab.Rent();
        CallProgress progress = CallProgress.Begin(out CallProgress.Outer outer);
        List<ProgressReporter>? reporters;
        CallRegions? regions;
        bool written = false;
        ArgumentWriter writer = new(slab, Engine.Codec, entry.Plan.Reporting);
        try
        {
            slab.Write(entry.Number);
            int attemptAt = 0;
            if (entry.Plan.HasTarget)
            {
                call.Flags |= CallFlags.HasTarget;
                int length = slab.ReserveLength();
                entry.Plan.WriteTarget(slab, function, Engine.Codec.Serializer);
                slab.FillLength(length);
            }

            if (CallContext.IsNeeded(call.Terms, Engine.Culture))
            {
                call.Flags |= CallFlags.HasContext;
                int length = slab.ReserveLength();
                CallContext.Write(slab, call.Terms, Engine.Culture);
                slab.FillLength(length);
                attemptAt = call.Terms is { Retries: > 0 } ? slab.Count - sizeof(int) : 0;
            }

            if (call.Terms is { } terms)
            {
                terms.AttemptAt = attemptAt;
                if (terms.Timeout != Timeout.InfiniteTimeSpan || terms.Token.CanBeCanceled) call.Flags |= CallFlags.Watched;
            }

            arguments.Write(ref writer);
            written = true;
        }
        catch (Exception exception)
        {
            if (writer.Number > 0) _ = (exception as CallSerializationException)?.From($"argument {writer.Number}");
            slab.Abandon();
            call.Terms?.Trace?.End(0, exception);
            throw;
        }
        finally
        {
            reporters = progress.End(outer, out regions);
            if (!written) regions?.Release();
        }

        if (reporters is not null) (call.Terms ??= new CallTerms(call, Engine)).Reporters = reporters;
        if (regions is not null) Engine.Attach(regions, call.Terms ??= new CallTerms(call, Engine));
        call.Payload = slab.Finish();
    }
}
