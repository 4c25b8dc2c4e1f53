using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Ipc.Unix;
using GilSharp.Processes;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Startup;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Scenarios;

/// <summary>The real engine of a pool whose worker processes are played by threads, with the real status page, frames and pipe.</summary>
internal sealed unsafe class PlayedPool
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly List<PlayedWorker> Places = [];
    private static readonly FieldInfo WorkersOf = typeof(PoolEngine).GetField("_workers", Hidden)!;
    private static readonly FieldInfo GoneOf = typeof(PoolEngine).GetField("_workersGone", Hidden)!;
    private static readonly FieldInfo LaunchOf = typeof(PoolEngine).GetField("_launch", Hidden)!;
    private static readonly FieldInfo ChildOf = typeof(WorkerConnection).GetField("_child", Hidden)!;
    private static readonly FieldInfo ReaderOf = typeof(WorkerConnection).GetField("_reader", Hidden)!;
    private static readonly FieldInfo OutboxOf = typeof(WorkerConnection).GetField("_outbox", Hidden)!;
    private static readonly MethodInfo Dispatch = typeof(WorkerConnection).GetMethod("Dispatch", Hidden)!;
    private static readonly Lazy<WorkerLaunch> Launch = new(static () =>
    {
        var launch = (WorkerLaunch)RuntimeHelpers.GetUninitializedObject(typeof(WorkerLaunch));
        typeof(WorkerLaunch).GetField("<EnvironmentToRestore>k__BackingField", Hidden)!.SetValue(launch, Array.Empty<(string, string?)>());
        return launch;
    });

    private readonly Stage _stage;
    private readonly int _crashes;
    private readonly int _failedStarts;
    private int _workers;
    private int _crashed;

    /// <summary>A pool of that many workers, of which the first <paramref name="failedStarts"/> die before they are ready, and the first
    /// <paramref name="crashes"/> of the others of the call that they have started.</summary>
    internal PlayedPool(Stage stage, int workers = 1, int crashes = 0, int failedStarts = 0)
    {
        _stage = stage;
        _crashes = crashes;
        _failedStarts = failedStarts;
        Engine = new PoolEngine(
            new ProcessPoolOptions { Workers = workers, StartTimeout = Timeout.InfiniteTimeSpan, CancellationGracePeriod = Timeout.InfiniteTimeSpan, Name = "played" },
            new PoolEvents(),
            workerProgram: null);
        LaunchOf.SetValue(Engine, Launch);
        stage.Execution.Spawner = done =>
        {
            int number = _workers++;
            stage.Actor($"process {number}", () => Live(done, number));
        };
    }

    internal PoolEngine Engine { get; }

    /// <summary>As who waits for it in Join or Dispose sees it.</summary>
    internal bool IsGone => ((TaskCompletionSource)GoneOf.GetValue(Engine)!).Task.IsCompleted;

    /// <summary>How many workers there are that calls can go to at once.</summary>
    internal int ReadyWorkers => ((List<WorkerConnection>)WorkersOf.GetValue(Engine)!).Count(static worker => worker.IsReady);

    /// <summary>Where that worker is played, as new.</summary>
    internal static PlayedWorker PlaceOf(int number)
    {
        while (Places.Count <= number)
            Places.Add(new PlayedWorker());
        Places[number].Clear();
        return Places[number];
    }

    internal static ChildProcess ChildAt(StatusPage page, PlayedWorker place) => new PlayedChild(page, place.WriteEnd);

    private void Live(Action<ChildProcess?, Exception?> done, int number)
    {
        PlayedWorker place = PlaceOf(number);
        StatusPage page = StatusPageScenarios.PageAt(place.Page);
        ChildProcess child = ChildAt(page, place);
        done(child, null);
        WorkerConnection? worker = null;
        foreach (WorkerConnection one in (List<WorkerConnection>)WorkersOf.GetValue(Engine)!)
        {
            if (ChildOf.GetValue(one) == child)
                worker = one;
        }

        if (worker is null)
            return;
        VirtualThread me = VirtualThread.Current!;
        if (number >= _failedStarts)
            Feed(worker, new FrameHeader(FrameKind.Ready));
        FrameReader frames = new();
        while (worker.IsReady)
        {
            me.Execution.Point(me);
            me.Execution.Wait(me, new Condition(() => me.Execution.Killed.Contains(child) || place.HasData()));
            if (me.Execution.Killed.Contains(child) || !Serve(worker, page, place, frames))
                break;
        }

        ((Outbox)OutboxOf.GetValue(worker)!).Close();
        Engine.WorkerIsGone(worker, ExitStatus.Unknown, null, null);
    }

    // False when it leaves or dies.
    private bool Serve(WorkerConnection worker, StatusPage page, PlayedWorker place, FrameReader frames)
    {
        frames.Received(place.Read(frames.Room()));
        while (frames.TryRead(out FrameHeader header, out _))
        {
            if (header.Kind == FrameKind.Leave)
                return false;
            if (header.Kind != FrameKind.Call || !page.TryStart(header.Slot, header.CallId))
                continue;
            PlayedCall.Started(header.CallId);
            if (_crashed < _crashes)
            {
                _crashed++;
                return false;
            }

            Feed(worker, new FrameHeader(FrameKind.Result, header.CallId, header.Slot));
        }

        return true;
    }

    // What the worker has written to its pipe and the reader reads.
    private static void Feed(WorkerConnection worker, FrameHeader header)
    {
        var reader = (FrameReader)ReaderOf.GetValue(worker)!;
        reader.Received(PlayedChannel.WriteAnswer(header, reader.Room()));
        try
        {
            Dispatch.Invoke(worker, BindingFlags.DoNotWrapExceptions, null, null, null);
        }
        catch (InvalidDataException exception)
        {
            VirtualThread.Current!.Execution.Fail(VirtualThread.Current, $"the reader did not understand: {exception.Message}");
        }
    }

    /// <summary>Where one worker is played: a page and a pipe, used again in each execution.</summary>
    internal sealed class PlayedWorker
    {
        private readonly int _readEnd;

        internal PlayedWorker()
        {
            int* ends = stackalloc int[2];
            if (Libc.pipe2(ends, Libc.O_CLOEXEC | Libc.O_NONBLOCK) != 0)
                throw new IOException("no pipe");
            (_readEnd, WriteEnd) = (ends[0], ends[1]);
            Page = (byte*)NativeMemory.AlignedAlloc(StatusPageScenarios.PageLength, 4096);
        }

        internal byte* Page { get; }

        internal int WriteEnd { get; }

        internal void Clear()
        {
            NativeMemory.Clear(Page, 4096);
            byte* rest = stackalloc byte[4096];
            while (Libc.read(_readEnd, rest, 4096) > 0)
            {
            }
        }

        internal bool HasData()
        {
            Libc.PollEntry entry = new(_readEnd, Libc.POLLIN);
            return Libc.poll(&entry, 1, 0) > 0;
        }

        internal int Read(Span<byte> room)
        {
            fixed (byte* bytes = room)
                return (int)Math.Max(0, Libc.read(_readEnd, bytes, (nuint)room.Length));
        }
    }
}

