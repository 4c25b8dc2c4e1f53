using System.Globalization;

namespace GilSharp.Containers.Tests;

/// <summary>Clocks that leap, and clocks that begin elsewhere: deadlines are counted on the monotonic one.</summary>
[TestClass]
public sealed class ClockTests
{
    private const int Deadline = 240_000;

    [TestMethod]
    [Timeout(Deadline)]
    public void WallClockThatLeapsByHours_ChangesNoDeadline()
    {
        using Sandbox sandbox = new();
        string library = Path.Combine(sandbox.Folder, "leaping-clock.so");
        if (Sandbox.Run("gcc", "-shared", "-fPIC", "-O2", "-o", library, Path.Combine(AppContext.BaseDirectory, "leaping-clock.c")) is { ExitCode: not 0 } missing)
            Assert.Inconclusive("The clock can't be compiled here: " + missing.Errors);
        Dictionary<string, string> said = sandbox.Run("--pid --mount-proc --fork", $"""
            export LD_PRELOAD='{library}'
            exec {sandbox.Program("clock 8")}
            """);
        Assert.IsGreaterThan(5.0, double.Parse(said["largest-step-hours"], CultureInfo.InvariantCulture)); // else the clock did not leap
        Assert.AreEqual("1", said["workers"]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public void MonotonicClockThatBeginsElsewhere_ChangesNoDeadline()
    {
        using Sandbox sandbox = new();
        Dictionary<string, string> said = sandbox.Run("--time --monotonic 100000000 --boottime 200000000 --pid --mount-proc --fork", $"exec {sandbox.Program("clock 3")}");
        Assert.AreEqual("1", said["workers"]);
    }
}
