using System.Reflection;
using System.Runtime.CompilerServices;
using GilSharp.Ipc;
using GilSharp.Processes.Engine;
using GilSharp.Races.Exploring;
using GilSharp.Races.Seam;

namespace GilSharp.Races.Scenarios;

/// <summary>Who reads the answers: the connection's reader, or a thread that leads its own call. Every answer is read, by one of them.</summary>
internal static class LedScenarios
{
    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("led: a call that nobody leads, while the reader stands aside", "it is answered", static stage => Play(stage, led: 0, others: 1)) { Bounds = new(1, 1) },
        new("led: a leader that gives up", "the reader reads its answer", static stage => Play(stage, led: 1, others: 0, isSlow: true)) { Bounds = new(1, 1) },
        new("led: a leader and another call", "both are answered", static stage => Play(stage, led: 1, others: 1)) { Bounds = new(0, 1) },
        new("led: two leaders", "both calls are answered", static stage => Play(stage, led: 2, others: 0)) { Bounds = new(0, 1) },
        new("led: a worker that dies under a leader", "the reader ends when nobody reads any more, and the call fails", static stage => Play(stage, led: 1, others: 0, dies: true)) { Bounds = new(1, 1) },
    ];

    private static void Play(Stage stage, int led, int others, bool isSlow = false, bool dies = false)
    {
        PlayedCall.Forget();
        LedWorker worker = new(stage, isSlow, dies);
        List<PlayedCall> calls = [];
        for (int i = 0; i < led + others; i++)
        {
            PlayedCall call = new() { IsLed = i < led };
            calls.Add(call);
            stage.Actor(call.IsLed ? $"leader {i}" : $"caller {i}", () => worker.Call(call));
        }

        stage.Play();
        foreach (PlayedCall call in calls)
        {
            stage.Check(call.Outcome == (dies ? "failed" : "succeeded"), $"each call ends once, not: {call.Outcome}");
            stage.Check(call.TimesStarted <= 1, "it is started once at most");
        }
    }

    /// <summary>A connection that stands ready, its reader about to step aside, and the process at its other end.</summary>
    private sealed unsafe class LedWorker
    {
        private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

        private static readonly FieldInfo WorkersOf = typeof(PoolEngine).GetField("_workers", Hidden)!;
        private static readonly FieldInfo IdleOf = typeof(PoolEngine).GetField("_idle", Hidden)!;
        private static readonly FieldInfo LedOf = typeof(WorkerConnection).GetField("_led", Hidden)!;
        private static readonly FieldInfo FrameReaderOf = typeof(WorkerConnection).GetField("_reader", Hidden)!;
        private static readonly Func<WorkerConnection, bool> TryTakeRole = Method<Func<WorkerConnection, bool>>(nameof(TryTakeRole));
        private static readonly Func<WorkerConnection, bool> StaysAside = Method<Func<WorkerConnection, bool>>(nameof(StaysAside));
        private static readonly Action<WorkerConnection> GiveUpRole = Method<Action<WorkerConnection>>(nameof(GiveUpRole));
        private static readonly Action<WorkerConnection> KeepRole = Method<Action<WorkerConnection>>(nameof(KeepRole));
        private static readonly Action<WorkerConnection> Dispatch = Method<Action<WorkerConnection>>(nameof(Dispatch));

        private readonly PoolEngine _engine;
        private readonly WorkerConnection _worker;
        private readonly PlayedChannel _channel = new();
        private readonly Execution _execution;

        internal LedWorker(Stage stage, bool isSlow, bool dies)
        {
            _execution = stage.Execution;
            _execution.Channel = _channel;
            _engine = new PoolEngine(
                new ProcessPoolOptions { Workers = 1, StartTimeout = Timeout.InfiniteTimeSpan, CancellationGracePeriod = Timeout.InfiniteTimeSpan, Name = "led" },
                new PoolEvents(),
                workerProgram: null);
            PlayedPool.PlayedWorker place = PlayedPool.PlaceOf(0);
            StatusPage page = StatusPageScenarios.PageAt(place.Page);
            _worker = new WorkerConnection(_engine, 1, 0) { State = WorkerState.Idle, IsReady = true };
            _worker.AttachNeedsGate(PlayedPool.ChildAt(page, place));
            ((List<WorkerConnection>)WorkersOf.GetValue(_engine)!).Add(_worker);
            ((Stack<WorkerConnection>)IdleOf.GetValue(_engine)!).Push(_worker);
            LedOf.SetValue(_worker, 4); // as after some led calls
            _execution.Add("process", isDaemon: true, () => Live(page, place, isSlow, dies));
            _execution.Add("reader", isDaemon: true, Read);
        }

        /// <summary>As a pool's Apply, or its ApplyAsync and a wait.</summary>
        internal void Call(PlayedCall call)
        {
            _engine.Accept(call);
            if (call.IsLed && !call.Task.IsCompleted && call.Worker is { } worker)
                worker.Lead(call, call.Task);
            _execution.Wait(VirtualThread.Current!, new Condition(() => call.Task.IsCompleted));
        }

        // As WorkerConnection.Read: only the wait for the operating system is played. No time passes that would bring a reader back by itself.
        private void Read()
        {
            VirtualThread me = VirtualThread.Current!;
            while (!_channel.IsEnded)
            {
                if (!PlainSeam.ReadVolatile(ref IsAside(_worker), -1) && TryTakeRole(_worker))
                {
                    int count = Receive();
                    GiveUpRole(_worker);
                    if (count > 0)
                        continue;
                    if (count < 0)
                        break;
                }

                bool aside = StaysAside(_worker);
                _execution.Point(me);
                _execution.Wait(me, new Condition(() => (_channel.HasAnswers && !aside) || _channel.IsWoken || _channel.IsEnded));
                _channel.WasWoken(me);
            }

            KeepRole(_worker);
            while (Receive() > 0)
            {
            }

            _engine.WorkerIsGone(_worker, ExitStatus.Unknown, null, null);
        }

        private int Receive()
        {
            int count = PoolSeam.TryRead(_worker, null!, -1);
            if (count <= 0)
                return count;
            ((FrameReader)FrameReaderOf.GetValue(_worker)!).Received(count);
            Dispatch(_worker);
            return count;
        }

        private void Live(StatusPage page, PlayedPool.PlayedWorker place, bool isSlow, bool dies)
        {
            VirtualThread me = VirtualThread.Current!;
            FrameReader frames = new();
            while (true)
            {
                _execution.Point(me);
                _execution.Wait(me, new Condition(place.HasData));
                frames.Received(place.Read(frames.Room()));
                while (frames.TryRead(out FrameHeader header, out _))
                {
                    if (header.Kind != FrameKind.Call || !page.TryStart(header.Slot, header.CallId))
                        continue;
                    PlayedCall.Started(header.CallId);
                    if (dies)
                    {
                        _channel.End(me);
                        return;
                    }

                    if (isSlow)
                        _execution.Yield(me, 1_000_000);
                    _execution.Point(me);
                    _channel.Write(me, new FrameHeader(FrameKind.Result, header.CallId, header.Slot));
                }
            }
        }

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_isAside")]
        private static extern ref bool IsAside(WorkerConnection connection);

        private static T Method<T>(string name)
            where T : Delegate => typeof(WorkerConnection).GetMethod(name, Hidden)!.CreateDelegate<T>();
    }
}
