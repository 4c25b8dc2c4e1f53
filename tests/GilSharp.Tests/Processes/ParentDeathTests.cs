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
    [DataRow("exit", "busy")]
    [DataRow("throw", "busy")]
    [DataRow("failfast", "idle")]
    [DataRow("kill", "idle")]
    [DataRow("kill", "busy")]
    [DataRow("kill", "native")]
    [DataRow("kill", "nested")]
    public async Task ParentThatEnds_LeavesNoWorker(string how, string whileWorkersAre)
    {
        using Process parent = Start(how, whileWorkersAre);
        Task<string> errors = parent.StandardError.ReadToEndAsync();
        int[] workers = [.. (await InTime(parent.StandardOutput.ReadLineAsync()))!.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        Assert.IsTrue(workers.All(IsAlive));

        await parent.StandardInput.WriteLineAsync();
        await InTime(parent.WaitForExitAsync());

        Eventually(() => !workers.Any(IsAlive), "all gone");
        if (how == "return") Assert.AreEqual(7, parent.ExitCode);
        if (how == "exit") Assert.AreEqual(9, parent.ExitCode);
        if (how is "return" or "exit" or "kill") Assert.AreEqual("", await InTime(errors));
    }

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
