using System.Diagnostics;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Telemetry;
using GilSharp.Serialization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp.Processes.Inline;

/// <summary>Runs calls where they are made, one at a time. What can't be had without a process is left out: nothing is ever killed.</summary>
/// <remarks>
/// A call is made while its caller holds a turn: that of the pool, or, if it is made inside another call, on whatever thread, that of this other one, and
/// a worker of its own. The gate guards states and counts and is never held while user code runs.
/// </remarks>
internal sealed class InlineEngine(ProcessPoolOptions options) : CallEngine(options)
{
    private readonly object _turn = new();
    private readonly object _gate = new();
    private readonly Stack<InlineWorker> _idle = [];                                 // guarded by _gate
    private readonly List<InlineWorker> _all = [];                                   // guarded by _gate
    private readonly Dictionary<PendingCall, CancellationTokenSource?> _calls = [];  // guarded by _gate: null while it waits for the turn
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _initialized;             // set under the pool's turn, before there is any call to be inside of; so are the next two
    private InlineSettings? _settings;
    private WorkerStartException? _broken;
    private int _maps;                     // guarded by _gate
    private bool _closed, _terminated;     // guarded by _gate

    /// <summary>What <see cref="WorkerContext.LoggerFactory"/> is in the calls; null where the options name none.</summary>
    internal ILoggerFactory? Loggers { get; } = options.LoggerFactory is NullLoggerFactory ? null : new InlineLoggerFactory(options.LoggerFactory);

    internal override Task Gone => _gone.Task;

    // Code of a call, its reporters included, does not wait for its own end.
    internal override Task GoneAsSeenByCaller => CallerIsReporter ? Task.CompletedTask : Gone;

    internal override bool CallerIsReporter => base.CallerIsReporter || InlineCall.Inside(this) is not null;

    internal override int Parallelism => 1;

    internal override bool IsClosed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    internal override void ThrowIfNotOpen()
    {
        lock (_gate) ThrowIfNotOpenNeedsGate();
    }

    internal override void Accept(PendingCall call)
    {
        CallTerms terms = call.Terms ??= new CallTerms(call, this);
        lock (_gate)
        {
            if (call is not ChunkCall) ThrowIfNotOpenNeedsGate();
            call.Id = NextCallId();
            call.State = CallState.Queued;
            _calls.Add(call, null);
        }

        terms.WatchToken();
        using CancellationTokenSource source = new();
        lock (Turn()) Run(call, terms, source);
        Settle();
    }

    internal override void CancelRequested(PendingCall call, CallTerms terms) => AskToStop(call, terms, StopReason.Cancelled, running: true);

    internal override void CallIsDue(PendingCall call, CallTerms terms) => AskToStop(call, terms, StopReason.TimedOut, running: true);

    internal override void Stop(ChunkCall chunk, bool running) => AskToStop(chunk, chunk.Terms!, StopReason.Cancelled, running);

    internal override int Shorten(ChunkCall chunk, bool all) => -1;

