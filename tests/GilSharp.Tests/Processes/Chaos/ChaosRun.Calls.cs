namespace GilSharp.Tests.Processes.Chaos;

/// <summary>The calls, and what may have become of each.</summary>
internal sealed partial class ChaosRun
{
    private async Task MakeCall(Random random)
    {
        switch (random.Next(100))
        {
            case < 40: await Burst(random); break;
            case < 50: await Checked(NextCall(), 0, static (pool, call) => pool.ApplyAsync(ChaosWork.Async, call), random); break;
            case < 55: await Checked(NextCall(), 0, static (pool, call) => Task.Run(() => pool.Apply(ChaosWork.Tiny, call)), random); break;
            case < 59: await LargeCall(random); break;
            case < 63: await Throwing(); break;
            case < 66: await Dying(random); break;
            case < 74: await Cancelled(random); break;
            case < 80: await TimedOut(random); break;
            case < 86: await Retried(random); break;
            case < 90: await MapOf(random); break;
            case < 94: await MapResultsOf(random); break;
            case < 97: await StreamOf(random); break;
            default: await AbandonedStream(random); break;
        }
    }

    // One call of a kind that any worker's death may take with it, and nothing else may.
    private async Task Checked(int call, int retries, Func<WorkerPool, int, Task<int>> make, Random random)
    {
        WorkerPool pool = retries > 0 || random.Next(10) == 0 ? _pool.With(new CallOptions { Retries = retries, Priority = random.Next(3) - 1, Name = "chaos" }) : _pool;
        try
        {
            int result = await make(pool, call).WaitAsync(Patience);
            Verify(result == ChaosWork.Expected(call), $"call {call} gave {result}");
            Verify(_ledger.Starts(call) is var starts && starts >= 1 && starts <= retries + 1, $"call {call} has a result and began {_ledger.Starts(call)} times");
            Count("call: its result");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, retries, error);
        }

