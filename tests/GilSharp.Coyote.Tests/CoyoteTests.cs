using System.Globalization;

[assembly: DoNotParallelize]

namespace GilSharp.Coyote.Tests;

/// <summary>Coyote's schedules of the lock and the counts: a second opinion, sampled, beside the explorer.</summary>
[TestClass]
public sealed class CoyoteTests
{
    private const int NothingFound = 0;
    private const int BugFound = 2;

    /// <summary>What a scenario runs in; .ci/run prints it after the tests.</summary>
    private static readonly string Report = Path.Combine(AppContext.BaseDirectory, "proof-report.txt");

    [ClassInitialize]
    public static void Begin(TestContext context) => File.WriteAllText(Report, "Coyote:\n");

    [TestMethod]
    [DataRow("lock: three threads")]
    [DataRow("lock: short releases")]
    [DataRow("lock: one gives up")]
    [DataRow("lock: disposal")]
    [DataRow("count: shared handle, atomic")]
    [DataRow("count: shared handle, lock-guarded")]
    [DataRow("count: weak handle, atomic")]
    [DataRow("count: weak handle, lock-guarded")]
    public void Scenario_InEverySampledSchedule_KeepsItsPromises(string scenario)
    {
        ChildResult result = Run(scenario, schedules: 400 * TestEffort.Factor, fault: "None");
        Assert.AreEqual(NothingFound, result.ExitCode, $"{scenario}: {result}");
    }

    [TestMethod]
    [DataRow("count: weak handle, atomic", "WordClosedByPlainWrite")]
    [DataRow("count: shared handle, atomic", "HandleEndedInTwoSteps")]
    [DataRow("lock: three threads", "QueueNotShown")]
    public void Scenario_WithFaultOnPurpose_IsCaught(string scenario, string fault)
    {
        ChildResult result = Run(scenario, schedules: 8000, fault);
        Assert.AreEqual(BugFound, result.ExitCode, $"{scenario} with {fault}: {result}");
    }

    private static ChildResult Run(string scenario, int schedules, string fault)
    {
        string program = Path.Combine(Repository.Root, "tests", "GilSharp.Coyote.Tests", "Controlled", "bin", "Debug", "net10.0", "GilSharp.Controlled.dll");
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [dotnet, "exec", program, scenario, schedules.ToString(CultureInfo.InvariantCulture), fault];
        // Coyote runs one thread at a time and hands over between them: on one processor that takes a third of the time.
        ChildResult result = OperatingSystem.IsLinux() ? ChildProgram.Run("taskset", ["-c", "0", .. command], "/") : ChildProgram.Run(dotnet, command[1..], Path.GetTempPath());
        foreach (string line in result.Output.Split('\n').Where(static line => line.Contains(" schedules, ", StringComparison.Ordinal)))
            File.AppendAllText(Report, $"  {scenario}, fault {fault}: {line}\n");
        return result;
    }
}
