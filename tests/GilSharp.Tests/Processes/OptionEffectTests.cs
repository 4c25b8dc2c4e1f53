using System.Buffers;
using System.Text.Json;

namespace GilSharp.Tests.Processes;

/// <summary>What options do that no other test is about; docs/concepts/process-pool.md names the test of each.</summary>
[TestClass]
public sealed class OptionEffectTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallDefaults_HoldForEveryCall_AndAViewReplacesWhatItSets()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CallDefaults = new CallOptions { Name = "default", Timeout = TimeSpan.FromSeconds(6) } });
        await InTime(pool.With(new CallOptions { Timeout = Timeout.InfiniteTimeSpan }).ApplyAsync(() => WorkerContext.CallName)); // the first of a worker takes longest
        Assert.AreEqual("default", await InTime(pool.ApplyAsync(() => WorkerContext.CallName)));
        Assert.AreEqual("own", await InTime(pool.With(new CallOptions { Name = "own" }).ApplyAsync(() => WorkerContext.CallName)));
        await Throws<CallTimeoutException>(pool.ApplyAsync(Misfortune.EndWhenAsked, 1_000_000));
        Assert.AreEqual(6500, await InTime(pool.With(new CallOptions { Timeout = Timeout.InfiniteTimeSpan }).ApplyAsync(Misfortune.EndWhenAsked, 6500)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Environment_WithNull_RemovesWhatThisProcessHas()
    {
        Assert.IsNotNull(Environment.GetEnvironmentVariable("PATH"));
        ProcessPoolOptions options = new() { Workers = 1 };
        options.Environment["PATH"] = null;
        await using ProcessPool pool = new(options);
        Assert.IsNull(await InTime(pool.ApplyAsync(() => Environment.GetEnvironmentVariable("PATH"))));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StandardOutputAndError_ThatAreDiscarded_ReachNobody_ButTheEndOfTheErrorsIsKept()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Discard, StandardError = WorkerOutput.Discard });
        int pieces = 0;
        pool.WorkerOutputReceived += (_, _) => Interlocked.Increment(ref pieces);
        WorkerCrashedException error = await Throws<WorkerCrashedException>(pool.ApplyAsync(() =>
        {
            Console.Out.Write("to output");
            Console.Error.Write("last words");
            Environment.Exit(3);
        }));
        await InTime(pool.DisposeAsync().AsTask());
        Assert.AreEqual("last words", error.StandardError);
        Assert.AreEqual(0, pieces);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Serializer_CarriesArgumentsAndResults_ToWorkersAndBack()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Serializer = new Doubling() });
        Assert.AreEqual(2 * (2 * 5 + 1), await InTime(pool.ApplyAsync(Misfortune.Increment, 5)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Serializer_DoesNotCarryReporters()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Serializer = new Doubling() });
        List<int> told = [];
        await InTime(pool.ApplyAsync(static (IProgress<int> progress, int value) => progress.Report(value), (IProgress<int>)new Teller(told), 5));
        await InTime(pool.ApplyAsync(static (IProgress<int> progress) => progress.Report(1), (IProgress<int>)new Teller(told)));
        Assert.HasCount(2, told);
    }

    private sealed class Teller(List<int> told) : IProgress<int>
    {
        public void Report(int value) => told.Add(value);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ChunkSize_IsHowManyItemsTravelTogether()
    {
        await using ProcessPool pool = new(1);
        long[] calls = await InTime(pool.MapAsync(static _ => WorkerContext.CallId, Enumerable.Range(0, 12), new MapOptions { ChunkSize = 4 }));
        CollectionAssert.AreEqual(new[] { 4, 4, 4 }, calls.CountBy(call => call).Select(pair => pair.Value).ToArray());
    }

    /// <summary>Whole numbers double on the way, so that it shows who carried them; all else goes as JSON.</summary>
    private sealed class Doubling : IPayloadSerializer
    {
        public void Serialize<T>(IBufferWriter<byte> writer, T value)
        {
            using Utf8JsonWriter json = new(writer);
            if (value is int number) json.WriteNumberValue(2 * number);
            else JsonSerializer.Serialize(json, value);
        }

        public T Deserialize<T>(in ReadOnlySequence<byte> payload)
        {
            Utf8JsonReader reader = new(payload);
            return JsonSerializer.Deserialize<T>(ref reader)!;
        }
    }
}