        _ledger.Clear(call);
    }

    private void Lost(int call, int retries, WorkerCrashedException error)
    {
        int starts = _ledger.Starts(call);
        if (error.Certainty == CallCertainty.NeverStarted) Verify(starts == 0, $"call {call} is said never to have started, and began {starts} times: {error.Message}");
        else Verify(starts <= retries + 1, $"call {call} began {starts} times with {retries} retries: {error.Message}");
        Verify(error.Reason is WorkerExitReason.Crashed or WorkerExitReason.Killed or WorkerExitReason.Exited or WorkerExitReason.ProtocolError, $"call {call} was lost to {error.Reason}: {error.Message}");
        Count($"call lost with its worker: {error.Reason}, {error.Certainty}");
    }

    private async Task Burst(Random random) =>
        await Task.WhenAll(Enumerable.Range(0, random.Next(1, 300)).Select(_ => Checked(NextCall(), 0, static (pool, call) => pool.ApplyAsync(ChaosWork.Tiny, call), Random.Shared)));

    private Task Retried(Random random)
    {
        int way = random.Next(Misfortune.WaysToDie.Length);
        return Checked(NextCall(), 2, (pool, call) => pool.ApplyAsync(ChaosWork.Die, call, way, 2), random);
    }

    private async Task LargeCall(Random random)
    {
        int call = NextCall();
        int[] values = new int[random.Next(500_000)];
        Array.Fill(values, 7);
        try
        {
            int[] result = await _pool.ApplyAsync(ChaosWork.Large, call, values).WaitAsync(Patience);
            Verify(result.Length == values.Length && !result.AsSpan().ContainsAnyExcept(7 + call), $"call {call} gave another array");
            Verify(_ledger.Starts(call) == 1, $"call {call} began {_ledger.Starts(call)} times");
            Count("call: its large result");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, 0, error);
        }

        _ledger.Clear(call);
    }

    private async Task Throwing()
    {
        int call = NextCall();
        try
        {
            await _pool.ApplyAsync(ChaosWork.Throw, call).WaitAsync(Patience);
            Verify(false, $"call {call} did not throw");
        }
        catch (InvalidTimeZoneException error)
        {
            Verify(error.Message == $"call {call}", $"call {call} threw what is another's: {error.Message}");
            Count("call: its own exception");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, 0, error);
        }

        _ledger.Clear(call);
    }

    private async Task Dying(Random random)
    {
        int call = NextCall();
        try
        {
            await _pool.ApplyAsync(ChaosWork.Die, call, random.Next(Misfortune.WaysToDie.Length), int.MaxValue).WaitAsync(Patience);
            Verify(false, $"call {call} came back from the dead");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, 0, error);
        }

        _ledger.Clear(call);
    }

    private async Task Cancelled(Random random)
    {
        int call = NextCall();
        bool stubborn = random.Next(4) == 0;
        using CancellationTokenSource source = new();
        Task<int> task = stubborn ? _pool.ApplyAsync(ChaosWork.Stubborn, call, 20_000, source.Token) : _pool.ApplyAsync(ChaosWork.Cooperate, call, random.Next(20), source.Token);
        if (random.Next(2) == 0) Thread.SpinWait(random.Next(20_000));
        else await Task.Delay(random.Next(20));
        await source.CancelAsync();
        try
        {
            int result = await task.WaitAsync(Patience);
            Verify(result == ChaosWork.Expected(call), $"call {call} gave {result}");
            Count("call cancelled: too late, its result");
        }
        catch (OperationCanceledException error)
        {
            Verify(error.CancellationToken == source.Token && task.IsCanceled, $"call {call} was cancelled with another token");
            Count("call cancelled");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, 0, error);
        }

        Verify(_ledger.Starts(call) <= 1, $"call {call} was cancelled and began {_ledger.Starts(call)} times");
        _ledger.Clear(call);
    }

    private async Task TimedOut(Random random)
    {
        int call = NextCall();
        bool stubborn = random.Next(4) == 0;
        WorkerPool pool = _pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(random.Next(1, 30)) });
        try
        {
            int result = await (stubborn ? pool.ApplyAsync(ChaosWork.Stubborn, call, 20_000) : pool.ApplyAsync(ChaosWork.Cooperate, call, random.Next(40))).WaitAsync(Patience);
            Verify(result == ChaosWork.Expected(call) && !stubborn, $"call {call} gave {result}");
            Count("call with a timeout: its result");
        }
        catch (CallTimeoutException)
        {
            Verify(_ledger.Starts(call) <= 1, $"call {call} timed out and began {_ledger.Starts(call)} times");
            Count("call timed out");
        }
        catch (WorkerCrashedException error)
        {
            Lost(call, 0, error);
        }

        _ledger.Clear(call);
    }

    private int[] NextCalls(Random random) => [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => NextCall())];

    private async Task MapOf(Random random)
    {
        int[] calls = NextCalls(random);
        try
        {
            int[] results = await _pool.MapAsync(ChaosWork.Tiny, calls, new MapOptions { ChunkSize = random.Next(20) }).WaitAsync(Patience);
            for (int i = 0; i < calls.Length; i++) Verify(results[i] == ChaosWork.Expected(calls[i]) && _ledger.Starts(calls[i]) == 1, $"item {calls[i]} gave {results[i]} and began {_ledger.Starts(calls[i])} times");
            Count("call of a map: its results");
        }
        catch (WorkerCrashedException error)
        {
            foreach (int call in calls) Verify(_ledger.Starts(call) <= 1, $"item {call} began {_ledger.Starts(call)} times");
            Count($"call of a map lost with a worker: {error.Reason}");
        }

        foreach (int call in calls) _ledger.Clear(call);
    }

    private async Task MapResultsOf(Random random)
    {
        int[] calls = NextCalls(random);
        int next = 0;
        await foreach (CallResult<int> result in InTime(_pool.MapResultsAsync(ChaosWork.Tiny, calls, new MapOptions { ChunkSize = random.Next(20) })))
        {
            int call = calls[next];
            Verify(result.Index == next++, $"item {next - 1} has index {result.Index}");
            if (result.Exception is WorkerCrashedException error) Lost(call, 0, error);
            else if (result.Exception is { } other) Verify(false, $"item {call} ended with {other}");
            else Verify(result.Value == ChaosWork.Expected(call) && _ledger.Starts(call) == 1, $"item {call} gave {result.Value} and began {_ledger.Starts(call)} times");
        }

        Verify(next == calls.Length, $"a map of {calls.Length} items ended after {next}");
        Count("call of a map that goes on: all its results");
        foreach (int call in calls) _ledger.Clear(call);
    }

    private async Task StreamOf(Random random)
    {
        int[] calls = NextCalls(random);
        List<int> results = [];
        try
        {
            await foreach (int result in InTime(_pool.MapStreamAsync(ChaosWork.Tiny, calls, new MapOptions { Ordered = false, ChunkSize = random.Next(20) }))) results.Add(result);
            Verify(results.Order().SequenceEqual(calls.Select(ChaosWork.Expected).Order()), "a stream gave other results");
            Count("call of a stream: its results");
        }
        catch (WorkerCrashedException error)
        {
            Count($"call of a stream lost with a worker: {error.Reason}");
        }

        foreach (int call in calls) Verify(_ledger.Starts(call) <= 1, $"item {call} began {_ledger.Starts(call)} times");
        foreach (int call in calls) _ledger.Clear(call);
    }

    private async Task AbandonedStream(Random random)
    {
        int[] calls = NextCalls(random);
        int left = random.Next(calls.Length);
        try
        {
            await foreach (int result in InTime(_pool.MapStreamAsync(ChaosWork.Tiny, calls)))
                if (left-- == 0) break;
            Count("call of a stream that was left");
        }
        catch (WorkerCrashedException error)
        {
            Count($"call of a stream lost with a worker: {error.Reason}");
        }
    }

    private static async IAsyncEnumerable<T> InTime<T>(IAsyncEnumerable<T> items)
    {
        await using IAsyncEnumerator<T> enumerator = items.GetAsyncEnumerator();
        while (await enumerator.MoveNextAsync().AsTask().WaitAsync(Patience)) yield return enumerator.Current;
    }

    private static void Verify(bool condition, string otherwise)
    {
        if (!condition) throw new AssertFailedException(otherwise);
    }
}
