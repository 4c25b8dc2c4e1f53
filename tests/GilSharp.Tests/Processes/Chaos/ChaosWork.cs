namespace GilSharp.Tests.Processes.Chaos;

/// <summary>What the chaos has workers do. Each writes into the ledger that it has begun, before anything else.</summary>
internal static class ChaosWork
{
    internal static int Tiny(int call)
    {
        Ledger.Start(call);
        return Expected(call);
    }

    internal static async Task<int> Async(int call)
    {
        Ledger.Start(call);
        await Task.Delay(call % 3);
        return Expected(call);
    }

    internal static int[] Large(int call, int[] values)
    {
        Ledger.Start(call);
        for (int i = 0; i < values.Length; i++) values[i] += call;
        return values;
    }

    internal static int Throw(int call)
    {
        Ledger.Start(call);
        throw new InvalidTimeZoneException($"call {call}");
    }

    /// <summary>Dies in one of the five ways, until its last attempt if it has more than one.</summary>
    internal static int Die(int call, int way, int untilAttempt)
    {
        Ledger.Start(call);
        if (WorkerContext.Attempt < untilAttempt) Misfortune.WaysToDie[way].Die();
        return Expected(call);
    }

    internal static int Cooperate(int call, int milliseconds, CancellationToken token)
    {
        Ledger.Start(call);
        token.WaitHandle.WaitOne(milliseconds);
        token.ThrowIfCancellationRequested();
        return Expected(call);
    }

    /// <summary>Listens to nobody.</summary>
    internal static int Stubborn(int call, int milliseconds)
    {
        Ledger.Start(call);
        Thread.Sleep(milliseconds);
        return Expected(call);
    }

    internal static int Expected(int call) => unchecked((call * 31) ^ 0x5eed);
}
