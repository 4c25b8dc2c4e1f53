using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Containers.Tests;

/// <summary>A pool where little is granted: what a container takes away, taken away by namespaces and control groups.</summary>
[TestClass]
public sealed class ContainerTests
{
    private const int Deadline = 240_000;
    private const string NewProcesses = "--pid --mount-proc --fork";

    private static readonly string ReadOnly = """
        while read -r _ at _; do
            case $at in "$TMPDIR" | /proc | /proc/* | /dev | /dev/*) ;; *) mount -o remount,bind,ro "$at" 2>/dev/null || true ;; esac
        done < /proc/self/mounts
        ! touch / 2>/dev/null
        ! touch /var/tmp/gilsharp-writable 2>/dev/null
        """;

    [TestMethod]
    [Timeout(Deadline)]
    public void NonRootUser_Works()
    {
        using Sandbox sandbox = new();
        if (Sandbox.Run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true") is { ExitCode: not 0 } refused)
            Assert.Inconclusive("Another user can't be taken on here: " + refused.Errors);
        AssertWell(sandbox.Run(NewProcesses, $"""
            chmod 0777 "$TMPDIR"
            exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs {sandbox.Program("container")}
            """));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void ReadOnlyRoot_WithATemporaryFolder_Works_AndLeavesNothingInIt()
    {
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run(NewProcesses, $"""
            mount -t tmpfs -o size=1m tmpfs "$TMPDIR"
            {ReadOnly}
            {sandbox.Program("container")}
            echo "left=$(ls -A "$TMPDIR" | wc -l)"
            """);
        Assert.AreEqual("0", said["left"]);
        AssertWell(said, isFirst: false);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void ReadOnlyRoot_WithoutAnythingWritable_Works()
    {
        using Sandbox sandbox = new();
        AssertWell(sandbox.Run(NewProcesses, $"""
            export TMPDIR=/nowhere
            {ReadOnly}
            exec {sandbox.Program("container")}
            """));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void FullDisk_UnderTheTemporaryFolder_IsNotNoticed()
    {
        using Sandbox sandbox = new();
        AssertWell(sandbox.Run(NewProcesses, $"""
            mount -t tmpfs -o size=64k tmpfs "$TMPDIR"
            dd if=/dev/zero of="$TMPDIR/all" 2>/dev/null || true
            ! cp /bin/sh "$TMPDIR/more" 2>/dev/null
            exec {sandbox.Program("container")}
            """));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void FullDisk_UnderInheritedOutput_LosesTheOutputOnly()
    {
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run("--pid --mount-proc --fork", $"""
            mount -t tmpfs -o size=64k tmpfs "$TMPDIR"
            {sandbox.Program("print Inherit 5")} >"$TMPDIR/output" 2>/dev/null || echo "failed=$?"
            echo "kept=$(stat -c %s "$TMPDIR/output")"
            """);
        Assert.IsFalse(said.ContainsKey("failed"));
        Assert.IsGreaterThan(0, int.Parse(said["kept"], CultureInfo.InvariantCulture));
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow("mount -t tmpfs -o size=64m tmpfs /dev/shm")]
    [DataRow("mount -t tmpfs -o ro tmpfs /dev/shm")]
    [DataRow("""
        mkdir "$TMPDIR/dev"
        mknod -m 666 "$TMPDIR/dev/null" c 1 3
        mknod -m 666 "$TMPDIR/dev/zero" c 1 5
        mknod -m 666 "$TMPDIR/dev/random" c 1 8
        mknod -m 666 "$TMPDIR/dev/urandom" c 1 9
        mount --bind "$TMPDIR/dev" /dev
        ! test -e /dev/shm
        """)]
    public void LittleOrNoSharedMemory_IsEnough(string setup)
    {
        using Sandbox sandbox = new();
        AssertWell(sandbox.Run(NewProcesses, $"""
            {setup}
            exec {sandbox.Program("container")}
            """));
    }

    /// <summary>As the first process of a container, the program gets all orphans: what a killed worker had started must not stay as zombies.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public void FirstProcess_CollectsWhatItsWorkersLeave()
    {
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run(NewProcesses, $"exec {sandbox.Program("container")}");
        Assert.AreEqual("1", said["id"]);
        AssertWell(said);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void FirstProcess_ThatIsSentSigterm_Drains()
    {
        using Sandbox sandbox = new();
        Process outside = sandbox.Start(NewProcesses, $"exec {sandbox.Program("drain 40")}");
        string started = outside.StandardOutput.ReadLine() ?? outside.StandardError.ReadToEnd();
        Assert.AreEqual("1", started.Split(' ')[0]);
        string inside = File.ReadAllText($"/proc/{outside.Id}/task/{outside.Id}/children").Trim();
        Assert.AreEqual(0, Sandbox.Run("kill", "-TERM", inside).ExitCode);
        Task<string> rest = outside.StandardOutput.ReadToEndAsync();
        Assert.IsTrue(outside.WaitForExit(TimeSpan.FromSeconds(30)), "It did not end.");
        Assert.AreEqual(0, outside.ExitCode);
        StringAssert.EndsWith(rest.Result.Trim(), "results=40");
        Assert.AreEqual("", outside.StandardError.ReadToEnd());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void HalfAProcessor_MeansOneWorker()
    {
        using ControlGroup group = ControlGroup.Create("cpu", ("cpu.cfs_period_us", null, "100000"), ("cpu.cfs_quota_us", null, "50000"), (null, "cpu.max", "50000 100000"));
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run(NewProcesses, $"""
            {group.Join}
            exec {sandbox.Program("container")}
            """);
        Assert.AreEqual("1", said["processors"]);
        Assert.AreEqual("1", said["workers"]);
        Assert.AreEqual("1", said["worker-processors"]);
        AssertWell(said);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void MemoryOfAContainer_IsSharedByWorkersAndParent()
    {
        using ControlGroup group = Memory();
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run(NewProcesses, $"""
            {group.Join}
            exec {sandbox.Program("container")}
            """);
        long limit = 512L << 20;
        Assert.AreEqual(limit * 3 / 4, long.Parse(said["parent-heap"], CultureInfo.InvariantCulture)); // the runtime's own share of it
        Assert.AreEqual(limit * 3 / 4 / 3, long.Parse(said["worker-heap"], CultureInfo.InvariantCulture)); // two workers and the parent
        AssertWell(said);
    }

    /// <summary>Three workers take all they can get at the same time: each gets an error, and the kernel kills nobody.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    [DataRow("", "out-of-memory")]
    [DataRow("100000000", "limited")]
    public void WorkersThatTakeAllTheyCanGet_FailTheirCalls_AndTheContainerLives(string limit, string counted)
    {
        using ControlGroup group = Memory();
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run(NewProcesses, $"""
            {group.Join}
            exec {sandbox.Program("memory " + limit)}
            """);
        Assert.AreEqual("3", said[counted]);
        Assert.AreEqual("2", said["after"]);
        Assert.AreEqual(0, group.KilledForMemory());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void NoMoreProcesses_CallsFailWithTheReason_AndThePoolGoesOnWhenThereAreSome()
    {
        using ControlGroup group = ControlGroup.Create("pids");
        using Sandbox sandbox = new();
        Process process = sandbox.Start(NewProcesses, $"""
            {group.Join}
            export DOTNET_TieredCompilation=0 DOTNET_ThreadPool_ThreadTimeoutMs=600000 # its threads stay
            exec {sandbox.Program($"threads {sandbox.Folder}")}
            """);
        Assert.AreEqual("1", process.StandardOutput.ReadLine());
        AwaitSettled(group); // the program's own threads
        group.Set("pids.max", (group.Number("pids.current") + 1).ToString(CultureInfo.InvariantCulture)); // a process, and no thread to listen to it
        File.WriteAllText(Path.Combine(sandbox.Folder, "limited"), "");
        string? none = process.StandardOutput.ReadLine();
        if (none is null && process.StandardError.ReadToEnd() is var last && last.StartsWith("Out of memory.", StringComparison.Ordinal))
            Assert.Inconclusive("The runtime needed a thread for itself, got none, and ended the program.");
        group.Set("pids.max", "max");
        File.WriteAllText(Path.Combine(sandbox.Folder, "lifted"), "");
        Dictionary<string, string> said = Sandbox.End(process);
        StringAssert.Contains(none, "pids.max");
        Assert.AreEqual("2", said["free"]);
    }

    private static void AwaitSettled(ControlGroup group)
    {
        for ((long count, int same) = (0, 0); same < 20; Thread.Sleep(50))
        {
            long now = group.Number("pids.current");
            same = now == count ? same + 1 : 0;
            count = now;
        }
    }

    private static ControlGroup Memory() =>
        ControlGroup.Create("memory", ("memory.limit_in_bytes", "memory.max", (512L << 20).ToString(CultureInfo.InvariantCulture)));

    private static void AssertWell(Dictionary<string, string> said, bool isFirst = true)
    {
        Assert.AreEqual("500500", said["calls"]);
        Assert.AreEqual("9", said["large"]);
        Assert.AreEqual("7", said["printed"]);
        Assert.AreEqual("Exited none", said["exit"]); // exit(137) is not SIGKILL
        Assert.AreEqual("Killed SIGKILL", said["kill"]);
        Assert.AreEqual("2", said["after"]);
        if (!isFirst) return; // whoever is first has the zombies
        Assert.AreEqual("0", said["zombies"]);
        Assert.AreEqual("0", said["others"]);
    }
}
