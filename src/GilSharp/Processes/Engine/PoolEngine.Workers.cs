using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Faults;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Engine;

/// <summary>The life of workers: started when calls wait for them, replaced when they are lost, never in an endless loop.</summary>
internal sealed partial class PoolEngine
{
    private const int MostFailedStarts = 3;
    private const int MostKilledStarts = 8; // what kills from outside may stop to do so

    private readonly StartBackoff _backoff = new(); // guarded by _gate

    /// <summary>Starts workers until there are as many as may be, and waits until they are ready.</summary>
    internal Task StartAll()
    {
        List<WorkerConnection>? started = [];
        lock (_gate)
        {
            ThrowIfNotOpenNeedsGate();
            while (ActiveNeedsGate < _target && StartOneNeedsGate() is { } worker) started.Add(worker);
            StartStandbyNeedsGate(ref started);
            if (_allReady is null or { Task.IsCompleted: true }) _allReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (AllAreReadyNeedsGate) _allReady.TrySetResult();
        }

        foreach (WorkerConnection worker in started) Launch(worker);
        return _allReady.Task;
    }

    private TaskCompletionSource? _allReady; // guarded by _gate
    private int _ending;                     // guarded by _gate: workers that are gone, and whose calls are just being ended
    private int _posted;                     // guarded by _gate: calls that end when their reporter has returned

    /// <summary>A lost worker that has not been replaced yet is missing, too; a closed pool replaces none.</summary>
    private bool AllAreReadyNeedsGate => (_closed || ActiveNeedsGate >= _target) && _workers.TrueForAll(static worker => worker.IsReady);

    internal override void Anticipate()
    {
        if (Volatile.Read(ref _anticipated)) return;
        WorkerConnection? worker = null;
        lock (_gate)
        {
            if (!_anticipated && !_closed && _workers.Count == 0) worker = StartOneNeedsGate();
            _anticipated = true;
        }

        if (worker is not null) Launch(worker);
    }

    private WorkerConnection? StartOneNeedsGate(bool standby = false)
    {
        if (_terminated || _broken is not null || HeldBackNeedsGate()) return null;
        int id = ++_lastWorkerId;
        WorkerConnection worker = new(this, id, standby ? 0 : TakeVacancyNeedsGate()) { State = WorkerState.Starting, IsStandby = standby };
        if (standby) _standby++;
        _workers.Add(worker);
        WatchMemoryNeedsGate();
        return worker;
    }

    private int TakeVacancyNeedsGate() => _vacant.TryPop(out int before) ? before : 0;

    /// <summary>Has the process created. Outside the gate: what the pool is to tell its workers may be foreign code to write.</summary>
    private void Launch(WorkerConnection worker)
    {
        try
        {
            FrameBuffer settings = new();
            int frame = settings.BeginFrame();
            CallProgress progress = CallProgress.Begin(out CallProgress.Outer outer, refusesReporters: true);
            CallRegions? regions;
            bool written = false;
            try
            {
                WorkerSettings.Write(settings, worker.Id, Culture, _launch.Value.EnvironmentToRestore, Options);
                written = true;
            }
            finally
            {
                _ = progress.End(outer, out regions);
                if (!written) regions?.Release();
            }

            settings.EndFrame(frame, FrameKind.Configure);
            worker.Configure(settings, regions);
            Options.Faults?.InPool?.Invoke(PoolFaultPoint.Spawning, worker);
            Spawner.Start(_launch.Value.Command, (child, failure) => Launched(worker, child, failure));
            Telemetry.PoolMeter.EnsureCreated(); // listeners find what exists; meanwhile the process starts
        }
        catch (Exception exception)
        {
            StartFailed(worker, exception);
        }
    }

