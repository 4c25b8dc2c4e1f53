using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Tests.Processes;

/// <summary>A program that has a pool ends, in whatever way: no worker of it outlives it, and what it says stays its own.</summary>
[TestClass]
public sealed class ParentDeathTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    [DataRow("return", "idle")]
    [DataRow("return", "busy")]
    [DataRow("return", "native")]
    [DataRow("return", "nested")]
    [DataRow("throw", "idle")]
    [DataRow("throw", "busy")]
    [DataRow("throw", "native")]
    [DataRow("throw", "nested")]
    [DataRow("failfast", "idle")]
    [DataRow("failfast", "busy")]
    [DataRow("failfast", "native")]
    [DataRow("failfast", "nested")]
    [DataRow("kill", "idle")]
    [DataRow("kill", "busy")]
    [DataRow("kill", "native")]
    [DataRow("kill", "nested")]
    [DataRow("exit", "busy")]
    public async Task ParentThatEnds_LeavesNoWorker(string how, string whileWorkersAre)
    {
        using MeetingPlace temporary = new();
        string[] shared = Directory.GetFileSystemEntries("/dev/shm", "gilsharp-*");
        using Process parent = Start(temporary.Folder, how, whileWorkersAre);
        Task<string> errors = parent.StandardError.ReadToEndAsync();
        int[] workers = [.. (await InTime(parent.StandardOutput.ReadLineAsync()))!.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        Assert.IsTrue(workers.All(IsAlive));

        await parent.StandardInput.WriteLineAsync();
        await InTime(parent.WaitForExitAsync());

        Stopwatch watch = Stopwatch.StartNew();
        Eventually(() => !workers.Any(IsAlive), "all gone");
        TestContext.WriteLine($"gone after {watch.Elapsed.TotalMilliseconds:F0} ms");
        if (how == "return") Assert.AreEqual(7, parent.ExitCode);
        if (how == "exit") Assert.AreEqual(9, parent.ExitCode);
        if (how is "return" or "exit" or "kill") Assert.AreEqual("", await InTime(errors));
        Assert.IsEmpty(Directory.GetFileSystemEntries(temporary.Folder).Where(file => !IsTheRuntimes(file)));
        Assert.AreEqual(shared.Length, Directory.GetFileSystemEntries("/dev/shm", "gilsharp-*").Length);
    }

    // Endpoints for debuggers and tracing tools, which any .NET process leaves that is killed.
    private static bool IsTheRuntimes(string file) =>
        Path.GetFileName(file) is { } name && (name.StartsWith("dotnet-diagnostic-", StringComparison.Ordinal) || name.StartsWith("clr-debug-pipe-", StringComparison.Ordinal));

    private static Process Start(string temporaryFolder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = temporaryFolder },
        };
        return Process.Start(start)!;
    }
}
