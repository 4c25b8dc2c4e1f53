using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Tests.Processes;

namespace GilSharp.Tests.Ipc;

/// <summary>A child process and its channel, without a pool: what a wait tells, and how an end is told.</summary>
[TestClass]
public sealed partial class ChildProcessTests : PoolTest
{
    private const int Continue = 18; // SIGCONT

    [TestMethod]
    [Timeout(Deadline)]
    public void Wait_WithNothingToTell_IsSilent_AndASignalEndsIt()
    {
        using ChildProcess child = Start("exec sleep 1000");
        Assert.AreEqual(ChannelEvents.None, child.Wait(ChannelEvents.Answers, 1));
        Assert.AreEqual(ChannelEvents.Room | ChannelEvents.DescriptorRoom, child.Wait(ChannelEvents.Room | ChannelEvents.DescriptorRoom, -1));
        child.Signal();
        child.Signal();
        Assert.AreEqual(ChannelEvents.Woken, child.Wait(ChannelEvents.Answers, -1));
        Assert.AreEqual(ChannelEvents.None, child.Wait(ChannelEvents.Answers, 1), "the wait that told of it has consumed it");
        End(child);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void Wait_InterruptedByTheSystem_IsNotSilence()
    {
        using ChildProcess child = Start("exec sleep 1000");
#pragma warning disable CA1416 // these tests run where there is /proc
        using var handled = PosixSignalRegistration.Create(PosixSignal.SIGCONT, static context => context.Cancel = true);
#pragma warning restore CA1416
        ChannelEvents seen = ChannelEvents.None;
        int number = 0;
        Thread waiter = new(() =>
        {
            Volatile.Write(ref number, gettid());
            seen = child.Wait(ChannelEvents.Answers, (int)NeverThatLong.TotalMilliseconds);
        });
        waiter.Start();
        Eventually(() => Volatile.Read(ref number) != 0 && Switches(number) is { IsAsleep: true }, "asleep");

        for (int i = 0; i < 3; i++)
        {
            long before = Switches(number)?.Count ?? 0;
            Assert.AreEqual(0, tgkill(Environment.ProcessId, number, Continue));
            Eventually(() => Switches(number) is not { } now || (now.Count > before && now.IsAsleep), "asleep again");
        }

        child.Signal();
        Assert.IsTrue(waiter.Join(NeverThatLong));
        Assert.AreEqual(ChannelEvents.Woken, seen);
        End(child);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void WhatItPrints_IsToldAndRead_EachStreamByItself_UpToItsEnd()
    {
        using ChildProcess child = Start("echo out; echo err >&2");
        string[] read = ["", ""];
        bool[] ended = new bool[2];
        byte[] room = new byte[100];
        ChannelEvents seen = ChannelEvents.None;
        while (!ended[0] || !ended[1] || (seen & ChannelEvents.Exited) == 0)
        {
            seen |= child.Wait((ended[0] ? ChannelEvents.None : ChannelEvents.Output) | (ended[1] ? ChannelEvents.None : ChannelEvents.Errors), -1);
            foreach (int stream in (int[])[ChildProcess.Output, ChildProcess.Errors])
            {
                int count = child.ReadPrinted(stream, room);
                if (count < 0) ended[stream] = true;
                else read[stream] += System.Text.Encoding.UTF8.GetString(room, 0, count);
            }
        }

        Assert.AreEqual("out\n err\n", $"{read[0]} {read[1]}");
        Assert.IsTrue((seen & (ChannelEvents.Output | ChannelEvents.Errors)) == (ChannelEvents.Output | ChannelEvents.Errors));
        Assert.AreEqual(-1, child.ReadAnswers(room), "nobody writes any more");
        Assert.AreEqual(-1, child.WriteRequests(new byte[1]), "nobody reads any more");
        Assert.AreEqual(new ExitStatus(0, null), child.Collect());
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow("exit 3", 3, null)]
    [DataRow("exit 137", 137, null)]
    [DataRow("kill -9 $$", 137, "SIGKILL")]
    [DataRow("kill -11 $$", 139, "SIGSEGV")]
    public void End_IsToldAsACodeOrASignal_NeverMixedUp(string script, int code, string? signal)
    {
        using ChildProcess child = Start(script);
        while ((child.Wait(ChannelEvents.None, -1) & ChannelEvents.Exited) == 0)
        {
        }

        Assert.AreEqual(new ExitStatus(code, signal), child.Collect());
        child.Kill(); // its number may be another's by now: nothing
    }

    // As .NET does with every child of the first process of a container, once the program has started a process by itself.
    [TestMethod]
    [Timeout(Deadline)]
    [DataRow("exit 0", 0, null)]
    [DataRow("exit 137", 137, null)]
    [DataRow("kill -9 $$", 137, "SIGKILL")]
    public void End_WhoseStatusSomebodyElseCollected_IsTold_WhereTheKernelKeepsIt(string script, int code, string? signal)
    {
        using ChildProcess child = Start(script);
        Assert.AreEqual(child.Id, waitpid(child.Id, 0, 0));

        ExitStatus status = child.Collect();
        if (status == ExitStatus.Unknown && Environment.OSVersion.Version < new Version(6, 15)) Assert.Inconclusive("Linux before 6.15 forgets it.");
        Assert.AreEqual(new ExitStatus(code, signal), status);
    }

    private static ChildProcess Start(string script) => HostSystem.Current.Start(new CommandLine("/bin/sh", ["-c", script], ["PATH=/usr/bin:/bin"], null));

    private static void End(ChildProcess child)
    {
        child.Kill();
        Assert.AreEqual("SIGKILL", child.Collect().SignalName);
    }

    // How often a thread of ours has slept or been put off; null when it has ended.
    private static (long Count, bool IsAsleep)? Switches(int thread)
    {
        try
        {
            string[] lines = File.ReadAllLines($"/proc/self/task/{thread}/status");
            long count = 0;
            foreach (string line in lines)
                if (line.Contains("_ctxt_switches:", StringComparison.Ordinal)) count += long.Parse(line[(line.IndexOf(':') + 1)..]);
            return (count, Array.Exists(lines, static line => line.StartsWith("State:\tS", StringComparison.Ordinal)));
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc")]
    private static partial int waitpid(int process, nint status, int options);

    [LibraryImport("libc")]
    private static partial int gettid();

    [LibraryImport("libc")]
    private static partial int tgkill(int process, int thread, int signal);
}
