using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Worker;

namespace GilSharp;

/// <summary>Runs delegates in child processes, each with a memory and an interpreter of its own, which can crash or be killed without harm to this one.</summary>
/// <remarks>
/// <code>
///                       this process                                 │        a worker process (one of many)
///  await pool.ApplyAsync(f, x) ─► call ─► queue ─► outbox ─► pipe ───┼──► frame ─► f(x) ─► result
///                         task ◄─ result ◄─────── reader ◄─ pipe ────┼──◄ frame ◄─────────┘
///                                                  └──── status page (shared memory: what has started) ────┘
/// </code>
/// Workers start with the first calls, stay, and run one call at a time. A worker that dies fails the one call that it ran; calls that were sent
/// ahead to it go to others, and it is replaced. All members may be used from any thread at once.
/// </remarks>
/// <example>
/// <code>
/// await using ProcessPool pool = new(workers: 2);
/// int length = await pool.ApplyAsync(text => text.Length, "hello");
/// </code>
/// </example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class ProcessPool : WorkerPool
{
    private readonly PoolEngine _engine;
    private readonly PoolEvents _events;

    /// <summary>Makes a pool with one worker per processor.</summary>
    public ProcessPool() : this(new ProcessPoolOptions())
    {
    }

    /// <summary>Makes a pool.</summary>
    /// <param name="workers">How many worker processes there may be.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is 0 or less.</exception>
    public ProcessPool(int workers) : this(new ProcessPoolOptions { Workers = workers })
    {
    }

    /// <summary>Makes a pool. The options are copied: later changes of the object do not reach the pool.</summary>
    /// <param name="options">How the pool is made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the property and the value.</exception>
    /// <exception cref="PlatformNotSupportedException">The operating system is neither Linux, macOS nor Windows.</exception>
    /// <exception cref="WorkerStartException">This process was itself started as a worker, but runs its Main: see <see cref="RunWorkerIfRequested"/>. Or it is a worker in the tenth pool of pools made in workers.</exception>
    public ProcessPool(ProcessPoolOptions options) : this(options, workerProgram: null)
    {
    }

    /// <summary>A pool whose workers are another program that speaks docs/protocol.md: stand-ins, for measurements. Null: this program's own.</summary>
    internal ProcessPool(ProcessPoolOptions options, string? workerProgram) : base(EngineFor(options, workerProgram))
    {
        _engine = (PoolEngine)Engine;
        _events = _engine.Events;
        _events.Sender.SetTarget(this);
    }

    /// <summary>Closes a pool that was dropped without disposal, if no handler of its events refers to it: accepted calls still end, then the workers leave.</summary>
    ~ProcessPool() => _engine?.Close();

    /// <summary>The pool's workers at this moment.</summary>
    public IReadOnlyList<WorkerInfo> Workers => _engine.Workers();

    /// <summary>Raised when a worker process has ended, on a thread of the pool's own.</summary>
    public event EventHandler<WorkerExitedEventArgs>? WorkerExited
    {
        add => _events.WorkerExited += value;
        remove => _events.WorkerExited -= value;
    }

    /// <summary>Raised for what workers print, where the options say <see cref="WorkerOutput.Capture"/>; one piece after the other.</summary>
    public event EventHandler<WorkerOutputEventArgs>? WorkerOutputReceived
    {
        add => _events.WorkerOutputReceived += value;
        remove => _events.WorkerOutputReceived -= value;
    }

    /// <summary>The number of the call that was accepted last: so many were, chunks of maps included.</summary>
    internal long LastCallId => _engine.LastCallId;

    private string DebuggerDisplay
    {
        get
        {
            ProcessPoolStatistics now = _engine.Statistics();
            return $"{_engine.Options.Name}: {now.Workers} workers, {now.Running} running, {now.Queued} queued";
        }
    }

    /// <summary>Starts all workers now and waits until their initializers have run. Without it they start with the first calls.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the starts.</param>
    /// <returns>A task that ends when all workers are ready.</returns>
    /// <exception cref="InvalidOperationException">The pool is closed, or was and ended before its workers were ready.</exception>
    /// <exception cref="WorkerStartException">No worker can be started, or the initializer throws.</exception>
    /// <exception cref="OperationCanceledException">The token was signalled.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _engine.StartAll().WaitAsync(cancellationToken);
    }

    /// <summary>Changes how many workers there may be. Surplus workers leave after the calls that they run.</summary>
    /// <param name="workers">The new number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is 0 or less.</exception>
    /// <exception cref="InvalidOperationException">The pool is closed.</exception>
    public void Resize(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ThrowIfDisposed();
        _engine.Resize(workers);
    }

    /// <summary>Waits until the queue has room, to pace a producer where <see cref="ProcessPoolOptions.QueueCapacity"/> is set; else it does not wait.</summary>
    /// <remarks>Room is not kept for whoever waited: with several producers one of them may still find the queue full.</remarks>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when there is room.</returns>
    /// <exception cref="InvalidOperationException">The pool is closed, or is closed meanwhile.</exception>
    /// <exception cref="WorkerStartException">No worker can be started, or the initializer throws.</exception>
    /// <exception cref="OperationCanceledException">The token was signalled.</exception>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        _engine.ThrowIfNotOpen();
        if (!_engine.HasLimit) return;
        PacedProducer producer = new();
        _engine.AwaitRoom(producer, cancellationToken);
        await producer.Task.ConfigureAwait(false);
    }

    /// <summary>The pool's figures at this moment.</summary>
    /// <returns>A snapshot.</returns>
    public ProcessPoolStatistics GetStatistics() => _engine.Statistics();

    /// <summary>
    /// Turns this process into a worker if a pool started it as one; returns at once otherwise. Needed as the first line of Main only in hosts where
    /// nothing else can start workers, such as trimmed programs; the message of <see cref="WorkerStartException"/> says so.
    /// </summary>
    public static void RunWorkerIfRequested() => WorkerHost.RunIfRequested();

    private static PoolEngine EngineFor(ProcessPoolOptions options, string? workerProgram)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!HostSystem.IsSupported)
            throw new PlatformNotSupportedException("Worker processes need Linux, macOS or Windows.");
        if (WorkerHost.IsStrayWorker)
            throw new WorkerStartException(
                "This process was started as a worker, but runs the program's Main. Call ProcessPool.RunWorkerIfRequested() in the first line of Main.");
        if (WorkerHost.Depth >= WorkerHost.MaxDepth)
            throw new WorkerStartException(
                $"This process is a worker {WorkerHost.Depth} pools deep, and pools in workers lie at most {WorkerHost.MaxDepth} deep. Does the function of a call make a pool for a call of itself? " +
                "Call the function directly here, or through an InlinePool, which starts no processes.");
        return new PoolEngine(options.CopyChecked(), new PoolEvents(), workerProgram);
    }
}
