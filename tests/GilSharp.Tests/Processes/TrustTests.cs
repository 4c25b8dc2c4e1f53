using System.Diagnostics;
using GilSharp.Processes.Faults;
using GilSharp.Tests.Processes.Chaos;

namespace GilSharp.Tests.Processes;

/// <summary>A worker that says what makes no sense loses its own call and its place; nobody else notices, and nobody waits for ever.</summary>
[TestClass]
public sealed class TrustTests : PoolTest
{
    private static readonly FaultAction[] Corruptions = [.. Enum.GetValues<FaultAction>().Where(action => action > FaultAction.Delay)];

    public static IEnumerable<object[]> Nonsense => Corruptions.Select(action => new object[] { action.ToString() });

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(Nonsense))]
    public async Task WorkerThatSpeaksNonsense_LosesItsOwnCall_AndIsReplaced(string nonsense)
    {
        using MeetingPlace place = new();
        FaultAction action = Enum.Parse<FaultAction>(nonsense);
        await using ProcessPool pool = PoolWith(place, 2, new FaultRule(FaultPoint.BeforeAnswer, action));
        List<WorkerExitedEventArgs> exits = [];
        pool.WorkerExited += (_, args) =>
        {
            lock (exits) exits.Add(args);
        };
        await InTime(pool.StartAsync());
        int[] workers = [.. pool.Workers.Select(worker => worker.ProcessId)];

        Task<int>[] calls = [.. Enumerable.Range(0, 200).Select(i => pool.ApplyAsync(Misfortune.Increment, i))];
        int lost = 0;
        for (int i = 0; i < calls.Length; i++)
        {
            try
            {
                Assert.AreEqual(i + 1, await InTime(calls[i]), "A result that is not this call's own.");
            }
            catch (WorkerCrashedException error)
            {
                Assert.AreEqual(WorkerExitReason.ProtocolError, error.Reason);
                Assert.AreEqual(CallCertainty.MayHaveRun, error.Certainty);
                StringAssert.Contains(error.Message, "nonsense");
                lost++;
            }
        }

        // What came twice had come right once, so nothing need be lost; of two that changed places neither is believed.
        int most = action == FaultAction.Reordered ? 2 : 1;
        Assert.IsLessThanOrEqualTo(most, lost);
        if (action is not (FaultAction.Duplicated or FaultAction.ReadyAgain or FaultAction.Garbage or FaultAction.Text)) Assert.IsGreaterThanOrEqualTo(1, lost);
        Assert.IsTrue(File.Exists(place.Once), "The fault was never done.");
        Eventually(() => { lock (exits) return exits.Count == 1; }, "one worker gone");
        Assert.AreEqual(WorkerExitReason.ProtocolError, exits[0].Reason);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Assert.IsTrue(workers.Any(IsAlive), "Both workers were ended for one that spoke nonsense.");
    }

    // One item in a call: half of its answer is a header, and what comes behind is taken for its results.
    public static IEnumerable<object[]> NonsenseInMaps => Corruptions.SelectMany(action => new object[][] { [action.ToString(), 1], [action.ToString(), 10] });

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(NonsenseInMaps))]
    public async Task WorkerThatSpeaksNonsense_InAMap_LosesAtMostTheItemsThatItHad(string nonsense, int chunkSize)
    {
        using MeetingPlace place = new();
        FaultAction action = Enum.Parse<FaultAction>(nonsense);
        string path = Path.Combine(place.Folder, "ledger");
        using Ledger ledger = new(path);
        await using ProcessPool pool = PoolWith(place, 2, new FaultRule(FaultPoint.BeforeAnswer, action), () => Ledger.Open(path));
        int lost = 0, next = 0;
        await foreach (CallResult<int> result in pool.MapResultsAsync(ChaosWork.Tiny, Enumerable.Range(0, 500), new MapOptions { ChunkSize = chunkSize }))
        {
            Assert.AreEqual(next++, result.Index);
            Assert.IsLessThanOrEqualTo(1, ledger.Starts(result.Index), $"Item {result.Index} began more than once.");
            if (result.Exception is null) Assert.AreEqual(ChaosWork.Expected(result.Index), result.Value);
            else if (result.Exception is WorkerCrashedException { Reason: WorkerExitReason.ProtocolError }) lost++;
            else throw result.Exception;
        }

        Assert.AreEqual(500, next);
        Assert.IsLessThanOrEqualTo(2 * chunkSize, lost, "More was lost than the results on the way: items that had not begun.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DynamicData(nameof(Nonsense))]
    public async Task WorkerThatSpeaksNonsense_InTheMiddleOfAChunk_LosesAtMostTheItemsThatItHad(string nonsense)
    {
        using MeetingPlace place = new();
        FaultAction action = Enum.Parse<FaultAction>(nonsense);
        await using ProcessPool pool = PoolWith(place, 2, new FaultRule(FaultPoint.BeforeAnswer, action));
        int lost = 0, next = 0;
        await foreach (CallResult<string> result in pool.MapResultsAsync(static i => new string('x', 20_000) + i, Enumerable.Range(0, 200), new MapOptions { ChunkSize = 50 }))
        {
            if (result.Exception is null) Assert.AreEqual(new string('x', 20_000) + next, result.Value);
            else if (result.Exception is WorkerCrashedException { Reason: WorkerExitReason.ProtocolError }) lost++;
            else throw result.Exception;
            Assert.AreEqual(next++, result.Index);
        }

        Assert.AreEqual(200, next);
        Assert.IsTrue(File.Exists(place.Once), "The fault was never done.");
        Assert.IsLessThanOrEqualTo(50, lost, "More was lost than the results on the way.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task GarbageToAWorker_EndsThatWorker_AndItsCallsRunElsewhere()
    {
        int spoiled = 1;
        ProcessPoolOptions options = new() { Workers = 1, StandardError = WorkerOutput.Discard };
        options.Faults = new FaultPlan
        {
            InPool = (point, worker) =>
            {
                if (point != PoolFaultPoint.Sending || !worker.IsReady || Interlocked.Exchange(ref spoiled, 1) != 0) return;
                worker.SendRaw(new byte[32]);
            },
        };
        await using ProcessPool pool = new(options);
        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        TaskCompletionSource<WorkerExitedEventArgs> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) => exited.TrySetResult(args);
        Volatile.Write(ref spoiled, 0); // what is sent next has nonsense behind it
        // The one that runs when the worker reads the nonsense is lost with it.
        Task<int>[] calls = [.. Enumerable.Range(0, 20).Select(i => pool.With(new CallOptions { Retries = 1 }).ApplyAsync(Misfortune.Increment, i))];
        for (int i = 0; i < calls.Length; i++) Assert.AreEqual(i + 1, await InTime(calls[i]));
        WorkerExitedEventArgs args = await InTime(exited.Task);
        Assert.AreEqual((first, 65), (args.ProcessId, args.ExitCode));
        Assert.AreNotEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
        Assert.AreEqual(1, spoiled);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task TextOnTheChannel_AfterTheAnswer_EndsTheWorker_BeforeAnybodyWaitsForIt()
    {
        await using ProcessPool pool = new(1);
        TaskCompletionSource<WorkerExitedEventArgs> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) => exited.TrySetResult(args);
        // Code in a worker that writes to a descriptor which isn't its own. Five bytes are less than a header: they are noticed with what comes next.
        Task call = pool.ApplyAsync(() =>
        {
            using FileStream stray = new("/proc/self/fd/4", FileMode.Open, FileAccess.Write);
            stray.Write("printed to the wrong place\n"u8);
        });
        try
        {
            await InTime(call);
        }
        catch (WorkerCrashedException error)
        {
            Assert.AreEqual(WorkerExitReason.ProtocolError, error.Reason);
        }

        Assert.AreEqual(WorkerExitReason.ProtocolError, (await InTime(exited.Task)).Reason);
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProgramStartedInTheParent_InheritsNothingOfTheChannels_NorDoesASiblingWorker()
    {
        string[] before = [.. Channels("self")];
        await using ProcessPool pool = new(2);
        await InTime(pool.StartAsync());
        string[] ours = [.. Channels("self").Except(before)];
        Assert.IsGreaterThanOrEqualTo(8, ours.Length, "Two workers have four pipes each.");

        using Process list = Process.Start(new ProcessStartInfo("sh", ["-c", "for d in /proc/self/fd/*; do readlink $d; done"]) { RedirectStandardOutput = true })!;
        string inherited = await InTime(list.StandardOutput.ReadToEndAsync());
        await InTime(list.WaitForExitAsync());
        foreach (string channel in ours) Assert.DoesNotContain(channel, inherited);
        Assert.DoesNotContain("gilsharp", inherited);

        string[][] ofWorkers = [.. pool.Workers.Select(worker => Channels(worker.ProcessId.ToString()).Except(before).ToArray())];
        Assert.IsEmpty(ofWorkers[0].Intersect(ofWorkers[1]), "Two workers hold the same pipe.");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AnotherUser_CanNotOpenTheChannel_NorTheStatusPage()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/setpriv")) Assert.Inconclusive("Needs root, to be another user for a moment.");
        await using ProcessPool pool = new(1);
        int worker = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        foreach (string path in (string[])[$"/proc/{worker}/fd/3", $"/proc/{worker}/fd/4", $"/proc/{worker}/mem", $"/proc/{Environment.ProcessId}/fd/0"])
        {
            using Process other = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", $": > {path} || : < {path}"])
            {
                RedirectStandardError = true,
            })!;
            string said = await InTime(other.StandardError.ReadToEndAsync());
            await InTime(other.WaitForExitAsync());
            Assert.AreNotEqual(0, other.ExitCode, $"Another user opened {path}.");
            StringAssert.Contains(said, "ermission denied");
        }

        Assert.AreEqual(worker, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FaultsInTheEnvironment_DoNothing()
    {
        string plan = new FaultPlan { InWorkers = [new FaultRule(FaultPoint.Starting, FaultAction.Kill)] }.Write();
        ProcessPoolOptions options = new() { Workers = 1 };
        options.Environment[FaultPlan.Variable] = plan;
        await using ProcessPool pool = new(options);
        Assert.IsNull(await InTime(pool.ApplyAsync(() => Environment.GetEnvironmentVariable("GILSHARP_FAULTS"))));
        Assert.AreEqual(0, pool.GetStatistics().FailedStarts);
    }

    private static ProcessPool PoolWith(MeetingPlace place, int workers, FaultRule rule, Action? initializer = null) => new(new ProcessPoolOptions
    {
        Initializer = initializer,
        Workers = workers,
        StandardError = WorkerOutput.Discard,
        Faults = new FaultPlan { InWorkers = [rule with { Once = place.Once, Skip = 3 }], Seed = 4711 },
    });

    private static IEnumerable<string> Channels(string process) =>
        Directory.GetFileSystemEntries($"/proc/{process}/fd")
            .Select(Target)
            .Where(name => name.StartsWith("pipe:", StringComparison.Ordinal) || name.Contains("gilsharp", StringComparison.Ordinal))
            .Distinct();

    private static string Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // that of the listing itself
        }
    }
}
