using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp;

/// <summary>How a <see cref="ProcessPool"/> is made. The pool's constructor copies and checks it.</summary>
public sealed class ProcessPoolOptions
{
    private static int s_pools;

    private string? _name;
    private int? _minWorkers;
    private int? _threadsPerWorker;

    /// <summary>A name that tags every metric, span and log line of the pool. By default <c>pool-1</c>, <c>pool-2</c> and so on.</summary>
    public string Name
    {
        get => _name ??= "pool-" + Interlocked.Increment(ref s_pools).ToString(CultureInfo.InvariantCulture);
        set => _name = value;
    }

    /// <summary>How many worker processes there may be. By default <see cref="Environment.ProcessorCount"/>.</summary>
    public int Workers { get; set; } = System.Environment.ProcessorCount;

    /// <summary>How far an idle pool shrinks, with <see cref="IdleTimeout"/>. By default <see cref="Workers"/>: it does not, nor after <see cref="ProcessPool.Resize"/>.</summary>
    public int MinWorkers
    {
        get => _minWorkers ?? Workers;
        set => _minWorkers = value;
    }

    /// <summary>How long a worker above <see cref="MinWorkers"/> may be idle before it leaves. By default for ever.</summary>
    public TimeSpan IdleTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How many processors one worker shall use: its <c>DOTNET_PROCESSOR_COUNT</c>, <c>OMP_NUM_THREADS</c> and the like, unless these are set already.
    /// By default the processors divided by <see cref="Workers"/>, and at least 1.
    /// </summary>
    public int ThreadsPerWorker
    {
        get => _threadsPerWorker ?? Math.Max(1, System.Environment.ProcessorCount / Math.Max(1, Workers));
        set => _threadsPerWorker = value;
    }

    /// <summary>Runs once in every worker before its first call. By default nothing.</summary>
    public Action? Initializer { get; set; }

    /// <summary>Runs in a worker that leaves in good order, for as long as <see cref="WorkerExitingTimeout"/> allows. By default nothing.</summary>
    public Action? WorkerExiting { get; set; }

    /// <summary>After so many calls a worker is replaced. By default never.</summary>
    public int? MaxCallsPerWorker { get; set; }

    /// <summary>A worker that holds more resident bytes than this between two calls is replaced. By default never.</summary>
    public long? MaxWorkerMemory { get; set; }

    /// <summary>
    /// How many bytes a worker may hold during a call. Enforced while the call runs, by heap limit and watch on resident memory: the call fails with
    /// <see cref="WorkerExitReason.MemoryLimit"/> and the worker is replaced, as is one that holds more when it has answered. By default no limit of its own; where a container limits memory, the heaps of
    /// the workers share three quarters of it with this process.
    /// </summary>
    public long? WorkerMemoryLimit { get; set; }

    /// <summary>How many accepted calls may wait, those that run not counted. Maps pace themselves: they are not held up, and take no room. By default <see cref="int.MaxValue"/>: as many as memory holds.</summary>
    public int QueueCapacity { get; set; } = int.MaxValue;

    /// <summary>What happens to a call when the queue is full. By default it waits.</summary>
    public QueueFullMode QueueFullMode { get; set; }

    /// <summary>How many further workers stand ready to replace a lost one at once. By default none.</summary>
    public int StandbyWorkers { get; set; }

    /// <summary>How long a cancelled or timed-out call may still run before its worker is killed. By default 2 seconds.</summary>
    public TimeSpan CancellationGracePeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a worker may take from the start of its process to the end of the initializer. By default 30 seconds.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a worker that was told to leave, and has no call any more, may take for <see cref="WorkerExiting"/> and the end of its process.
    /// It is then killed, which is logged and reported with <see cref="WorkerExitReason.ExitTimeout"/>. By default 5 seconds.
    /// </summary>
    public TimeSpan WorkerExitingTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long disposal waits for accepted calls before it terminates the pool. By default 10 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How calls are run that say nothing else. By default: no timeout, no retries, priority 0, no name.</summary>
    public CallOptions CallDefaults { get; set; } = new();

    /// <summary>Variables of the workers' environment: added to this process's own, or removed where the value is null. By default none.</summary>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The folder that workers start in. By default this process's own.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>What becomes of a worker's standard output. By default it is inherited.</summary>
    public WorkerOutput StandardOutput { get; set; }

    /// <summary>What becomes of a worker's standard error. By default it is inherited. Its last 4 KiB are kept for <see cref="WorkerCrashedException"/> in any case.</summary>
    public WorkerOutput StandardError { get; set; }

    /// <summary>What carries arguments, results and captured variables. By default the library's own field codec.</summary>
    public IPayloadSerializer Serializer { get; set; } = Serialization.FieldCodec.Default;

    /// <summary>Where the pool and its workers log. By default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>What shall go wrong, for tests; null otherwise, and nothing else switches it on.</summary>
    internal Processes.Faults.FaultPlan? Faults { get; set; }

    /// <summary>The serializer, unless it is our own.</summary>
    internal IPayloadSerializer? CustomSerializer => ReferenceEquals(Serializer, Serialization.FieldCodec.Default) ? null : Serializer;

