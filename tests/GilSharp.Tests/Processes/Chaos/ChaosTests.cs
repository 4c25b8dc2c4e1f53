using System.Globalization;

namespace GilSharp.Tests.Processes.Chaos;

/// <summary>
/// Everything at once, for as long as <c>GILSHARP_CHAOS_SECONDS</c> says: seconds by default, a night by hand. <c>GILSHARP_CHAOS_SEED</c> throws the
/// same dice again; what the scheduler does with them is its own.
/// </summary>
[TestClass]
public sealed class ChaosTests : PoolTest
{
    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    [TestMethod]
    public async Task Chaos_EveryCallEndsOnce_WithTheTruth_AndNothingIsLeft()
    {
        int seed = Setting("GILSHARP_CHAOS_SEED", Random.Shared.Next(1_000_000));
        TimeSpan time = TimeSpan.FromSeconds(Setting("GILSHARP_CHAOS_SECONDS", 4));
        using MeetingPlace place = new();
        await WarmUp();
        int descriptors = Descriptors(), files = Files();
        TestContext.WriteLine($"seed {seed}, {time}");
        Console.WriteLine($"seed {seed}, {time}");
        using (ChaosRun run = new(seed, place.Folder))
        {
            await run.Run(time);
            TestContext.WriteLine(run.Report);
            Console.WriteLine(run.Report);
            Assert.IsGreaterThan(0L, run.Calls);
            Eventually(() => !run.Processes.Any(IsOurChild), "all gone");
        }

        Eventually(() => Descriptors() <= descriptors, $"down to {descriptors} descriptors");
        Assert.AreEqual(files, Files());
    }

    // By the names that the library gives: other programs that run beside this one have files of their own.
    private static int Files() => Directory.GetFiles(Path.GetTempPath(), "gilsharp-array*").Length + Directory.GetFiles(Path.GetTempPath(), "gilsharp-status*").Length;

    // Numbers of processes are used again within minutes, so one that is alive may be anybody's.
    private static bool IsOurChild(int processId)
    {
        try
        {
            return IsAlive(processId) && File.ReadLines($"/proc/{processId}/status").Any(static line => line == $"PPid:\t{Environment.ProcessId}");
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task WarmUp()
    {
        await using ProcessPool pool = new(1);
        await pool.ApplyAsync(Misfortune.Increment, 1);
    }

    // Pipes, events, processes, shared memory: what workers are held by. The runtime keeps open the assemblies that it loads.
    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Count(static path =>
    {
        try
        {
            string target = new FileInfo(path).LinkTarget ?? "";
            return target.StartsWith("pipe:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal) || target.Contains("gilsharp", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // that of the listing itself
        }
    });
}
