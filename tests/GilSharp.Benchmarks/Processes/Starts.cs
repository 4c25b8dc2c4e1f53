using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Processes;

/// <summary>What a pool costs before its first answer, beside an empty program of the same runtime.</summary>
internal static class Starts
{
    internal const string EmptyProgram = "nothing", SleepingProgram = "nothing-yet";
    private const string Topic = "ProcessPool";

    internal static List<Row> Rows(int rounds, IReadOnlyList<IContestant> contestants)
    {
        EmptyContestant hello = new();
        Dictionary<string, List<double[]>> colds = Contest.Ask(rounds, [.. contestants, hello], "cold");
        double empty = colds[hello.Name].Of().Median;
        Spread ours = colds[OurPool.Title].Of();
        colds.Remove(hello.Name);
        (double worker, double program) = (ResidentOfAWorker(), ResidentOfAnEmptyProgram());
        return
        [
            new Row
            {
                Id = "cold-pool", Topic = Topic, What = "cold pool of 2, until both workers have answered", Unit = "ms", Ours = ours, Besides = $"an empty program {Figures.Text(empty)} ms",
                Others = colds.Where(cold => cold.Key != OurPool.Title).ToDictionary(cold => cold.Key, cold => cold.Value.Of()),
                Limits = new Dictionary<string, Spread> { ["an empty program"] = Spread.Single(empty) },
                Target = new Target("≤ 0.8 × an empty program", ours.Median / empty, 0.8, AtLeast: false), Cost = ours.Median / empty,
            },
            new Row
            {
                Id = "idle-worker", Topic = Topic, What = "idle worker, resident", Unit = "MiB", Ours = Spread.Single(worker),
                Limits = new Dictionary<string, Spread> { ["an empty program"] = Spread.Single(program) },
                Target = new Target("≤ 1.3 × an empty program", worker / program, 1.3, AtLeast: false), Cost = worker / program,
            },
        ];
    }

    /// <summary>A program that has started and does nothing more until its input ends.</summary>
    internal static int Sleep(string[] args)
    {
        Console.WriteLine("here");
        Console.ReadLine();
        return 0;
    }

    private static double ResidentOfAWorker()
    {
        using ProcessPool pool = new(1);
        pool.Apply(OurPool.Increment, 1);
        return OtherProcess.Resident(pool.Workers[0].ProcessId) / 1024.0;
    }

    private static double ResidentOfAnEmptyProgram()
    {
        ProcessStartInfo start = OtherProcess.Self(SleepingProgram);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadLine();
        double resident = OtherProcess.Resident(process.Id) / 1024.0;
        process.StandardInput.Close();
        process.WaitForExit();
        return resident;
    }

    /// <summary>This program with a verb that does nothing, from start to exit, in milliseconds.</summary>
    private sealed class EmptyContestant : IContestant
    {
        public string Name => "an empty program";

        public double[]? Ask(string question)
        {
            long start = Stopwatch.GetTimestamp();
            using Process process = Process.Start(OtherProcess.Self(EmptyProgram))!;
            process.WaitForExit();
            return [Stopwatch.GetElapsedTime(start).TotalMilliseconds];
        }

        public void Dispose()
        {
        }
    }
}
