using GilSharp.Races.Exploring;

namespace GilSharp.Races.Scenarios;

/// <summary>The global interpreter lock: entering, giving up, handing over.</summary>
internal static partial class LockScenarios
{
    private static readonly System.Reflection.FieldInfo Word =
        typeof(GlobalInterpreterLock).GetField("_word", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!;

    // A waiter on deck spins for 50 µs: two rounds.
    internal static readonly ExecutionSettings Spinning = new(CanSpin: true);

    internal static readonly ExecutionSettings Ticking = new(HasTicker: true, MostSteps: 6000);

    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("lock: two threads, two rounds", "one holder at a time; both get in", static stage => MutualExclusion(stage, threads: 2, rounds: 2)),
        new("lock: three threads", "one holder at a time; all get in", static stage => MutualExclusion(stage, threads: 3, rounds: 1)) { Bounds = new(1, 1) },
        new("lock: spinning waiters", "the same while waiters spin before they sleep", static stage => MutualExclusion(stage, threads: 2, rounds: 1)) { Settings = Spinning },
        new("lock: a timeout", "in time or not at all; who gave up is not waited for", Timeouts),
        new("lock: two timeouts", "the baton passes by those who gave up", TwoTimeouts) { Bounds = new(1, 1) },
        new("lock: no waiting", "enters a free lock, is refused by a held one", NoWaiting),
        new("lock: a cancellation", "cancelled or inside, never both", Cancellation),
        new("lock: an interruption", "interrupted outside, or inside and interrupted at the next wait", Interruption),
        new("lock: disposal while one waits", "who waits is refused; who holds leaves", static stage => Disposal(stage, checkpoint: false)),
        new("lock: disposal seen at a checkpoint", "the holder hears of it and no longer holds", static stage => Disposal(stage, checkpoint: true)),
        new("lock: disposal under a holder who stays", "nobody enters after the disposal", DisposalUnderHolder),
        new("lock: a release scope", "others get in meanwhile, and the depth comes back", ReleaseScope),
        new("lock: two release scopes", "both come back", TwoReleaseScopes) { Bounds = new(1, 1) },
        new("lock: a loan", "a lent lock is taken back or taken up, never both", Loan) { Settings = Spinning, Bounds = new(1, 1) },
        new("lock: a loan that gets long", "the waiter ends it", LongLoan) { Settings = Spinning, Bounds = new(1, 1) },
        new("lock: giving way", "a holder that only passes checkpoints is made to let the waiter in", GivingWay) { Settings = Ticking, Bounds = new(1, 1) },
        new("lock: giving way to one who leaves", "a request that was withdrawn is not waited for (cpython#96387)", GivingWayToNobody) { Settings = Ticking, Bounds = new(1, 1) },
        new("lock: giving way while disposed", "who gave way comes back or hears of the disposal", GivingWayWhileDisposed) { Settings = Ticking, Bounds = new(1, 0) },
        new("lock: an owner that ended", "the next hears of it and owns the lock", Abandoned) { Settings = Ticking, Bounds = new(1, 1) },
        new("lock: held time", "the observed doors keep the promise as well", ObservedDoors),
    ];

    private static void MutualExclusion(Stage stage, int threads, int rounds)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        for (int i = 0; i < threads; i++)
        {
            stage.Actor("ABC"[i].ToString(), () =>
            {
                for (int round = 0; round < rounds; round++)
                    Work(gil, guarded);
            });
        }

