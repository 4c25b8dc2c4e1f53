using System.Collections.Concurrent;
using GilSharp.Processes.Faults;

namespace GilSharp.Tests.Processes.Chaos;

/// <summary>One run: callers that make calls of all kinds, and others that kill, stop, resize, while workers and pool have faults of their own.</summary>
/// <remarks>
/// Every call is checked against what the ledger says. Without retries no call and no item ever begins twice; one that never started never began; one
/// with a result began as often as it says. Who waits longer than <see cref="Patience"/> has found a hang.
/// </remarks>
internal sealed partial class ChaosRun : IDisposable
{
    private const int Callers = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    private readonly int _seed;
    private readonly string _path;
    private readonly Ledger _ledger;
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ProcessPool _pool;
    private readonly ConcurrentDictionary<int, bool> _processes = new();
    private int _lastCall;
    private volatile Exception? _failure;

    internal ChaosRun(int seed, string folder)
    {
        _seed = seed;
        _path = Path.Combine(folder, "ledger");
        _ledger = new Ledger(_path);
        _pool = new ProcessPool(Options(4));
        _pool.WorkerExited += (_, args) =>
        {
            Count($"worker ended: {args.Reason}");
            _processes[args.ProcessId] = true;
        };
    }

    internal long Calls => _counts.Where(pair => pair.Key.StartsWith("call ", StringComparison.Ordinal)).Sum(pair => pair.Value);

    /// <summary>Ends of worker processes that were not their own in good order.</summary>
    internal long Kills => _counts.Where(pair => pair.Key.StartsWith("worker ended", StringComparison.Ordinal) && !pair.Key.EndsWith("Left", StringComparison.Ordinal)).Sum(pair => pair.Value);

    internal IEnumerable<int> Processes => _processes.Keys;

    internal string Report =>
        string.Join(Environment.NewLine, _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value,10}  {pair.Key}"));

