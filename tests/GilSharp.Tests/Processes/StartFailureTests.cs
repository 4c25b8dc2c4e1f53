using System.Collections.Concurrent;
using System.Diagnostics;
using GilSharp.Processes.Faults;
using GilSharp.Processes.Worker;

namespace GilSharp.Tests.Processes;

/// <summary>A pool whose workers can't start says so soon and says why; it never starts them in a loop, and its figures show that it holds back.</summary>
[TestClass]
public sealed class StartFailureTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task ProcessThatCanNotBeCreated_FailsEveryCallAtOnce_AfterOneTry()
    {
        int tries = 0;
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 2,
            Faults = new FaultPlan { InPool = (point, _) => { if (point == PoolFaultPoint.Spawning) { tries++; throw new IOException("Cannot allocate memory"); } } },
        });
        WorkerStartException error = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(error.ToString(), "Cannot allocate memory");
        await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        await Assert.ThrowsExactlyAsync<WorkerStartException>(() => pool.StartAsync());
        Assert.AreEqual(1, tries);
        Assert.AreEqual(1, pool.GetStatistics().FailedStarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StartsThatFailBesideAWorkerThatRuns_AreHeldBack_AndTriedAgain()
    {
        int tries = 0, allowed = 1;
        using MetricsTests.Measured measured = new("held back");
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Name = "held back",
            Workers = 2,
            Faults = new FaultPlan
            {
                InPool = (point, _) =>
                {
                    if (point == PoolFaultPoint.Spawning && Interlocked.Increment(ref tries) > Volatile.Read(ref allowed)) throw new IOException("Resource temporarily unavailable");
                },
            },
        });
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        using MeetingPlace place = new();
        Task<int> occupied = pool.ApplyAsync(Misfortune.MeetAt, place.Folder); // the second worker is wanted from now on
        Task<int> waits = pool.ApplyAsync(Misfortune.Increment, 2);

        Eventually(() => pool.GetStatistics() is { FailedStarts: >= 3, StartBackoff.Ticks: > 0 }, "held back");
        Assert.IsLessThan(12, Volatile.Read(ref tries));
        Eventually(
            () =>
            {
                measured.Observe();
                return measured.Last("gilsharp.pool.failed_starts") >= 3 && measured.Last("gilsharp.pool.start_backoff") > 0;
            },
            "seen in the metrics");
        Assert.IsFalse(waits.IsCompleted);
        Volatile.Write(ref allowed, int.MaxValue);

        Assert.AreEqual(3, await InTime(waits));
        place.LetGo();
        await InTime(occupied);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkersThatEndAsSoonAsTheyStandBy_AreNotRestartedInALoop()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            StandbyWorkers = 1,
            StandardError = WorkerOutput.Discard,
            Initializer = static () => { if (WorkerContext.WorkerId > 1) new Thread(() => { Thread.Sleep(20); Misfortune.KillItself(); }).Start(); },
        });
        Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        Eventually(() => pool.GetStatistics() is { FailedStarts: >= 3, StartBackoff.Ticks: > 0 }, "held back");
        Assert.IsLessThan(10, pool.GetStatistics().Restarts);
        Assert.AreEqual(3, await InTime(pool.ApplyAsync(Misfortune.Increment, 2)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FourthOfFiveStartsThatFails_LeavesNoProcessBehind()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 5, Initializer = static () => { if (WorkerContext.WorkerId == 4) throw new FormatException("the fourth"); } });
        ConcurrentQueue<WorkerExitedEventArgs> exits = [];
        pool.WorkerExited += (_, args) => exits.Enqueue(args);
        WorkerStartException error = await Throws<WorkerStartException>(pool.StartAsync());
        StringAssert.Contains(error.ToString(), "the fourth");
        await InTime(pool.DisposeAsync().AsTask());
        Eventually(() => exits.Count >= 5, "all gone"); // events come a moment after the end where a start failed
        Assert.IsFalse(exits.Any(args => IsAlive(args.ProcessId)));
        Assert.AreEqual(1, exits.Count(args => args.Reason == WorkerExitReason.StartFailed));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task RuntimeThatGetsNoMemory_FailsSoon_WithWhatItSaid()
    {
        ProcessPoolOptions options = new() { Workers = 1, StandardError = WorkerOutput.Discard };
        options.Environment["DOTNET_GCHeapHardLimit"] = "1000"; // 4 KiB
        await using ProcessPool pool = new(options);
        WorkerStartException error = await Throws<WorkerStartException>(pool.ApplyAsync(Misfortune.Increment, 1));
        StringAssert.Contains(error.Message, "GC heap");
        Assert.IsLessThanOrEqualTo(5L, pool.GetStatistics().FailedStarts);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task RuntimeThatIsMissing_FailsSoon_WithWhatTheHostSaid()
    {
        using MeetingPlace place = new();
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Concat(Directory.GetFiles(AppContext.BaseDirectory, "GilSharp.Tests.Worker.*")).Distinct())
            File.Copy(file, Path.Combine(place.Folder, Path.GetFileName(file)));
        using Process program = Start("dotnet", [Path.Combine(place.Folder, "GilSharp.Tests.Worker.dll"), "start"]);
        Assert.AreEqual("ready", await InTime(program.StandardOutput.ReadLineAsync()));
        string config = Path.Combine(place.Folder, "GilSharp.Tests.Worker.runtimeconfig.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"version\": \"10.0.0\"", "\"version\": \"99.0.0\"", StringComparison.Ordinal));
        string said = await Finish(program);
        StringAssert.StartsWith(said, "WorkerStartException");
        StringAssert.Contains(said, "99.0.0");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AssemblyWithoutItsDepsFile_FailsAtOnce_WithTheWayOut()
    {
        using MeetingPlace place = new();
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Append(Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker.runtimeconfig.json")))
            File.Copy(file, Path.Combine(place.Folder, Path.GetFileName(file)));
        using Process program = Start("dotnet", [Path.Combine(place.Folder, "GilSharp.Tests.Worker.dll"), "start"]);
        Assert.AreEqual("ready", await InTime(program.StandardOutput.ReadLineAsync()));
        string said = await Finish(program);
        StringAssert.StartsWith(said, "WorkerStartException");
        StringAssert.Contains(said, ".deps.json");
        StringAssert.Contains(said, "by its own executable");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerOfAnotherBuild_EndsAtOnce_AndNamesBothVersions()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker");
        using Process worker = Start("env", ["GILSHARP_WORKER=2:1:1", "dotnet", "exec", "--depsfile", program + ".deps.json", "--runtimeconfig", program + ".runtimeconfig.json", Path.Combine(AppContext.BaseDirectory, "GilSharp.dll")]);
        string said = await InTime(worker.StandardError.ReadToEndAsync());
        await InTime(worker.WaitForExitAsync());
        StringAssert.Contains(said, $"protocol version {WorkerHost.ProtocolVersion} here, 2 there");
        Assert.AreEqual(WorkerHost.ExitCodeOfNonsense, worker.ExitCode);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task NoProcessesLeft_FailsSoon_WithTheCause()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/usr/bin/setpriv") || !File.Exists("/usr/bin/prlimit")) Assert.Inconclusive("Needs root, to be a user with a limit.");
        using MeetingPlace place = new();
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Concat(Directory.GetFiles(AppContext.BaseDirectory, "GilSharp.Tests.Worker.*")).Distinct())
            File.Copy(file, Path.Combine(place.Folder, Path.GetFileName(file)));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(place.Folder, (UnixFileMode)0b111_101_101);
        const string Nobody = "64123"; // a user that has no other process, so that the limit counts ours only
        using Process program = Start("/usr/bin/setpriv", ["--reuid=" + Nobody, "--regid=" + Nobody, "--clear-groups",
            "env", "DOTNET_TieredCompilation=0", "DOTNET_ThreadPool_ThreadTimeoutMs=600000", "dotnet", Path.Combine(place.Folder, "GilSharp.Tests.Worker.dll"), "start"]);
        Assert.AreEqual("ready", await InTime(program.StandardOutput.ReadLineAsync()));
        // It has its threads; from now on it gets no more, nor any process.
        int threads = Directory.GetDirectories($"/proc/{program.Id}/task").Length;
        using Process limit = Start("/usr/bin/setpriv", ["--reuid=" + Nobody, "--regid=" + Nobody, "--clear-groups", "prlimit", $"--pid={program.Id}", $"--nproc={threads}:{threads}"]);
        await InTime(limit.WaitForExitAsync());
        Assert.AreEqual(0, limit.ExitCode, limit.StandardError.ReadToEnd());
        string said = await Finish(program);
        StringAssert.StartsWith(said, "WorkerStartException");
        Assert.AreEqual(0, program.ExitCode, "It lived on and ended in good order.");
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<string> Finish(Process program)
    {
        Task<string> errors = program.StandardError.ReadToEndAsync();
        await program.StandardInput.WriteLineAsync();
        string said = await InTime(program.StandardOutput.ReadToEndAsync());
        await InTime(program.WaitForExitAsync());
        Assert.AreNotEqual("", said, await InTime(errors));
        return said;
    }
}
