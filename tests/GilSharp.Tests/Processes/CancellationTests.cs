using System.Diagnostics;

namespace GilSharp.Tests.Processes;

/// <summary>Work that can be stopped: taken back where it waits, asked where it runs, killed where it does not listen.</summary>
[TestClass]
public sealed class CancellationTests : PoolTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private static ProcessPool OneWorker(int graceMilliseconds = 100) =>
        new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.FromMilliseconds(graceMilliseconds) });

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TokenThatIsCancelledAlready_TheCallNeverRuns()
    {
        await using ProcessPool pool = OneWorker();
        CancellationToken token = new(canceled: true);
        Task<int> call = pool.ApplyAsync(Misfortune.Increment, 1, token);
        OperationCanceledException error = await Throws<OperationCanceledException>(call);
        Assert.AreEqual(token, error.CancellationToken);
        Assert.IsTrue(call.IsCanceled);
        Assert.IsEmpty(pool.Workers);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task QueuedCall_ThatIsCancelled_NeverRuns()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = OneWorker();
        Task<int> first = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        using CancellationTokenSource source = new();
        using MeetingPlace never = new();
        Task<int> second = pool.ApplyAsync(Misfortune.MeetAt, never.Folder, source.Token);

        await source.CancelAsync();

        OperationCanceledException error = await Throws<OperationCanceledException>(second);
        Assert.AreEqual(source.Token, error.CancellationToken);
        place.LetGo();
        int worker = await InTime(first);
        Assert.AreEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
        Assert.AreEqual(0, never.Arrived);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FunctionThatHonoursItsToken_KeepsItsWorker()
    {
        await using ProcessPool pool = OneWorker(graceMilliseconds: 20_000);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        using CancellationTokenSource source = new();
        Task<int> call = pool.ApplyAsync(Misfortune.EndWhenAsked, 60_000, source.Token);
        Eventually(() => pool.GetStatistics().Running == 1, "running");

        await source.CancelAsync();

        await Throws<OperationCanceledException>(call);
        Assert.AreEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FunctionThatDoesNotListen_IsKilledAfterTheGracePeriod()
    {
        await using ProcessPool pool = OneWorker();
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        using MeetingPlace place = new();
        using CancellationTokenSource source = new();
        Task call = pool.ApplyAsync(Misfortune.NeverEnd, place.Folder, source.Token);
        Eventually(() => place.Arrived == 1, "running");

        await source.CancelAsync();

        await Throws<OperationCanceledException>(call);
        Assert.IsTrue(call.IsCanceled);
        Assert.IsFalse(IsAlive(worker), "The task has ended, but the call still runs.");
        Assert.AreNotEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Timeout_OfARunaway_KillsItAndNobodyElse()
    {
        await using ProcessPool pool = OneWorker();
        await pool.StartAsync();
        using MeetingPlace place = new();
        Task runaway = pool.With(new CallOptions { Timeout = Soon, Name = "runaway" }).ApplyAsync(Misfortune.NeverEnd, place.Folder);
        Task<int> next = pool.ApplyAsync(Misfortune.Increment, 1);

        CallTimeoutException error = await Throws<CallTimeoutException>(runaway);

        StringAssert.Contains(error.Message, "runaway");
        Assert.IsTrue(runaway.IsFaulted);
        Assert.AreEqual(2, await InTime(next));
    }

    /// <summary>Also one that has left the worker's process group.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task KillOfARunaway_TakesTheProcessesThatItStartedAlong()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.FromMilliseconds(50) });
        await pool.StartAsync();
        using CancellationTokenSource source = new();
        Task call = pool.ApplyAsync(StartAFamily, place.Folder, source.Token);
        Eventually(() => File.Exists(Path.Combine(place.Folder, "family")), "started");
        int[] family = [.. (await File.ReadAllLinesAsync(Path.Combine(place.Folder, "family"))).Select(int.Parse)];
        Assert.HasCount(2, family);

        await source.CancelAsync();
        await Throws<OperationCanceledException>(call);

        Eventually(() => !family.Any(IsAlive), "gone with their worker");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Timeout_OfAFunctionThatAnswersAllTheSame_IsTheCallsEnd_AlsoInAMap(bool inline)
    {
        await using WorkerPool pool = inline ? new InlinePool() : new ProcessPool(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = NeverThatLong });
        WorkerPool hurried = pool.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(100) });
        await Throws<CallTimeoutException>(hurried.ApplyAsync(AnswerLate, 1));
        await Throws<CallTimeoutException>(hurried.MapAsync(AnswerLate, [1]));
        await Throws<CallTimeoutException>(hurried.MapAsync(AnswerLate, [1], new MapOptions { ChunkSize = 1 }));
    }

    private static int AnswerLate(int value)
    {
        WorkerContext.CancellationToken.WaitHandle.WaitOne();
        return value;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Timeout_DoesNotCountTheTimeInTheQueue()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = OneWorker();
        Task<int> first = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        TimeSpan timeout = TimeSpan.FromSeconds(4);
        Task<int> second = pool.With(new CallOptions { Timeout = timeout }).ApplyAsync(Misfortune.Increment, 1);

        Assert.IsFalse(second.Wait(timeout + (timeout / 4)), "It ended before it could start.");
        place.LetGo();

        await InTime(first);
        Assert.AreEqual(2, await InTime(second));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Timeout_OfACooperativeFunction_KeepsItsWorker()
    {
        await using ProcessPool pool = OneWorker(graceMilliseconds: 20_000);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        await Throws<CallTimeoutException>(pool.With(new CallOptions { Timeout = Soon }).ApplyAsync(Misfortune.EndWhenAsked, 60_000));
        Assert.AreEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallThatWasSentAhead_IsTakenBackAtOnce_WhileAnotherRuns()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = OneWorker();
        // Short calls teach the pool to send ahead.
        await InTime(Task.WhenAll(Enumerable.Range(0, 2000).Select(i => pool.ApplyAsync(Misfortune.Increment, i))));
        Task<int> running = pool.ApplyAsync(Misfortune.MeetAt, place.Folder);
        Eventually(() => place.Arrived == 1, "running");
        using CancellationTokenSource source = new();
        Task<int>[] behind = [.. Enumerable.Range(0, 20).Select(i => pool.ApplyAsync(LeaveTrace, place.Folder, i, source.Token))];

        await source.CancelAsync();

        foreach (Task<int> call in behind) await Throws<OperationCanceledException>(call);
        place.LetGo();
        await InTime(running);
        // Of the same worker, and behind them all.
        Assert.AreEqual(-1, await InTime(pool.ApplyAsync(LeaveTrace, place.Folder, -1)));
        Assert.HasCount(1, Directory.GetFiles(place.Folder, "ran-*"), "Some of them ran.");
    }

    private static int LeaveTrace(string folder, int call)
    {
        File.WriteAllText(Path.Combine(folder, $"ran-{call}"), "");
        return call;
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TokenCancelledAfterTheEnd_ChangesNothing()
    {
        await using ProcessPool pool = OneWorker();
        using CancellationTokenSource source = new();
        Task<int> call = pool.ApplyAsync(Misfortune.Increment, 1, source.Token);
        Assert.AreEqual(2, await InTime(call));
        await source.CancelAsync();
        Assert.IsTrue(call.IsCompletedSuccessfully);
        Assert.AreEqual(3, await InTime(pool.ApplyAsync(Misfortune.Increment, 2)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CancelledAtAnyInstant_EveryCallEndsOnce_AndThePoolGoesOn()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, CancellationGracePeriod = TimeSpan.FromSeconds(20) });
        await pool.StartAsync();
        Random random = new(12345);
        for (int round = 0; round < 200; round++)
        {
            using CancellationTokenSource source = new();
            Task<int>[] calls = [.. Enumerable.Range(0, 8).Select(i => pool.ApplyAsync(Misfortune.Increment, i, source.Token))];
            Thread.SpinWait(random.Next(20_000));
            await source.CancelAsync();
            for (int i = 0; i < calls.Length; i++)
            {
                try
                {
                    Assert.AreEqual(i + 1, await InTime(calls[i]));
                }
                catch (OperationCanceledException)
                {
                }
            }
        }

        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Assert.AreEqual(0, pool.GetStatistics().Failed);
        Assert.AreEqual(0, pool.GetStatistics().Restarts);
    }

    private static void StartAFamily(string folder)
    {
        string file = Path.Combine(folder, "family");
        using Process child = Process.Start(new ProcessStartInfo("sh", ["-c", $"echo $$ > {file}.new; setsid sh -c 'echo $$ >> {file}.new; mv {file}.new {file}; sleep 1000' & sleep 1000"]))!;
        while (true) Thread.Sleep(1000);
    }
}
