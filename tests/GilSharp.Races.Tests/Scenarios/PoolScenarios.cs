namespace GilSharp.Races.Scenarios;

/// <summary>The bookkeeping of a pool: each accepted call ends exactly once, whatever happens to it at the same time.</summary>
internal static class PoolScenarios
{
    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("pool: a result", "an accepted call ends once", static stage => Play(stage, crashes: 0, cancels: false, terminates: false)) { Bounds = new(1, 1) },
        new("pool: a result against a cancellation", "one of them, and a call that was taken back has not started", static stage => Play(stage, crashes: 0, cancels: true, terminates: false)) { Bounds = new(1, 1) },
        new("pool: a result against a cancellation, and a call behind it", "the call behind it ends, too", CancelBefore) { Bounds = new(1, 0) },
        new("pool: a crash against a cancellation", "one of them", static stage => Play(stage, crashes: 1, cancels: true, terminates: false)) { Bounds = new(1, 1) },
        new("pool: a result against a termination", "one of them", static stage => Play(stage, crashes: 0, cancels: false, terminates: true)) { Bounds = new(1, 1) },
        new("pool: a crash against a termination", "one of them", static stage => Play(stage, crashes: 1, cancels: false, terminates: true)) { Bounds = new(1, 1) },
        new("pool: a crash and another try", "it succeeds at the second try, or was cancelled before it", Retry) { Bounds = new(0, 1) },
        new("pool: two callers, one worker", "both calls end once", TwoCallers) { Bounds = new(1, 0) },
        new("pool: a crash with a call behind it", "the call that never started is not lost", CrashBehind) { Bounds = new(1, 1) },
        new("pool: gone with calls that were lost", "every call has ended when the pool is gone", Gone) { Bounds = new(1, 0) },
        new("pool: a start that fails beside one that does not", "who waits for all workers finds all of them", AllReady) { Bounds = new(1, 0) },
        new("pool: a result against a timeout", "one of them", Timeouts) { Bounds = new(1, 1) },
    ];

    private static void Play(Stage stage, int crashes, bool cancels, bool terminates)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage, crashes: crashes);
        CancellationTokenSource source = new();
        PlayedCall call = new();
        if (cancels)
            call.On(pool.Engine, source.Token);
        pool.Engine.Accept(call);
        if (cancels)
            stage.Actor("canceller", source.Cancel);
        stage.Actor("closer", terminates ? pool.Engine.Terminate : pool.Engine.Close);
        stage.Play();
        string expected = (crashes > 0, cancels, terminates) switch
        {
            (false, false, false) => "succeeded",
            (false, true, _) => "succeeded or cancelled",
            (true, true, _) => "cancelled or failed",
            _ => "succeeded or failed",
        };
        stage.Check(expected.Contains(call.Outcome, StringComparison.Ordinal), $"the call ends once ({expected}), not: {call.Outcome}");
        stage.Check(call.TimesStarted <= 1, "it is started once at most");
        stage.Check(call.Outcome != "succeeded" || call.TimesStarted == 1, "who succeeded has run");
        stage.Check(pool.Engine.Statistics() is { Workers: 0, Queued: 0, Running: 0 }, "nothing is left");
    }

    private static void CancelBefore(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage);
        CancellationTokenSource source = new();
        PlayedCall first = new PlayedCall().On(pool.Engine, source.Token), second = new();
        pool.Engine.Accept(first);
        pool.Engine.Accept(second);
        stage.Actor("canceller", source.Cancel);
        stage.Actor("closer", pool.Engine.Close);
        stage.Play();
        stage.Check(first.Outcome is "succeeded" or "cancelled", $"the first call ends once, not: {first.Outcome}");
        stage.Check(second.Outcome == "succeeded" && second.TimesStarted == 1, $"the second call is run, not: {second.Outcome}");
        stage.Check(pool.Engine.Statistics() is { Workers: 0, Queued: 0, Running: 0 }, "nothing is left");
    }

    private static void Retry(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage, crashes: 1);
        CancellationTokenSource source = new();
        PlayedCall call = new PlayedCall().On(pool.Engine, source.Token, retries: 1);
        pool.Engine.Accept(call);
        stage.Actor("canceller", () =>
        {
            stage.Pause();
            source.Cancel();
        });
        stage.Actor("closer", pool.Engine.Close);
        stage.Play();
        stage.Check(call.Outcome is "succeeded" or "cancelled", $"the call ends once, not: {call.Outcome}");
        stage.Check(call.TimesStarted <= 2, "it is started twice at most");
    }

    private static void TwoCallers(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage);
        PlayedCall first = new(), second = new();
        Thread one = stage.Actor("caller 1", () => pool.Engine.Accept(first));
        Thread other = stage.Actor("caller 2", () => pool.Engine.Accept(second));
        stage.WaitFor(one);
        stage.WaitFor(other);
        pool.Engine.Close();
        stage.Play();
        stage.Check(first.Outcome == "succeeded" && second.Outcome == "succeeded", $"both end once, not: {first.Outcome}, {second.Outcome}");
        stage.Check(first.TimesStarted == 1 && second.TimesStarted == 1, "both run once");
    }

    private static void CrashBehind(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage, crashes: 1);
        PlayedCall first = new(), second = new();
        pool.Engine.Accept(first);
        stage.Actor("caller", () =>
        {
            pool.Engine.Accept(second);
            pool.Engine.Close();
        });
        stage.Play();
        stage.Check(first.Outcome is "failed" or "succeeded" && second.Outcome is "failed" or "succeeded", $"both end once, not: {first.Outcome}, {second.Outcome}");
        stage.Check(first.Outcome != second.Outcome, $"one of them dies with its worker and the other is run: {first.Outcome}, {second.Outcome}");
        stage.Check(first.TimesStarted == 1 && second.TimesStarted == 1, "both are started once");
    }

    private static void Gone(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage, workers: 2, crashes: 2);
        PlayedCall first = new(), second = new();
        pool.Engine.Accept(first);
        pool.Engine.Accept(second);
        pool.Engine.Close();
        stage.Actor("who joins", () =>
        {
            stage.Await(() => pool.IsGone);
            stage.Check(first.Outcome != "none" && second.Outcome != "none", $"both have ended when the pool is gone: '{first.Outcome}', '{second.Outcome}'");
        });
        stage.Play();
    }

    private static void AllReady(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage, workers: 2, failedStarts: 1);
        Task ready = pool.Engine.StartAll();
        stage.Actor("who starts", () =>
        {
            stage.Await(() => ready.IsCompleted);
            stage.Check(!ready.IsFaulted && pool.ReadyWorkers == 2, $"two workers are ready, not {pool.ReadyWorkers}");
            pool.Engine.Close();
        });
        stage.Play();
    }

    private static void Timeouts(Stage stage)
    {
        PlayedCall.Forget();
        PlayedPool pool = new(stage);
        PlayedCall call = new PlayedCall().On(pool.Engine, CancellationToken.None, timeout: TimeSpan.FromMilliseconds(5));
        pool.Engine.Accept(call);
        stage.Actor("closer", pool.Engine.Close);
        stage.Play();
        stage.Check(call.Outcome is "succeeded" or "failed", $"the call ends once, not: {call.Outcome}");
        stage.Check(call.TimesStarted == 1, "it is started once");
    }
}
