namespace GilSharp.Races.Scenarios;

/// <summary>The global interpreter lock: work items and posted releases, which wait for it without a thread.</summary>
internal static class WorkItemScenarios
{
    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("items: one beside a thread", "it runs once, under the lock", static stage => Items(stage, items: 1, dedicated: false)),
        new("items: two", "each runs once, under the lock", static stage => Items(stage, items: 2, dedicated: false)) { Bounds = new(1, 1) },
        new("items: a dedicated thread", "it runs once, under the lock", static stage => Items(stage, items: 1, dedicated: true)) { Bounds = new(1, 1) },
        new("items: a cancellation", "run or taken back, never both", Cancellation) { Bounds = new(1, 1) },
        new("items: a disposal", "run or refused, never both", Disposal) { Bounds = new(1, 1) },
        new("items: an asynchronous function", "its stretches run under the lock, and its task ends once", AsyncFunction) { Bounds = new(1, 1) },
        new("items: a late pool thread", "threads go first, the item is not lost", LateRunner) { Settings = LockScenarios.Ticking, Bounds = new(1, 1) },
        new("posted: beside a holder", "a posted release runs once, under the lock", static stage => Posted(stage, observed: false)),
        new("posted: beside an observed holder", "the slower doors keep the promise as well", static stage => Posted(stage, observed: true)),
        new("posted: two at once", "each runs once, under the lock, in order of its poster", TwoPosted) { Bounds = new(1, 1) },
        new("posted: before one's own entry", "it has run before the next holder's own code", PostedBeforeEntry),
        new("posted: against a hand-off", "it runs though the lock changes hands", PostedAgainstHandOff) { Bounds = new(2, 0) },
        new("posted: against a release scope", "it runs though the holder leaves", PostedAgainstRelease),
        new("posted: against a disposal", "what was accepted is carried out after the disposal too", PostedAgainstDisposal),
    ];

    private static void Items(Stage stage, int items, bool dedicated)
    {
        GlobalInterpreterLock gil = new(new GlobalInterpreterLockOptions { DedicatedThread = dedicated });
        Plain<int> guarded = new(0);
        Task[] tasks = new Task[items];
        stage.Actor("thread", () => LockScenarios.Work(gil, guarded));
        for (int i = 0; i < items; i++)
        {
            int index = i;
            stage.Actor("caller " + i, () => tasks[index] = gil.RunAsync(() =>
            {
                stage.Check(gil.IsHeldByCurrentThread, "an item runs under the lock");
                guarded.Value++;
            }));
        }

        stage.PlayUntil(() => Array.TrueForAll(tasks, static task => task is { IsCompleted: true }));
        stage.Check(Array.TrueForAll(tasks, static task => task.IsCompletedSuccessfully), "every task ends, and well");
        stage.Check(guarded.Value == items + 1, "each ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void Cancellation(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        CancellationTokenSource source = new();
        Task? task = null;
        stage.Actor("thread", () => LockScenarios.Work(gil, guarded));
        stage.Actor("caller", () => task = gil.RunAsync(() => { guarded.Value++; }, source.Token));
        stage.Actor("canceller", () =>
        {
            stage.Pause();
            source.Cancel();
        });
        stage.Play();
        stage.Check(task!.IsCompleted, "the task ends");
        stage.Check(guarded.Value == (task.IsCanceled ? 1 : 2), "run or taken back, never both");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void Disposal(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        Task? task = null;
        stage.Actor("caller", () => task = gil.RunAsync(() => { guarded.Value++; }));
        stage.Actor("disposer", gil.Dispose);
        stage.Actor("thread", () =>
        {
            try
            {
                LockScenarios.Work(gil, guarded);
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Play();
        stage.Check(task!.IsCompleted, "the task ends");
        stage.Check(task.IsCompletedSuccessfully || task.Exception!.InnerException is ObjectDisposedException, "well, or with the disposal");
        stage.Check(!task.IsCompletedSuccessfully || guarded.Value >= 1, "a task that ended well has run");
    }

    private static void AsyncFunction(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        TaskCompletionSource first = new();
        Task? task = null;
        stage.Actor("caller", () => task = gil.RunAsync(async () =>
        {
            guarded.Value++;
            await first.Task;
            stage.Check(gil.IsHeldByCurrentThread, "the next stretch runs under the lock");
            guarded.Value++;
        }));
        stage.Actor("awaited", () =>
        {
            stage.Pause();
            first.SetResult();
        });
        stage.Play();
        stage.Check(task is { IsCompletedSuccessfully: true }, "the task ends");
        stage.Check(guarded.Value == 2, "each stretch ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void LateRunner(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        Task? task = null;
        stage.Actor("caller", () => task = gil.RunAsync(() => { guarded.Value++; }));
        stage.Actor("thread", () =>
        {
            stage.Work(100);
            LockScenarios.Work(gil, guarded);
        });
        stage.Play();
        stage.Check(task is { IsCompletedSuccessfully: true }, "the task ends");
        stage.Check(guarded.Value == 2, "each ran once");
        LockScenarios.CheckFree(stage, gil, mayBeAsked: true);
    }

    private static void Posted(Stage stage, bool observed)
    {
        GlobalInterpreterLock gil = new(new GlobalInterpreterLockOptions { TrackHeldTime = observed });
        Plain<int> guarded = new(0);
        stage.Actor("holder", () => LockScenarios.Work(gil, guarded));
        stage.Actor("poster", () => gil.Defer(new Release(stage, gil, () => guarded.Value++)));
        stage.Play();
        stage.Check(guarded.Value == 2, "the release ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void TwoPosted(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        Plain<int> second = new(0);
        stage.Actor("holder", () => LockScenarios.Work(gil, guarded));
        stage.Actor("A", () => gil.Defer(new Release(stage, gil, () => guarded.Value++)));
        stage.Actor("B", () =>
        {
            gil.Defer(new Release(stage, gil, () => second.Value++));
            gil.Defer(new Release(stage, gil, () =>
            {
                stage.Check(second.Value == 1, "in the order of their poster");
                guarded.Value++;
            }));
        });
        stage.Play();
        stage.Check(guarded.Value == 3, "each release ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void PostedBeforeEntry(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        Plain<int> posted = new(0);
        stage.Actor("poster", () =>
        {
            gil.Defer(new Release(stage, gil, () => posted.Value++));
            gil.Enter();
            stage.Check(posted.Value == 1, "what was posted before has run");
            gil.Exit();
        });
        stage.Actor("holder", () => LockScenarios.Work(gil, guarded));
        stage.Play();
        stage.Check(posted.Value == 1, "the release ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void PostedAgainstHandOff(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        stage.Actor("holder", () => LockScenarios.Work(gil, guarded));
        stage.Actor("waiter", () => LockScenarios.Work(gil, guarded));
        stage.Actor("poster", () => gil.Defer(new Release(stage, gil, () => guarded.Value++)));
        stage.Play();
        stage.Check(guarded.Value == 3, "the release ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void PostedAgainstRelease(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        stage.Actor("leaver", () =>
        {
            gil.Enter();
            using (gil.ReleaseScope())
                stage.Pause();
            guarded.Value++;
            gil.Exit();
        });
        stage.Actor("poster", () => gil.Defer(new Release(stage, gil, () => guarded.Value++)));
        stage.Play();
        stage.Check(guarded.Value == 2, "the release ran once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void PostedAgainstDisposal(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        stage.Actor("holder", () =>
        {
            try
            {
                gil.Enter();
                gil.Exit();
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Actor("poster", () => gil.Defer(new Release(stage, gil, () => guarded.Value++)));
        stage.Actor("disposer", gil.Dispose);
        stage.Play();
        stage.Check(guarded.Value == 1, "the release ran once");
    }

    private sealed class Release(Stage stage, GlobalInterpreterLock gil, Action body) : Locking.DeferredRelease
    {
        internal override void Run()
        {
            stage.Check(gil.IsHeldByCurrentThread, "a posted release runs under the lock");
            body();
        }
    }
}