    internal async Task Run(TimeSpan time)
    {
        await _pool.StartAsync().WaitAsync(Patience);
        _stop.CancelAfter(time);
        Task[] all =
        [
            .. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Loop(new Random(_seed + caller), MakeCall))),
            Task.Run(() => Loop(new Random(_seed + 100), Kill)),
            Task.Run(() => Loop(new Random(_seed + 101), Resize)),
            Task.Run(() => Loop(new Random(_seed + 102), UseAnotherPool)),
        ];
        await Task.WhenAll(all);
        if (_failure is not null)
            throw new AssertFailedException($"Seed {_seed}: {_failure.Message}{Environment.NewLine}{Report}");
        await End();
    }

    // The pool is as usable as before, and what it counts adds up: each call that it accepted has ended once.
    private async Task End()
    {
        Random random = new(_seed);
        for (int i = 0; i < 20; i++) await Checked(NextCall(), retries: 0, static (pool, call) => pool.ApplyAsync(ChaosWork.Tiny, call), random);
        ProcessPoolStatistics statistics = _pool.GetStatistics();
        long accepted = _pool.LastCallId, ended = statistics.Completed + statistics.Failed + statistics.Cancelled;
        Assert.AreEqual(accepted, ended, $"Of {accepted} accepted calls {ended} have ended (seed {_seed}): {statistics}");
        Assert.AreEqual(0, statistics.Queued + statistics.Running, "Calls are counted that have ended.");
        await _pool.DisposeAsync().AsTask().WaitAsync(Patience);
        _counts["calls accepted by the pool, chunks of maps among them"] = accepted;
        _counts["starts that failed"] = statistics.FailedStarts;
        _counts["lost"] = accepted - ended;
    }

    private async Task Loop(Random random, Func<Random, Task> step)
    {
        try
        {
            while (!_stop.IsCancellationRequested && _failure is null) await step(random);
        }
        catch (Exception exception)
        {
            _failure ??= new AssertFailedException($"{exception}{Environment.NewLine}{_pool.GetStatistics()}{Environment.NewLine}{string.Join(Environment.NewLine, _pool.Workers)}");
        }
    }

    private ProcessPoolOptions Options(int workers)
    {
        string path = _path;
        Random random = new(_seed + 200);
        return new ProcessPoolOptions
        {
            Workers = workers,
            StandbyWorkers = workers > 1 ? 1 : 0,
            MaxCallsPerWorker = 5000,
            StandardError = WorkerOutput.Discard,
            CancellationGracePeriod = TimeSpan.FromMilliseconds(30),
            WorkerExitingTimeout = TimeSpan.FromSeconds(10), // a busy machine's, not the worker's, would lose a call otherwise
            ShutdownTimeout = Patience,
            StartTimeout = Patience,
            Initializer = () => Ledger.Open(path),
            Faults = new FaultPlan { Seed = _seed, InWorkers = [.. Rules()], InPool = (point, worker) => Disturb(random, point, worker) },
        };
    }

    private static IEnumerable<FaultRule> Rules()
    {
        FaultAction[] deaths = [FaultAction.Exit, FaultAction.FailFast, FaultAction.SegmentationFault, FaultAction.StackOverflow, FaultAction.Kill];
        foreach (FaultPoint point in (FaultPoint[])[FaultPoint.Claiming, FaultPoint.ReadingArguments, FaultPoint.BeforeAnswer, FaultPoint.WithinAnswer, FaultPoint.AfterAnswer, FaultPoint.Idle])
        {
            foreach (FaultAction death in deaths) yield return new FaultRule(point, death) { Probability = 0.00002 };
            yield return new FaultRule(point, FaultAction.Kill) { Probability = 0.0001 };
            if (point != FaultPoint.Idle) yield return new FaultRule(point, FaultAction.Delay) { Probability = 0.001, Milliseconds = 2 };
            if (point == FaultPoint.Claiming) yield return new FaultRule(point, FaultAction.Delay) { Probability = 0.001, Milliseconds = 50 };
        }

        foreach (FaultAction corruption in Enum.GetValues<FaultAction>().Where(action => action > FaultAction.Delay))
            yield return new FaultRule(FaultPoint.BeforeAnswer, corruption) { Probability = 0.00003 };
        yield return new FaultRule(FaultPoint.Starting, FaultAction.Kill) { Probability = 0.01 };
        yield return new FaultRule(FaultPoint.Initializing, FaultAction.Exit) { Probability = 0.01 };
        yield return new FaultRule(FaultPoint.Leaving, FaultAction.Kill) { Probability = 0.2 };
        yield return new FaultRule(FaultPoint.Leaving, FaultAction.Delay) { Probability = 0.01, Milliseconds = 20_000 };
    }

    private static void Disturb(Random random, PoolFaultPoint point, GilSharp.Processes.Engine.WorkerConnection worker)
    {
        double dice;
        lock (random) dice = random.NextDouble();
        switch (point)
        {
            case PoolFaultPoint.Spawned when dice < 0.01: worker.Kill(); break;
            case PoolFaultPoint.Sending when dice < 0.0001: worker.Kill(); break;
            case PoolFaultPoint.Sent when dice < 0.0001: worker.Kill(); break;
            case PoolFaultPoint.Sent when dice < 0.00015: worker.SendRaw([0, 1, 2, 3, 4, 5, 6, 7]); break;
            case PoolFaultPoint.Sending or PoolFaultPoint.Sent or PoolFaultPoint.Received or PoolFaultPoint.Ended when dice > 0.999: Thread.Sleep(1); break;
            case PoolFaultPoint.Received when dice > 0.99: Thread.Yield(); break;
        }
    }

    private int NextCall() => Interlocked.Increment(ref _lastCall) % Ledger.Entries;

    private void Count(string what) => _counts.AddOrUpdate(what, 1, static (_, count) => count + 1);

    public void Dispose()
    {
        _stop.Dispose();
        _ledger.Dispose();
    }
}
