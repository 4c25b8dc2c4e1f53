using System.Runtime.CompilerServices;
using GilSharp.Processes.Calls;
using GilSharp.Tests.RefCounting;

namespace GilSharp.Tests.Processes;

/// <summary>Calls that share a token: it is registered once for all of them, and stops each.</summary>
[TestClass]
public sealed class TokenWatchTests : PoolTest
{
    private static int Rounds => Effort.Times(40);

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsWithOneToken_AreStoppedTogether_AndNoOthers()
    {
        await using ProcessPool pool = new(1);
        using CancellationTokenSource one = new(), another = new();
        using MeetingPlace place = new();
        Task<int> running = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "the first call runs");
        Task<int>[] stopped = [.. Enumerable.Range(0, 1000).Select(i => pool.ApplyAsync(Misfortune.Increment, i, one.Token))];
        Task<int>[] others = [.. Enumerable.Range(0, 100).Select(i => pool.ApplyAsync(Misfortune.Increment, i, another.Token))];
        await one.CancelAsync();
        foreach (Task<int> call in stopped)
        {
            OperationCanceledException error = await Assert.ThrowsAsync<OperationCanceledException>(() => InTime(call));
            Assert.AreEqual(one.Token, error.CancellationToken);
        }

        place.LetGo();
        await InTime(running);
        for (int i = 0; i < others.Length; i++) Assert.AreEqual(i + 1, await InTime(others[i]));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TokenOfASourceThatWasReset_StopsLaterCalls()
    {
        await using ProcessPool pool = new(1);
        using CancellationTokenSource source = new();
        for (int round = 0; round < 3; round++)
        {
            Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1, source.Token)));
            Assert.IsTrue(source.TryReset()); // as web servers do with the tokens of requests: who had registered is forgotten
        }

        Task<int> call = pool.ApplyAsync(Misfortune.EndWhenAsked, (int)TimeSpan.FromHours(1).TotalMilliseconds, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => InTime(call));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TokenSignalledWhileCallsAreMade_StopsEachOfThem()
    {
        await using ProcessPool pool = new(2);
        await InTime(pool.StartAsync());
        for (int round = 0; round < Rounds; round++)
        {
            using CancellationTokenSource source = new();
            CancellationToken token = source.Token;
            using Barrier together = new(4);
            Task<Task<int>[]>[] callers =
            [
                .. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
                {
                    together.SignalAndWait();
                    return Enumerable.Range(0, 4).Select(_ => pool.ApplyAsync(Misfortune.EndWhenAsked, (int)TimeSpan.FromHours(1).TotalMilliseconds, token)).ToArray();
                })),
            ];
            together.SignalAndWait();
            Thread.SpinWait(round * 17 % 5000);
            await source.CancelAsync();
            foreach (Task<int> call in (await InTime(Task.WhenAll(callers))).SelectMany(static calls => calls))
                await Assert.ThrowsAsync<OperationCanceledException>(() => InTime(call), $"round {round}");
        }
    }

    [TestMethod]
    public void Watch_EndsWithItsLastCall_AndItsTokenForgetsIt()
    {
        using CancellationTokenSource source = new();
        WeakReference ended = Use(source.Token);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(ended.IsAlive, "The token's source still has it.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Use(CancellationToken token)
    {
        TokenWatch watch = new(token);
        CallTerms[] calls = [.. Enumerable.Range(0, 4).Select(_ => new CallTerms(null!, null!))];
        foreach (CallTerms call in calls) Assert.IsTrue(watch.TryAdd(call));
        foreach (int at in (int[])[1, 3, 0, 0]) watch.Remove(calls[at]); // in the middle, last, first, and a second time
        Assert.IsFalse(watch.IsClosed);
        watch.Remove(calls[2]);
        Assert.IsTrue(watch.IsClosed);
        Assert.IsFalse(watch.TryAdd(calls[0]));
        return new WeakReference(watch);
    }
}
