using GilSharp.Ipc.Unix;

namespace GilSharp.Tests.Ipc;

/// <summary>How a process ended, read from what the kernel says.</summary>
[TestClass]
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
        ExitStatus ended = ExitStatus.FromWaitStatus(status);

        Assert.AreEqual(exitCode, ended.ExitCode);
        Assert.AreEqual(signal, ended.SignalName);
        Assert.AreEqual(signal is null ? 0 : exitCode - 128, ended.Signal);
    }

    [TestMethod]
    public void Unknown_IsNeitherACodeThatProcessesHaveNorASignal() => Assert.AreEqual((-1, 0), (ExitStatus.Unknown.ExitCode, ExitStatus.Unknown.Signal));

    [TestMethod]
    public void Signals_HaveTheNamesOfTheManual()
    {
        string[] names =
        [
            "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
            "SIGPIPE", "SIGALRM", "SIGTERM",
        ];
        for (int signal = 1; signal <= names.Length; signal++) Assert.AreEqual(names[signal - 1], new ExitStatus(0, signal).SignalName);
        Assert.AreEqual("SIGXCPU", new ExitStatus(0, 24).SignalName);
        Assert.AreEqual("SIGXFSZ", new ExitStatus(0, 25).SignalName);
        Assert.AreEqual("SIGSYS", new ExitStatus(0, 31).SignalName);
    }
}