/// <summary>A call that counts how often it ends.</summary>
internal sealed class PlayedCall : PendingCall
{
    private static readonly FunctionEntry Nothing = new(1, null!, new byte[8], new PayloadCodec(null));
    private static readonly Dictionary<long, int> Starts = [];

    private readonly List<string> _ends = [];
    private readonly TaskCompletionSource _done = new();

    internal PlayedCall() => Function = Nothing;

    internal string Outcome => _ends.Count == 1 ? _ends[0] : _ends.Count == 0 ? "none" : $"several: {string.Join(", ", _ends)}";

    /// <summary>Completed by its end.</summary>
    internal Task Task => _done.Task;

    internal int TimesStarted => Starts.GetValueOrDefault(Id);

    internal Exception? Error { get; private set; }

    internal static void Started(long id) => Starts[id] = Starts.GetValueOrDefault(id) + 1;

    internal static void Forget() => Starts.Clear();

    internal PlayedCall On(CallEngine engine, CancellationToken token, int retries = 0, TimeSpan? timeout = null)
    {
        Terms = new CallTerms(this, engine) { Options = new CallOptions { Retries = retries, Timeout = timeout }, Watch = token.CanBeCanceled ? engine.WatchOf(token) : null };
        if (timeout is not null)
            Flags |= CallFlags.Watched;
        return this;
    }

    internal override void Succeed(ReadOnlyMemory<byte> payload, CallFlags flags) => End("succeeded");

    internal override Action Read(ReadOnlyMemory<byte> payload, CallFlags flags) => () => End("succeeded");

    internal override void Fail(Exception exception)
    {
        Error = exception;
        End("failed");
    }

    internal override void Cancel(CancellationToken token) => End("cancelled");

    private void End(string how)
    {
        _ends.Add(how);
        _done.TrySetResult();
    }
}
