using System.Globalization;
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace GilSharp.Controlled;

/// <summary>Runs one scenario under Coyote's schedules: SCENARIO ITERATIONS FAULT. Exit code 0: nothing found, 2: a bug, 1: no run.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Action scenario = Scenarios.All[args[0]];
        uint iterations = uint.Parse(args[1], CultureInfo.InvariantCulture);
        Fault.Planted = Enum.Parse<FaultKind>(args[2]);
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Disabled;
        int bugs = 0;
        // No strategy finds all: between plain accesses too there are more schedules, and fewer of them that matter.
        (Configuration Strategy, bool BetweenPlainAccesses)[] quarters =
        [
            (Configuration.Create(), false),
            (Configuration.Create().WithPrioritizationStrategy(false, 5), false),
            (Configuration.Create().WithPrioritizationStrategy(false, 5), true),
            (Configuration.Create().WithDelayBoundingStrategy(false, 3), false),
        ];
        foreach ((Configuration strategy, bool betweenPlainAccesses) in quarters)
        {
            Configuration configuration = strategy
                .WithTestingIterations(iterations / 4)
                .WithRandomGeneratorSeed(8)
                .WithMaxSchedulingSteps(20_000)
                // Milliseconds without a step. Long where nothing should be found: a busy machine must not look like a deadlock.
                .WithDeadlockTimeout(Fault.Is(FaultKind.None) ? 30_000u : 3_000u)
                .WithFailureOnMaxStepsBoundEnabled(true)
                .WithPartiallyControlledConcurrencyAllowed(false)
                .WithSystematicFuzzingFallbackEnabled(false)
                .WithAtomicOperationRaceCheckingEnabled(true)
                .WithVolatileOperationRaceCheckingEnabled(true)
                .WithLockAccessRaceCheckingEnabled(true)
                .WithMemoryAccessRaceCheckingEnabled(betweenPlainAccesses)
                .WithNoBugTraceRepro(true)
                .WithTelemetryEnabled(false);
            using TestingEngine engine = TestingEngine.Create(configuration, () =>
            {
                Locking.MonotonicClock.Begin();
                scenario();
            });
            engine.Run();
            TestReport report = engine.TestReport;
            foreach (string error in report.InternalErrors)
                Console.Error.WriteLine(error);
            if (report.InternalErrors.Count != 0 || report.UncontrolledInvocations.Count != 0)
            {
                Console.Error.WriteLine($"not controlled: {string.Join(", ", report.UncontrolledInvocations)}");
                return 1;
            }

            bugs += report.NumOfFoundBugs;
            Console.WriteLine($"{report.NumOfExploredFairPaths + report.NumOfExploredUnfairPaths} schedules, {report.NumOfFoundBugs} bugs");
            foreach (string bug in report.BugReports)
                Console.WriteLine(bug);
            if (bugs != 0)
                return 2;
        }

        return 0;
    }
}
