using System.Runtime.Versioning;
using GilSharp.Ipc;
using GilSharp.Ipc.Unix;

namespace GilSharp.Tests.Ipc;

/// <summary>How a process ended, read from what the kernel says.</summary>
[TestClass]
[SupportedOSPlatform("linux")]
public sealed class ExitStatusTests
{
    [TestMethod]
    [DataRow(0x0000, 0, null)]
    [DataRow(0x0100, 1, null)]
    [DataRow(0xFF00, 255, null)]
    [DataRow(0x0009, 137, "SIGKILL")]
    [DataRow(0x008B, 139, "SIGSEGV")] // with a core dump
    [DataRow(0x0022, 162, "SIG34")]
    public void WaitStatus_IsACodeOrASignal(int status, int exitCode, string? signal)
    {
        ExitStatus ended = new LinuxSystem().FromWaitStatus(status);

        Assert.AreEqual(exitCode, ended.ExitCode);
        Assert.AreEqual(signal, ended.SignalName);
        Assert.IsTrue(ended.IsKnown);
    }

    [TestMethod]
    public void Unknown_IsNeitherACodeThatProcessesHaveNorASignal() => Assert.AreEqual(new ExitStatus(-1, null, IsKnown: false), ExitStatus.Unknown);

    [TestMethod]
    public void Signals_HaveTheNamesOfTheManual()
    {
        LinuxSystem system = new();
        string[] names =
        [
            "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
            "SIGPIPE", "SIGALRM", "SIGTERM",
        ];
        for (int signal = 1; signal <= names.Length; signal++) Assert.AreEqual(names[signal - 1], system.SignalName(signal));
        Assert.AreEqual("SIGXCPU", system.SignalName(24));
        Assert.AreEqual("SIGXFSZ", system.SignalName(25));
        Assert.AreEqual("SIGSYS", system.SignalName(31));
    }
}