    private void Launched(WorkerConnection worker, ChildProcess? child, Exception? failure)
    {
        if (child is null)
        {
            StartFailed(worker, failure!);
            return;
        }

        bool unwanted;
        lock (_gate)
        {
            worker.AttachNeedsGate(child);
            if (worker.Restarts > 0) _restarts++;
            unwanted = _terminated || worker.Reason is not null;
        }

        try
        {
            if (Options.StartTimeout != Timeout.InfiniteTimeSpan) Deadlines.Add(Options.StartTimeout, worker);
            if (unwanted) child.Kill();
            worker.StartReader();
        }
        catch (SystemLimitException exception)
        {
            child.Kill(); // without a thread to listen to it, it is of no use
            child.Collect();
            StartFailed(worker, exception);
            child.Dispose();
            return;
        }

        Options.Faults?.InPool?.Invoke(PoolFaultPoint.Spawned, worker);
        worker.Flush();
    }

    /// <summary>The initializer has run. On the worker's reader.</summary>
    internal void WorkerIsReady(WorkerConnection worker)
    {
        bool allReady;
        lock (_gate)
        {
            worker.IsReady = true;
            _backoff.BecameReady();
            if (worker.State == WorkerState.Starting) worker.State = worker.InFlight > 0 ? WorkerState.Busy : WorkerState.Idle;
            FeedNeedsGate(worker);
            allReady = AllAreReadyNeedsGate;
            WatchLeavingNeedsGate(worker);
        }

        worker.Flush();
        if (allReady) _allReady?.TrySetResult();
        if (_closed || Options.StandbyWorkers > 0) Tend();
        else LetIn();
    }

    /// <summary>The initializer threw. The worker ends by itself; its end is dealt with when it comes.</summary>
    internal void WorkerFailedToStart(WorkerConnection worker, Exception exception)
    {
        lock (_gate)
        {
            worker.Reason = WorkerExitReason.StartFailed;
            worker.StartFailure = new WorkerStartException($"The initializer of pool {Options.Name} failed in worker {worker.Id}: {exception.Message}", exception);
        }
    }

    /// <summary>Code in a worker has logged something. On its reader.</summary>
    internal void Log(WorkerConnection worker, long call, ReadOnlyMemory<byte> entry)
    {
        try
        {
            WorkerLog.Replay(Options.LoggerFactory, Options.Name, worker.Id, call, entry.Span);
        }
        catch (Exception exception) when (exception is not InvalidDataException)
        {
            // An exception that could not be read, for example: no reason to end the worker.
        }
    }

    /// <summary>A reporter threw: its call goes on.</summary>
    internal override void ReportFailed(Exception exception) => Say(logger => PoolLog.HandlerFailed(logger, Options.Name, "IProgress<T>.Report", exception));

    internal void ExitHookFailed(WorkerConnection worker, Exception exception) => Say(logger => PoolLog.ExitHookFailed(logger, Options.Name, worker.Id, exception));

    /// <summary>A start has taken too long.</summary>
    internal void StartIsDue(WorkerConnection worker)
    {
        lock (_gate)
        {
            if (worker.IsReady || !_workers.Contains(worker)) return;
            if (worker.IsDebugged)
            {
                Deadlines.Add(Options.StartTimeout, worker);
                return;
            }

            worker.Reason ??= WorkerExitReason.StartFailed;
            worker.StartFailure ??= new WorkerStartException(
                $"Worker {worker.Id} of pool {Options.Name} was not ready after {Options.StartTimeout} ({nameof(ProcessPoolOptions.StartTimeout)}).");
        }

        worker.Kill();
    }

    private void StartFailed(WorkerConnection worker, Exception exception)
    {
        lock (_gate)
        {
            worker.Reason = WorkerExitReason.StartFailed;
            worker.LacksResources = exception is SystemLimitException;
            worker.StartFailure = exception as WorkerStartException
                ?? new WorkerStartException($"Worker {worker.Id} of pool {Options.Name} could not be started: {exception.Message}", exception);
        }

        WorkerIsGone(worker, ExitStatus.Unknown, null, null);
    }

