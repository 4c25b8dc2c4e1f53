using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Tests;

/// <summary>A stand-in speaks the protocol: the pool gives it calls, takes its answers and ends it as a worker of its own.</summary>
[TestClass]
public sealed class StandInTests
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task StandIns_ManyCalls_EachIsAnsweredOnceAndAllLeave()
    {
        using TemporaryFolder folder = new();
        string program = folder.File("stand_in");
        if (Clone.Output("gcc", ["-O2", Path.Combine(AppContext.BaseDirectory, "Scaling", "stand_in.c"), "-o", program]) is null) Assert.Inconclusive("There is no C compiler.");
        using ProcessPool pool = new(new ProcessPoolOptions { Workers = 8 }, program);
        await pool.StartAsync();
        int[] processes = [.. pool.Workers.Select(worker => worker.ProcessId)];

        int[] answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => pool.ApplyAsync(Identity, i % 300)));

        CollectionAssert.AreEqual(Enumerable.Range(0, 2_000).Select(i => i % 300).ToArray(), answers);
        pool.Close();
        pool.Join();
        Assert.IsFalse(processes.Any(process => Directory.Exists($"/proc/{process}")), "a stand-in is left");
    }

    private static int Identity(int value) => value;
}
