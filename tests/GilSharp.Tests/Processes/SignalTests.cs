using System.Globalization;
using System.Runtime.InteropServices;

namespace GilSharp.Tests.Processes;

/// <summary>Signals to a program and to its workers: the parent decides, accepted calls end, and nobody prints a stack trace.</summary>
[TestClass]
public sealed class SignalTests : PoolTest
{
    private const int Calls = 40; // of 20 ms each: they outlast the signal

    // As under a shell; a shell that runs these tests in the background has them ignore what is sent here.
    private static readonly string[] ItsOwnGroup = ["env", "--default-signal=HUP,INT,QUIT,TERM", "setsid"];

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(PosixSignal.SIGINT)]
    [DataRow(PosixSignal.SIGTERM)]
    [DataRow(PosixSignal.SIGHUP)]
    public async Task SignalToTheWholeGroupAndToEveryWorker_IsTheParentsToDecide_AndNoAcceptedCallIsLost(PosixSignal signal)
    {
        using OwnProgram program = OwnProgram.Start(ItsOwnGroup, "drain", Calls);
        int[] ids = await Started(program);
        foreach (int worker in ids[1..]) OwnProgram.Signal(worker, signal); // as a service manager does that signals a whole control group
        OwnProgram.Signal(-ids[0], signal);
        Dictionary<string, string> said = OwnProgram.Said(await InTime(program.Process.StandardOutput.ReadToEndAsync()));
        await InTime(program.Process.WaitForExitAsync());
        Assert.AreEqual($"{signal}", said["signal"]);
        Assert.AreEqual($"{Calls}", said["results"]);
        Assert.AreEqual(0, program.Process.ExitCode);
        Assert.AreEqual("", await InTime(program.Errors()));
        Assert.IsFalse(ids.Any(IsAlive));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task SignalWhileCallsDoNotEnd_TerminatesThemAfterTheShutdownTimeout()
    {
        using OwnProgram program = OwnProgram.Start(ItsOwnGroup, "drain", Calls, "stuck");
        int[] ids = await Started(program);
        OwnProgram.Signal(ids[0], PosixSignal.SIGTERM);
        Dictionary<string, string> said = OwnProgram.Said(await InTime(program.Process.StandardOutput.ReadToEndAsync()));
        await InTime(program.Process.WaitForExitAsync());
        Assert.AreEqual("0", said["results"]);
        Assert.AreEqual(0, program.Process.ExitCode);
        Assert.AreEqual("", await InTime(program.Errors()));
        Assert.IsFalse(ids.Any(IsAlive));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CtrlC_AtATerminal_EndsQuietlyAndCompletely()
    {
        if (!File.Exists("/usr/bin/script")) Assert.Inconclusive("There is no script(1) to make a terminal with.");
        using OwnProgram program = OwnProgram.StartAtATerminal("drain", Calls);
        int[] ids = await Started(program);
        await program.Process.StandardInput.WriteAsync('\x03'); // what the terminal turns into SIGINT for its foreground group
        await program.Process.StandardInput.FlushAsync();
        string rest = await InTime(program.Process.StandardOutput.ReadToEndAsync());
        await InTime(program.Process.WaitForExitAsync());
        Dictionary<string, string> said = OwnProgram.Said(rest.Replace("^C", "", StringComparison.Ordinal));
        Assert.AreEqual($"{PosixSignal.SIGINT}", said["signal"]);
        Assert.AreEqual($"{Calls}", said["results"]);
        Assert.HasCount(2, said, rest); // nothing else was printed
        Assert.AreEqual(0, program.Process.ExitCode);
        Assert.IsFalse(ids.Any(IsAlive));
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(PosixSignal.SIGINT, 130)]
    [DataRow(PosixSignal.SIGTERM, 143)]
    [DataRow(PosixSignal.SIGHUP, 129)]
    public async Task SignalThatTheProgramDoesNotHandle_EndsItAndItsWorkers_Quietly(PosixSignal signal, int exitCode)
    {
        using OwnProgram program = OwnProgram.Start(ItsOwnGroup, "ordinary");
        int[] ids = await Started(program);
        OwnProgram.Signal(-ids[0], signal);
        await InTime(program.Process.WaitForExitAsync());
        Assert.AreEqual(exitCode, program.Process.ExitCode);
        Assert.AreEqual("", await InTime(program.Errors()));
        Eventually(() => !ids.Any(IsAlive), "all gone");
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(PosixSignal.SIGINT)]
    [DataRow(PosixSignal.SIGTERM)]
    public async Task GenericHost_ThatIsAskedToStop_DrainsItsPool(PosixSignal signal)
    {
        using OwnProgram program = OwnProgram.Start(ItsOwnGroup, "host", Calls);
        int[] ids = await Started(program);
        OwnProgram.Signal(-ids[0], signal);
        Dictionary<string, string> said = OwnProgram.Said(await InTime(program.Process.StandardOutput.ReadToEndAsync()));
        await InTime(program.Process.WaitForExitAsync());
        Assert.AreEqual($"{Calls}", said["results"]);
        Assert.AreEqual(0, program.Process.ExitCode);
        Assert.AreEqual("", await InTime(program.Errors()));
        Assert.IsFalse(ids.Any(IsAlive));
    }

    [TestMethod]
    public void ShutdownTimeout_IsBelowWhatHostsGive() =>
        Assert.IsLessThan(TimeSpan.FromSeconds(30), new ProcessPoolOptions().ShutdownTimeout);

    // The program's own process and its workers', on its first line.
    private static async Task<int[]> Started(OwnProgram program)
    {
        string line = await InTime(program.Process.StandardOutput.ReadLineAsync()) ?? throw new AssertFailedException(await program.Errors());
        return [.. line.Trim().Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }
}
