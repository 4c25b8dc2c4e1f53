using System.Diagnostics;

namespace GilSharp.Tests.Processes;

/// <summary>Whatever kills a worker fails the one call that it ran, and the pool goes on.</summary>
[TestClass]
public sealed class WorkerDeathTests : PoolTest
{
    public static IEnumerable<object[]> Ways => Misfortune.WaysToDie.Select(way => new object[] { way.Name });

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerThatDiesWithAChildOfItsOwn_TakesItAlong()
    {
        using MeetingPlace place = new();
        string file = place.Once;
        await using ProcessPool pool = new(1);
        await Throws<WorkerCrashedException>(pool.ApplyAsync(() =>
        {
            using System.Diagnostics.Process child = System.Diagnostics.Process.Start("sleep", "1000");
            File.WriteAllText(file, $"{child.Id}");
            Misfortune.KillItself();
        }));
        int child = int.Parse(File.ReadAllText(file));
        Eventually(() => !IsAlive(child), "gone with the worker");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(Ways))]
    public async Task WorkerThatDies_FailsItsCall_AndIsReplaced(string way)
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        int first = await pool.ApplyAsync(Misfortune.ProcessId);

        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(SayAndDie, way));

        Assert.AreEqual(first, error.ProcessId);
        Assert.AreEqual(CallCertainty.MayHaveRun, error.Certainty);
        (int code, string? signal, WorkerExitReason reason) = Expected(way);
        Assert.AreEqual(signal, error.Signal);
        Assert.AreEqual(code, error.ExitCode);
        Assert.AreEqual(reason, error.Reason);
        StringAssert.Contains(error.StandardError, "last words");
        StringAssert.Contains(error.Message, "last words");
        if (way == nameof(Misfortune.FailFast)) StringAssert.Contains(error.StandardError, "misfortune: fail fast");
        Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
        Assert.IsFalse(IsAlive(first));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ExitWithCode137_IsNotMistakenForSigkill()
    {
        await using ProcessPool pool = new(1);
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(Environment.Exit, 137));
        Assert.IsNull(error.Signal);
        Assert.AreEqual(137, error.ExitCode);
        Assert.AreEqual(WorkerExitReason.Exited, error.Reason);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task HundredCalls_OneWorkerKilledAmongThem_NinetyNineResults()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 2, StandardError = WorkerOutput.Discard });
        Task<int>[] calls = [.. Enumerable.Range(0, 100).Select(i => pool.ApplyAsync(DieAtFifty, i))];

        int results = 0, crashed = 0;
        for (int i = 0; i < calls.Length; i++)
        {
            try
            {
                Assert.AreEqual(i, await InTime(calls[i]));
                results++;
            }
            catch (WorkerCrashedException) when (i == 50)
            {
                crashed++;
            }
        }

        Assert.AreEqual(99, results);
        Assert.AreEqual(1, crashed);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task IdleWorkerThatIsKilled_IsReplacedBeforeItIsMissed()
    {
        await using ProcessPool pool = new(1);
        int first = await pool.ApplyAsync(Misfortune.ProcessId);
        TaskCompletionSource<WorkerExitedEventArgs> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) => exited.TrySetResult(args);

        Process.GetProcessById(first).Kill();

        WorkerExitedEventArgs args = await InTime(exited.Task);
        Assert.AreEqual(first, args.ProcessId);
        Assert.AreEqual("SIGKILL", args.Signal);
        Assert.AreEqual(WorkerExitReason.Killed, args.Reason);
        Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsSentAheadToAWorkerThatDies_RunElsewhere()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        // So many short calls that more are sent ahead; then one that kills, and more behind it.
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => pool.ApplyAsync(Misfortune.Increment, i)));
        Task<int>[] before = [.. Enumerable.Range(0, 50).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        Task killer = pool.ApplyAsync(Misfortune.KillItself);
        Task<int>[] behind = [.. Enumerable.Range(0, 50).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];

        await Throws<WorkerCrashedException>(killer);
        Assert.AreEqual(50 * 51 / 2, (await InTime(Task.WhenAll(before))).Sum());
        Assert.AreEqual(50 * 51 / 2, (await InTime(Task.WhenAll(behind))).Sum());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Retries_RunACallAgainAfterACrash_AndSayWhichAttemptItIs()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        WorkerPool patient = pool.With(new CallOptions { Retries = 2 });

        Assert.AreEqual(3, await InTime(patient.ApplyAsync(DieBeforeAttempt, 3)));
        WorkerCrashedException last = await Throws<WorkerCrashedException>(patient.ApplyAsync(DieBeforeAttempt, 4));
        Assert.HasCount(2, ((AggregateException)last.InnerException!).InnerExceptions);
        await Throws<WorkerCrashedException>(pool.ApplyAsync(DieBeforeAttempt, 2));
    }

    private static int DieAtFifty(int value)
    {
        if (value == 50) Misfortune.KillItself();
        return value;
    }

    private static int DieBeforeAttempt(int attempt)
    {
        if (WorkerContext.Attempt < attempt) Misfortune.KillItself();
        return WorkerContext.Attempt;
    }

    private static void SayAndDie(string way)
    {
        Console.Error.WriteLine("last words");
        DieBy(way)();
    }

    private static Action DieBy(string way) => way switch
    {
        nameof(Misfortune.Exit) => Misfortune.Exit,
        nameof(Misfortune.FailFast) => Misfortune.FailFast,
        nameof(Misfortune.SegmentationFault) => Misfortune.SegmentationFault,
        nameof(Misfortune.StackOverflow) => Misfortune.StackOverflow,
        _ => Misfortune.KillItself,
    };

    private static (int Code, string? Signal, WorkerExitReason Reason) Expected(string way) => way switch
    {
        nameof(Misfortune.Exit) => (3, null, WorkerExitReason.Exited),
        nameof(Misfortune.SegmentationFault) => (139, "SIGSEGV", WorkerExitReason.Crashed),
        nameof(Misfortune.KillItself) => (137, "SIGKILL", WorkerExitReason.Killed),
        _ => (134, "SIGABRT", WorkerExitReason.Crashed),
    };
}