    /// <summary>The process has ended and said all it had to say. On its reader, or where its start failed.</summary>
    /// <param name="worker">Which.</param>
    /// <param name="status">How its process ended.</param>
    /// <param name="announcedExitCode">The code that it had said it would exit with.</param>
    /// <param name="found">Why it was ended, if its reader did that.</param>
    internal void WorkerIsGone(WorkerConnection worker, ExitStatus status, int? announcedExitCode, WorkerExitReason? found)
    {
        List<(PendingCall Call, bool Started)> calls;
        WorkerExitReason reason;
        List<(PendingCall Call, Exception Error)> failed = [];
        ChildProcess? child;
        lock (_gate)
        {
            _workers.Remove(worker);
            _ending++;
            if (worker.IsStandby) _standby--;
            else if (!worker.IsSurplus && _vacant.Count < _target - ActiveNeedsGate) _vacant.Push(worker.ProcessId == 0 ? worker.Restarts : worker.Restarts + 1);
            calls = worker.TakeAllNeedsGate();
            reason = worker.Reason ?? found ?? WorkerExit.Explain(worker.State, status, announcedExitCode);
            bool wasStarted = calls.Exists(static call => call.Started);
            if (reason == WorkerExitReason.Left && wasStarted) reason = WorkerExitReason.ProtocolError; // it left in good order and owed an answer
            bool ownEnd = reason is WorkerExitReason.Crashed or WorkerExitReason.Killed or WorkerExitReason.Exited or WorkerExitReason.ProtocolError;
            if (!worker.IsReady && reason != WorkerExitReason.Terminated) NoteFailedStartNeedsGate(worker, status, reason);
            else if (worker.Answered == 0 && !wasStarted && ownEnd) _backoff.Failed(worker.Id); // it was of no use to anybody
            if (!worker.LacksResources && !_workers.Exists(static other => other.IsReady)) _backoff.LetGo(); // what waits shall get a worker now, or the reason why not
            _sentByGone += worker.BytesSent;
            _receivedByGone += worker.BytesReceived;
            for (int i = calls.Count - 1; i >= 0; i--)
                SettleNeedsGate(calls[i].Call, calls[i].Started, i == 0 && !wasStarted && worker.IsReady, worker, status, reason, failed);
            child = worker.DetachNeedsGate();
            if (_broken is not null) DrainNeedsGate(failed, _broken);
            else if (worker.LacksResources) LackResourcesNeedsGate(worker.StartFailure!, failed);
        }

        worker.EndChannel(child); // who hears of its end finds nothing of it
        if (_captures) Output.Forget(worker.Id);
        for (int i = failed.Count - 1; i >= 0; i--) EndLost(failed[i].Call, failed[i].Error);
        worker.EndSharing();
        lock (_gate) _ending--;
        Tend();
        if (_events.WorkerExited is not null) _exits.Post(() => RaiseExited(worker, status, reason));
    }

    // Three starts in a row without one success: the next would fail too. An initializer that throws will throw again. Beside workers that run, starts
    // are tried again, at longer and longer intervals.
    private void NoteFailedStartNeedsGate(WorkerConnection worker, ExitStatus status, WorkerExitReason reason)
    {
        _backoff.Failed(worker.Id);
        if (worker.LacksResources)
        {
            _allReady?.TrySetException(worker.StartFailure!);
            return;
        }

        bool certain = worker.StartFailure is not null;
        WorkerStartException failure = worker.StartFailure ?? new WorkerStartException(
            $"Worker {worker.Id} of pool {Options.Name} ended before it was ready ({WorkerExit.Describe(status)}). " +
            $"Its standard error ends: {worker.StandardErrorEnd.Trim()}");
        if (!certain && _backoff.InARow < (reason == WorkerExitReason.Killed ? MostKilledStarts : MostFailedStarts)) return;
        _allReady?.TrySetException(failure);
        if (!_workers.Exists(static other => other.IsReady)) _broken = failure;
    }

    private void DrainNeedsGate(List<(PendingCall Call, Exception Error)> failed, Exception cause)
    {
        int first = failed.Count;
        while (_queue.TryTake(out PendingCall call))
        {
            call.State = CallState.Ended;
            failed.Add((call, new WorkerStartException($"Pool {Options.Name} has no workers and can't start any: {cause.Message}", cause)));
        }

        failed.Reverse(first, failed.Count - first);
    }

