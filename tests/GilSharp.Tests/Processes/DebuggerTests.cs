using System.Diagnostics;
using GilSharp.Diagnostics;
using GilSharp.Ipc.Unix;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Faults;

namespace GilSharp.Tests.Processes;

/// <summary>While somebody looks at a call with a debugger, its time may pass: nothing is killed for it. Attached is whoever says so in a test.</summary>
[TestClass]
public sealed class DebuggerTests : PoolTest
{
    private static readonly CallOptions Hurry = new() { Timeout = TimeSpan.FromMilliseconds(100) };

    private static ProcessPoolOptions Strict => new() { Workers = 1, CancellationGracePeriod = TimeSpan.FromMilliseconds(50) };

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DebuggerInTheParent_NoTimeoutKills_UntilItIsDetached()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(Strict);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        DebuggerPresence.Pretend(true);
        try
        {
            Task call = pool.With(Hurry).ApplyAsync(Misfortune.NeverEnd, place.Folder);
            await AssertSpared(worker, call);
            DebuggerPresence.Pretend(false);
            await Throws<CallTimeoutException>(call);
            Assert.IsFalse(IsAlive(worker));
        }
        finally
        {
            DebuggerPresence.Pretend(false);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DebuggerInTheWorker_NoTimeKills_UntilItIsDetached()
    {
        using MeetingPlace place = new();
        using CancellationTokenSource source = new();
        WorkerConnection? connection = null;
        ProcessPoolOptions options = Strict;
        options.Faults = new FaultPlan { InPool = (_, worker) => connection = worker };
        await using ProcessPool pool = new(options);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        Task<int> call = pool.ApplyAsync(StopAtABreakpoint, place.Folder, source.Token);
        Eventually(() => place.Arrived == 1 && connection!.IsDebugged, "stopped at the breakpoint, and its pool told");
        await source.CancelAsync();
        await AssertSpared(worker, call);
        place.LetGo(); // it detaches, and then does not end
        await Throws<OperationCanceledException>(call);
        Assert.IsFalse(IsAlive(worker));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DebuggerInTheParent_NoStartIsTakenForTooSlow()
    {
        ProcessPoolOptions options = Strict;
        options.StartTimeout = TimeSpan.FromMilliseconds(1);
        DebuggerPresence.Pretend(true);
        try
        {
            await using ProcessPool pool = new(options);
            Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        }
        finally
        {
            DebuggerPresence.Pretend(false);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task DebuggerInTheParent_NoExitHookIsTakenForTooSlow_UntilItIsDetached()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        ProcessPoolOptions options = Strict;
        options.WorkerExitingTimeout = TimeSpan.FromMilliseconds(50);
        options.WorkerExiting = () => Misfortune.NeverEnd(folder);
        ProcessPool pool = new(options);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        DebuggerPresence.Pretend(true);
        try
        {
            pool.Close();
            Task gone = pool.JoinAsync();
            Eventually(() => place.Arrived == 1, "in its exit hook");
            await AssertSpared(worker, gone);
            DebuggerPresence.Pretend(false);
            await InTime(gone);
        }
        finally
        {
            DebuggerPresence.Pretend(false);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task NativeDebuggerOnTheWorker_IsSeen()
    {
        if (!File.Exists("/usr/bin/strace")) Assert.Inconclusive("There is no strace(1) to trace a worker with.");
        using MeetingPlace place = new();
        await using ProcessPool pool = new(Strict);
        int worker = await pool.ApplyAsync(Misfortune.ProcessId);
        using Process tracer = Process.Start(new ProcessStartInfo("strace", ["-f", "-e", "trace=none", "-p", $"{worker}"]) { RedirectStandardError = true })!;
        try
        {
            Eventually(() => tracer.HasExited || Tracing.IsTraced(worker), "traced");
            if (tracer.HasExited) Assert.Inconclusive("Processes may not be traced here: " + await tracer.StandardError.ReadToEndAsync());
            Task call = pool.With(Hurry).ApplyAsync(Misfortune.NeverEnd, place.Folder);
            await AssertSpared(worker, call);
            tracer.Kill();
            await Throws<CallTimeoutException>(call);
        }
        finally
        {
            if (!tracer.HasExited) tracer.Kill();
        }
    }

    // Much longer than timeout and grace period together: the only way to see that something does not happen.
    private static async Task AssertSpared(int worker, Task call)
    {
        await Task.Delay(1000);
        Assert.IsFalse(call.IsCompleted);
        Assert.IsTrue(IsAlive(worker));
    }

    private static int StopAtABreakpoint(string folder)
    {
        DebuggerPresence.Pretend(true);
        Misfortune.MeetAt(folder);
        DebuggerPresence.Pretend(false);
        while (true) Thread.Sleep(10);
    }
}