    /// <summary>The longest that what a worker says unasked waits for its reader, which stands aside while one led call follows the other.</summary>
    internal TimeSpan LongestAside { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary><see cref="MinWorkers"/>, if it was set.</summary>
    internal int? LeastWorkers => _minWorkers;

    /// <summary>How often the memory of workers that run calls is looked at, with <see cref="WorkerMemoryLimit"/>.</summary>
    internal TimeSpan MemoryWatchPeriod { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>A checked copy, which later changes of the original do not reach.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the property and the value.</exception>
    internal ProcessPoolOptions CopyChecked()
    {
        ProcessPoolOptions copy = new()
        {
            Name = Name,
            Workers = Workers,
            _minWorkers = _minWorkers,
            IdleTimeout = IdleTimeout,
            _threadsPerWorker = _threadsPerWorker,
            Initializer = Initializer,
            WorkerExiting = WorkerExiting,
            MaxCallsPerWorker = MaxCallsPerWorker,
            MaxWorkerMemory = MaxWorkerMemory,
            WorkerMemoryLimit = WorkerMemoryLimit,
            QueueCapacity = QueueCapacity,
            QueueFullMode = QueueFullMode,
            StandbyWorkers = StandbyWorkers,
            CancellationGracePeriod = CancellationGracePeriod,
            StartTimeout = StartTimeout,
            WorkerExitingTimeout = WorkerExitingTimeout,
            ShutdownTimeout = ShutdownTimeout,
            Faults = Faults,
            CallDefaults = CallDefaults,
            WorkingDirectory = WorkingDirectory,
            StandardOutput = StandardOutput,
            StandardError = StandardError,
            Serializer = Serializer,
            LoggerFactory = LoggerFactory,
            LongestAside = LongestAside,
            MemoryWatchPeriod = MemoryWatchPeriod,
        };
        foreach ((string name, string? value) in Environment) copy.Environment[name] = value;
        copy.Check();
        return copy;
    }

    private void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name, nameof(Name));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Workers, nameof(Workers));
        ArgumentOutOfRangeException.ThrowIfNegative(MinWorkers, nameof(MinWorkers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinWorkers, Workers, nameof(MinWorkers));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ThreadsPerWorker, nameof(ThreadsPerWorker));
        if (MaxCallsPerWorker is { } calls) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(calls, nameof(MaxCallsPerWorker));
        if (MaxWorkerMemory is { } kept) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kept, nameof(MaxWorkerMemory));
        if (WorkerMemoryLimit is { } limit) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(WorkerMemoryLimit));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueueCapacity, nameof(QueueCapacity));
        ArgumentOutOfRangeException.ThrowIfNegative(StandbyWorkers, nameof(StandbyWorkers));
        CheckDefined(QueueFullMode, QueueFullMode is QueueFullMode.Wait or QueueFullMode.Reject, nameof(QueueFullMode));
        CheckDefined(StandardOutput, IsDefined(StandardOutput), nameof(StandardOutput));
        CheckDefined(StandardError, IsDefined(StandardError), nameof(StandardError));
        CheckTime(IdleTimeout, nameof(IdleTimeout), mayBeZero: false);
        CheckTime(CancellationGracePeriod, nameof(CancellationGracePeriod), mayBeZero: true);
        CheckTime(StartTimeout, nameof(StartTimeout), mayBeZero: false);
        CheckTime(WorkerExitingTimeout, nameof(WorkerExitingTimeout), mayBeZero: false);
        CheckTime(ShutdownTimeout, nameof(ShutdownTimeout), mayBeZero: true);
        ArgumentNullException.ThrowIfNull(CallDefaults, nameof(CallDefaults));
        ArgumentNullException.ThrowIfNull(Serializer, nameof(Serializer));
        ArgumentNullException.ThrowIfNull(LoggerFactory, nameof(LoggerFactory));
        CallDefaults.Validate();
        foreach (string name in Environment.Keys)
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
                throw new ArgumentException($"'{name}' is no name of an environment variable.", nameof(Environment));
        if (WorkingDirectory is not null && !Directory.Exists(WorkingDirectory))
            throw new ArgumentException($"There is no folder '{WorkingDirectory}'.", nameof(WorkingDirectory));
    }

    // Not Enum.IsDefined, which would have to be compiled before the first worker starts.
    private static bool IsDefined(WorkerOutput output) => output is WorkerOutput.Inherit or WorkerOutput.Capture or WorkerOutput.Discard;

    private static void CheckDefined<T>(T value, bool isDefined, string name) where T : struct, Enum
    {
        if (!isDefined) throw new ArgumentOutOfRangeException(name, value, $"{name} is one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    private static void CheckTime(TimeSpan value, string name, bool mayBeZero)
    {
        bool right = value == Timeout.InfiniteTimeSpan || value > TimeSpan.Zero || (mayBeZero && value == TimeSpan.Zero);
        if (!right || value.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {(mayBeZero ? "zero or more" : "more than zero")}, at most 24 days, or Timeout.InfiniteTimeSpan.");
    }
}