    internal override void BeginMap()
    {
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            _maps++;
        }
    }

    internal override void EndMap(SharedTarget? target)
    {
        if (target is not null) Forget(target);
        lock (_gate) _maps--;
        Settle();
    }

    internal override void Close()
    {
        lock (_gate) _closed = true;
        Settle();
    }

    internal override void Terminate()
    {
        CancellationTokenSource?[] running;
        lock (_gate)
        {
            _closed = _terminated = true;
            running = [.. _calls.Values];
        }

        foreach (CancellationTokenSource? source in running) Signal(source);
        Settle();
    }

    private object Turn() => InlineCall.Inside(this) ?? _turn;

    private void Run(PendingCall call, CallTerms terms, CancellationTokenSource source)
    {
        bool runs;
        lock (_gate)
        {
            runs = terms.Stop == StopReason.None && !_terminated;
            if (runs) _calls[call] = source;
            if (runs) call.State = CallState.Sent;
        }

        Exception? error = null;
        ReadOnlyMemory<byte> payload = default;
        InlineWorker? worker = null;
        if (terms.AcceptedAt > 0) terms.StartedAt = Stopwatch.GetTimestamp();
        if (runs && (error = Initialize()) is null)
        {
            if (terms.Timeout != Timeout.InfiniteTimeSpan) Deadlines.Add(terms.Timeout, terms);
            worker = Rent();
            (error, payload) = worker.Run(call, new InlineCall(this, call.Id, source.Token));
        }

        IProgressChannel? channelBefore = CodecContext.Progress;
        CodecContext.Progress = InlineRegions.Reader.Instance; // what was returned may name shared memory
        try
        {
            End(call, terms, error, payload);
        }
        finally
        {
            CodecContext.Progress = channelBefore;
            worker?.EndCall();
            if (worker is not null) GiveBack(worker);
        }
    }

    private void End(PendingCall call, CallTerms terms, Exception? error, ReadOnlyMemory<byte> payload)
    {
        StopReason stop;
        bool terminated;
        lock (_gate)
        {
            call.State = CallState.Ended;
            _calls.Remove(call);
            (stop, terminated) = (terms.Stop, _terminated);
        }

        terms.End();
        if (terms.AcceptedAt > 0) terms.EndedAt = Stopwatch.GetTimestamp();
        if (stop == StopReason.Cancelled) error = new OperationCanceledException(terms.Token);
        PoolMeter.Ended(this, call, error);
        if (terminated) call.Fail(new ProcessPoolTerminatedException($"Pool {Options.Name} was terminated before the call had ended."));
        else if (stop == StopReason.Cancelled) call.Cancel(terms.Token);
        else if (stop == StopReason.TimedOut) call.Fail(new CallTimeoutException($"The call ran longer than its timeout of {terms.Timeout}."));
        else if (error is not null) call.Fail(error);
        else call.Succeed(payload, call.Flags);
    }

    private void AskToStop(PendingCall call, CallTerms terms, StopReason reason, bool running)
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (!_calls.TryGetValue(call, out source) || terms.Stop != StopReason.None || (source is not null && !running)) return;
            terms.Stop = reason;
        }

        Signal(source);
    }

    // Its registrations are user code, and its call may end at this moment.
    private static void Signal(CancellationTokenSource? source)
    {
        try
        {
            _ = source?.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private InlineWorker Rent()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out InlineWorker? worker)) return worker;
            _all.Add(worker = new InlineWorker(Codec, Culture, ReportFailed));
            return worker;
        }
    }

    private void GiveBack(InlineWorker worker)
    {
        while (true)
        {
            SharedTarget? ended;
            lock (_gate)
            {
                if (!worker.Ended.TryPop(out ended))
                {
                    _idle.Push(worker);
                    return;
                }
            }

            worker.Forget(ended);
        }
    }

    // Those that are idle now; the others when they are.
    private void Forget(SharedTarget target)
    {
        InlineWorker[] idle;
        lock (_gate)
        {
            foreach (InlineWorker worker in _all) worker.Ended.Push(target);
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (InlineWorker worker in idle) GiveBack(worker);
    }

    // A reporter threw: its call goes on.
    internal override void ReportFailed(Exception exception) =>
        Say(logger => PoolLog.HandlerFailed(logger, Options.Name, "IProgress<T>.Report", exception));

    // A hook is code of the pool's as a call is.
    private void Invoke(Action? hook)
    {
        InlineCall context = new(this, 0, default);
        InlineCall? before = InlineCall.Swap(context);
        try
        {
            hook?.Invoke();
        }
        finally
        {
            context.End();
            InlineCall.Swap(before);
        }
    }

    private WorkerStartException? Initialize()
    {
        if (_initialized) return _broken;
        _initialized = true;
        try
        {
            _settings = InlineSettings.Of(Options, Culture);
        }
        catch (Exception exception)
        {
            return _broken = new WorkerStartException($"What pool {Options.Name} is to tell its workers can't travel: {exception.Message}", exception);
        }

        try
        {
            Invoke(_settings.Initializer);
        }
        catch (Exception exception)
        {
            _broken = new WorkerStartException($"The initializer of pool {Options.Name} failed: {exception.Message}", exception);
        }

        return _broken;
    }

    private void ThrowIfNotOpenNeedsGate()
    {
        if (_closed) throw new InvalidOperationException($"Pool {Options.Name} is closed: it takes no new calls.");
    }

    // The last to leave runs the exit hook.
    private void Settle()
    {
        lock (_gate)
            if (!_closed || _calls.Count > 0 || _maps > 0 || _gone.Task.IsCompleted) return;
        lock (_turn)
        {
            if (_gone.Task.IsCompleted) return;
            try
            {
                if (_initialized && _broken is null && !_terminated) Invoke(_settings!.Exiting);
            }
            catch (Exception exception)
            {
                Say(logger => PoolLog.ExitHookFailed(logger, Options.Name, 0, exception));
            }

            _settings?.End();
            _gone.TrySetResult();
        }
    }
}