        stage.Play();
        stage.Check(guarded.Value == threads * rounds, "nobody's work is lost");
        CheckFree(stage, gil);
    }

    private static void Timeouts(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool entered = false;
        stage.Actor("holder", () => Work(gil, guarded));
        stage.Actor("hurried", () => entered = TryWork(gil, guarded, TimeSpan.FromMilliseconds(1)));
        stage.Play();
        stage.Check(guarded.Value == (entered ? 2 : 1), "who was told that it is inside was inside");
        CheckFree(stage, gil);
    }

    private static void TwoTimeouts(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool first = false, second = false;
        stage.Actor("holder", () => Work(gil, guarded));
        stage.Actor("first", () => first = TryWork(gil, guarded, TimeSpan.FromMilliseconds(1)));
        stage.Actor("second", () => second = TryWork(gil, guarded, TimeSpan.FromMilliseconds(2)));
        stage.Play();
        stage.Check(guarded.Value == 1 + (first ? 1 : 0) + (second ? 1 : 0), "who was told that it is inside was inside");
        CheckFree(stage, gil);
    }

    private static void NoWaiting(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool entered = false;
        stage.Actor("holder", () => Work(gil, guarded));
        stage.Actor("prober", () =>
        {
            entered = gil.TryEnter();
            if (!entered)
                return;
            guarded.Value++;
            gil.Exit();
        });
        stage.Play();
        stage.Check(guarded.Value == (entered ? 2 : 1), "who was told that it is inside was inside");
        CheckFree(stage, gil);
    }

    private static void Cancellation(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        CancellationTokenSource source = new();
        bool cancelled = false;
        stage.Actor("holder", () => Work(gil, guarded));
        stage.Actor("waiter", () =>
        {
            try
            {
                gil.Enter(source.Token);
                guarded.Value++;
                gil.Exit();
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
            }
        });
        stage.Actor("canceller", () =>
        {
            stage.Pause();
            source.Cancel();
        });
        stage.Play();
        stage.Check(guarded.Value == (cancelled ? 1 : 2), "cancelled or inside, never both and never neither");
        CheckFree(stage, gil);
    }

    private static void Interruption(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool interrupted = false;
        stage.Actor("holder", () => Work(gil, guarded));
        Thread waiter = stage.Actor("waiter", () =>
        {
            try
            {
                gil.Enter();
                guarded.Value++;
                gil.Exit();
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        stage.Actor("interrupter", () =>
        {
            stage.Pause();
            stage.Interrupt(waiter);
        });
        stage.Play();
        stage.Check(guarded.Value == (interrupted ? 1 : 2), "interrupted or inside, never both and never neither");
        CheckFree(stage, gil);
    }

    private static void Disposal(Stage stage, bool checkpoint)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool refused = false;
        stage.Actor("holder", () =>
        {
            try
            {
                gil.Enter();
                guarded.Value++;
                if (checkpoint)
                    gil.Checkpoint();
                gil.Exit();
            }
            catch (ObjectDisposedException)
            {
                stage.Check(!gil.IsHeldByCurrentThread, "who hears of the disposal no longer holds the lock");
            }
        });
        stage.Actor("waiter", () =>
        {
            try
            {
                gil.Enter();
                guarded.Value++;
                gil.Exit();
            }
            catch (ObjectDisposedException)
            {
                refused = true;
            }
        });
        stage.Actor("disposer", gil.Dispose);
        stage.Play();
        stage.Check(guarded.Value <= 2 && (!refused || guarded.Value < 2), "refused or inside");
        bool late = false;
        try
        {
            gil.Enter();
        }
        catch (ObjectDisposedException)
        {
            late = true;
        }

        stage.Check(late, "nobody enters a disposed lock");
    }

    private static void DisposalUnderHolder(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        bool hasLeft = false;
        Thread disposer = stage.Actor("disposer", () =>
        {
            stage.Pause();
            gil.Dispose();
        });
        stage.Actor("holder", () => IfOpen(() =>
        {
            gil.Enter();
            stage.WaitFor(disposer);
            hasLeft = true;
            gil.Exit();
        }));
        stage.Actor("waiter", () => IfOpen(() =>
        {
            gil.Enter();
            stage.Check(!hasLeft, "nobody enters after the disposal");
            gil.Exit();
        }));
        stage.Play();

        static void IfOpen(Action body)
        {
            try
            {
                body();
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }

    private static void ReleaseScope(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        stage.Actor("leaver", () =>
        {
            gil.Enter();
            gil.Enter();
            guarded.Value++;
            using (gil.ReleaseScope())
                stage.Pause();
            guarded.Value++;
            gil.Exit();
            stage.Check(gil.IsHeldByCurrentThread, "the depth has come back");
            gil.Exit();
        });
        stage.Actor("other", () => Work(gil, guarded));
        stage.Play();
        stage.Check(guarded.Value == 3, "nobody's work is lost");
        CheckFree(stage, gil);
    }

    private static void TwoReleaseScopes(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        for (int i = 0; i < 2; i++)
        {
            stage.Actor("AB"[i].ToString(), () =>
            {
                using GlobalInterpreterLock.Scope scope = gil.EnterScope();
                guarded.Value++;
                using (gil.ReleaseScope())
                    stage.Pause();
                guarded.Value++;
            });
        }

        stage.Play();
        stage.Check(guarded.Value == 4, "nobody's work is lost");
        CheckFree(stage, gil);
    }

    private static void ObservedDoors(Stage stage)
    {
        GlobalInterpreterLock gil = new(new GlobalInterpreterLockOptions { TrackHeldTime = true });
        Plain<int> guarded = new(0);
        stage.Actor("A", () => Work(gil, guarded));
        stage.Actor("B", () => Work(gil, guarded));
        stage.Play();
        stage.Check(guarded.Value == 2, "nobody's work is lost");
        CheckFree(stage, gil);
    }

    internal static void Work(GlobalInterpreterLock gil, Plain<int> guarded)
    {
        gil.Enter();
        guarded.Value++;
        gil.Exit();
    }

    private static bool TryWork(GlobalInterpreterLock gil, Plain<int> guarded, TimeSpan timeout)
    {
        if (!gil.TryEnter(timeout))
            return false;
        guarded.Value++;
        gil.Exit();
        return true;
    }

    /// <summary>Nobody is waited for, nobody has been forgotten, and the next gets in at once.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="gil">The lock.</param>
    /// <param name="mayBeAsked">A request to give way may be left over; the next checkpoint removes it.</param>
    internal static void CheckFree(Stage stage, GlobalInterpreterLock gil, bool mayBeAsked = false)
    {
        stage.Check(!gil.IsHeldByCurrentThread, "it is not the main thread that holds the lock");
        stage.Check(gil.GetStatistics().Waiting == 0, "nobody is in the queue");
        stage.Check(gil.TryEnter(), "the lock is free in the end");
        stage.Check(mayBeAsked || !gil.IsAskedToGiveWay, "nobody is left who asks the holder to give way");
        stage.Check(!gil.Checkpoint(), "nobody asks the holder for anything");
        gil.Exit();
        stage.Check((long)Word.GetValue(gil)! == Locking.LockWord.Free, "the fast doors are open again");
    }
}
