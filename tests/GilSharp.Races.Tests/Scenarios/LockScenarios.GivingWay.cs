namespace GilSharp.Races.Scenarios;

/// <summary>How the lock changes hands before its holder leaves: lent, given way, or because its owner has ended.</summary>
internal static partial class LockScenarios
{
    private static void Loan(Stage stage) => Lend(stage, isLong: false);

    private static void LongLoan(Stage stage) => Lend(stage, isLong: true);

    private static void Lend(Stage stage, bool isLong)
    {
        GlobalInterpreterLock gil = new(new GlobalInterpreterLockOptions { TrackHeldTime = true });
        Plain<int> guarded = new(0);
        Signal wasInside = new();
        stage.Actor("lender", () =>
        {
            gil.Enter();
            // Three short releases make it trustworthy.
            for (int i = 0; i < 3; i++)
                gil.ReleaseScope().Dispose();
            guarded.Value++;
            using (gil.ReleaseScope())
            {
                if (isLong)
                    wasInside.Await();
                else
                    stage.Pause();
            }

            guarded.Value++;
            gil.Exit();
        });
        stage.Actor("waiter", () =>
        {
            Work(gil, guarded);
            wasInside.Give();
        });
        stage.Play();
        stage.Check(guarded.Value == 3, "nobody's work is lost");
        CheckFree(stage, gil);
    }

    private static void GivingWay(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<bool> done = new(false);
        stage.Actor("computer", () =>
        {
            gil.Enter();
            while (!done.Value)
            {
                stage.Work(1000);
                gil.Checkpoint();
            }

            gil.Exit();
        });
        stage.Actor("waiter", () =>
        {
            gil.Enter();
            done.Value = true;
            gil.Exit();
        });
        stage.Play();
        CheckFree(stage, gil);
    }

    private static void GivingWayToNobody(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool entered = false;
        stage.Actor("computer", () =>
        {
            gil.Enter();
            for (int i = 0; i < 2; i++)
            {
                stage.Work(3000);
                gil.Checkpoint();
            }

            stage.Work(3000);
            guarded.Value++;
            gil.Exit();
        });
        stage.Actor("hurried", () => entered = TryWork(gil, guarded, TimeSpan.FromMilliseconds(8)));
        stage.Play();
        stage.Check(guarded.Value == (entered ? 2 : 1), "who was told that it is inside was inside");
        CheckFree(stage, gil);
    }

    private static void GivingWayWhileDisposed(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        stage.Actor("computer", () =>
        {
            try
            {
                using GlobalInterpreterLock.Scope scope = gil.EnterScope();
                for (int i = 0; i < 2; i++)
                {
                    stage.Work(4000);
                    gil.Checkpoint();
                    guarded.Value++;
                }
            }
            catch (ObjectDisposedException)
            {
            }

            stage.Check(!gil.IsHeldByCurrentThread, "it has left");
        });
        stage.Actor("waiter", () =>
        {
            try
            {
                Work(gil, guarded);
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Actor("disposer", gil.Dispose);
        stage.Play();
    }

    private static void Abandoned(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Plain<int> guarded = new(0);
        bool told = false;
        Thread careless = stage.Actor("careless", () =>
        {
            gil.Enter();
            guarded.Value++;
        });
        stage.Actor("next", () =>
        {
            try
            {
                gil.Enter();
            }
            catch (AbandonedMutexException)
            {
                told = true;
            }

            guarded.Value++;
            gil.Exit();
            if (!told)
                stage.WaitFor(careless);
        });
        stage.Play();
        stage.Check(guarded.Value == 2, "the owner's end lets the next in");
        if (told)
            CheckFree(stage, gil);
    }
}