    /// <summary>Starts what is missing, sends away what is not needed, ends what has nothing left.</summary>
    private void Tend()
    {
        List<WorkerConnection>? started = null;
        List<WorkerConnection>? toFlush = null;
        bool workersGone, gone;
        lock (_gate)
        {
            bool done = _closed && !MapsAreOpenNeedsGate && _queue.Count == 0 && _workers.TrueForAll(static worker => worker.InFlight == 0);
            if (done || _broken is not null)
            {
                foreach (WorkerConnection worker in _workers)
                {
                    if (worker.State == WorkerState.Leaving || worker.InFlight > 0) continue;
                    worker.IsSurplus = true;
                    LeaveNeedsGate(worker);
                    (toFlush ??= []).Add(worker);
                }
            }
            else
            {
                // What came back from a lost worker goes to one that has nothing to do; no answer of its own would bring it there.
                while (_queue.Count > 0 && TakeIdleNeedsGate() is { } idle)
                {
                    FeedNeedsGate(idle);
                    if (idle.InFlight == 0) break;
                    (toFlush ??= []).Add(idle);
                }

                while (WaitingNeedsGate() > 0 && ActiveNeedsGate < _target && PromoteNeedsGate() is { } promoted)
                {
                    FeedNeedsGate(promoted);
                    (toFlush ??= []).Add(promoted);
                }

                // One start for each call that still waits; those that are starting without a call will take one each.
                // Whoever waits until all are ready waits for those, too, that replace the ones that failed to start.
                int missing = _allReady is { Task.IsCompleted: false }
                    ? _target - ActiveNeedsGate
                    : WaitingNeedsGate() - _workers.Count(static worker => worker is { IsReady: false, InFlight: 0 });
                while (missing-- > 0 && ActiveNeedsGate < _target && StartOneNeedsGate() is { } worker)
                {
                    (started ??= []).Add(worker);
                    if (_queue.TryTake(out PendingCall call)) worker.SendNeedsGate(call);
                }

                if (AllAreReadyNeedsGate) _allReady?.TrySetResult(); // the one that was missing is gone
                if (!_closed && _workers.Exists(static worker => worker.IsReady)) StartStandbyNeedsGate(ref started);
            }

            workersGone = _closed && !MapsAreOpenNeedsGate && _workers.Count == 0 && _ending == 0 && (_queue.Count == 0 || _broken is not null);
            gone = workersGone && (_posted == 0 || _terminated); // a reporter that never returns is not waited for for ever
            if (gone && _terminated && !_goneIsWatched)
            {
                _goneIsWatched = true;
                Deadlines.Add(LongestDelivery, new GoneWatch(this));
            }

            if (workersGone) _allReady?.TrySetException(new InvalidOperationException($"Pool {Options.Name} was closed, and has ended before all of its workers were ready."));
        }

        if (started is not null) foreach (WorkerConnection worker in started) Launch(worker);
        if (toFlush is not null) foreach (WorkerConnection worker in toFlush) worker.Flush();
        LetIn();
        if (workersGone) _workersGone.TrySetResult();
        if (gone) Output.Complete(OutputIsDelivered);
    }

    /// <summary>Calls in the queue, and those that were sent to a worker behind another: who becomes ready takes them over.</summary>
    private int WaitingNeedsGate() => _queue.Count + _workers.Sum(static worker => worker.IsReady ? Math.Max(0, worker.InFlight - 1) : 0);

    private void RaiseExited(WorkerConnection worker, ExitStatus status, WorkerExitReason reason)
    {
        try
        {
            _events.RaiseExited(new WorkerExitedEventArgs
            {
                WorkerId = worker.Id,
                ProcessId = worker.ProcessId,
                ExitCode = status.ExitCode,
                Signal = status.SignalName,
                Reason = reason,
            });
        }
        catch (Exception exception)
        {
            Say(logger => PoolLog.HandlerFailed(logger, Options.Name, nameof(ProcessPool.WorkerExited), exception));
        }
    }
}
