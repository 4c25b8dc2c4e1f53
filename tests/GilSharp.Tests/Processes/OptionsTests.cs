using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp.Tests.Processes;

/// <summary>Every option has a default and a range, and none is forgotten here: a new property without a row fails.</summary>
[TestClass]
public sealed class OptionsTests
{
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(40);

    // Property, its default, values that are refused.
    private static readonly (string Name, object? Default, object?[] Bad)[] Pool =
    [
        (nameof(ProcessPoolOptions.Workers), Environment.ProcessorCount, [0, -1]),
        (nameof(ProcessPoolOptions.MinWorkers), Environment.ProcessorCount, [-1, Environment.ProcessorCount + 1]),
        (nameof(ProcessPoolOptions.IdleTimeout), Forever, [TimeSpan.Zero, TimeSpan.FromSeconds(-2), TooLong]),
        (nameof(ProcessPoolOptions.ThreadsPerWorker), 1, [0, -1]),
        (nameof(ProcessPoolOptions.Initializer), null, []),
        (nameof(ProcessPoolOptions.WorkerExiting), null, []),
        (nameof(ProcessPoolOptions.MaxCallsPerWorker), null, [0, -1]),
        (nameof(ProcessPoolOptions.MaxWorkerMemory), null, [0L, -1L]),
        (nameof(ProcessPoolOptions.WorkerMemoryLimit), null, [0L, -1L]),
        (nameof(ProcessPoolOptions.QueueCapacity), int.MaxValue, [0, -1]),
        (nameof(ProcessPoolOptions.QueueFullMode), QueueFullMode.Wait, [(QueueFullMode)7]),
        (nameof(ProcessPoolOptions.StandbyWorkers), 0, [-1]),
        (nameof(ProcessPoolOptions.CancellationGracePeriod), TimeSpan.FromSeconds(2), [TimeSpan.FromSeconds(-2), TooLong]),
        (nameof(ProcessPoolOptions.StartTimeout), TimeSpan.FromSeconds(30), [TimeSpan.Zero, TimeSpan.FromSeconds(-2), TooLong]),
        (nameof(ProcessPoolOptions.WorkerExitingTimeout), TimeSpan.FromSeconds(5), [TimeSpan.Zero, TimeSpan.FromSeconds(-2), TooLong]),
        (nameof(ProcessPoolOptions.ShutdownTimeout), TimeSpan.FromSeconds(10), [TimeSpan.FromSeconds(-2), TooLong]),
        (nameof(ProcessPoolOptions.CallDefaults), new CallOptions(), [null]),
        (nameof(ProcessPoolOptions.WorkingDirectory), null, ["/no/such/folder"]),
        (nameof(ProcessPoolOptions.StandardOutput), WorkerOutput.Inherit, [(WorkerOutput)9]),
        (nameof(ProcessPoolOptions.StandardError), WorkerOutput.Inherit, [(WorkerOutput)9]),
        (nameof(ProcessPoolOptions.LoggerFactory), NullLoggerFactory.Instance, [null]),
    ];

    // Those whose default is not a plain value have tests of their own below.
    private static readonly string[] Others = [nameof(ProcessPoolOptions.Name), nameof(ProcessPoolOptions.Environment), nameof(ProcessPoolOptions.Serializer)];

    private static readonly (string Name, object? Default, object?[] Bad)[] Call =
    [
        (nameof(CallOptions.Timeout), null, [TimeSpan.Zero, TimeSpan.FromSeconds(-2)]),
        (nameof(CallOptions.Retries), null, [-1]),
        (nameof(CallOptions.Priority), null, []),
        (nameof(CallOptions.Name), null, []),
    ];

    private static readonly (string Name, object? Default, object?[] Bad)[] Map =
    [
        (nameof(MapOptions.ChunkSize), 0, [-1]),
        (nameof(MapOptions.Ordered), true, []),
        (nameof(MapOptions.BufferSize), 0, [-1]),
        (nameof(MapOptions.Progress), null, []),
    ];

    [TestMethod]
    public void EveryOption_IsInTheTables()
    {
        CollectionAssert.AreEquivalent(Names<ProcessPoolOptions>(), Pool.Select(row => row.Name).Concat(Others).ToArray());
        CollectionAssert.AreEquivalent(Names<CallOptions>(), Call.Select(row => row.Name).ToArray());
        CollectionAssert.AreEquivalent(Names<MapOptions>(), Map.Select(row => row.Name).ToArray());
    }

    [TestMethod]
    public void Defaults_AreTheDocumentedOnes()
    {
        foreach ((string name, object? value, _) in Pool) Assert.AreEqual(value, Of<ProcessPoolOptions>(name).GetValue(new ProcessPoolOptions()), name);
        foreach ((string name, object? value, _) in Call) Assert.AreEqual(value, Of<CallOptions>(name).GetValue(new CallOptions()), name);
        foreach ((string name, object? value, _) in Map) Assert.AreEqual(value, Of<MapOptions>(name).GetValue(new MapOptions()), name);
        StringAssert.StartsWith(new ProcessPoolOptions().Name, "pool-");
        Assert.AreNotEqual(new ProcessPoolOptions().Name, new ProcessPoolOptions().Name);
        Assert.IsEmpty(new ProcessPoolOptions().Environment);
        Assert.IsNotNull(new ProcessPoolOptions().Serializer);
    }

    public static IEnumerable<object[]> Kinds => [[nameof(ProcessPool)], [nameof(InlinePool)]];

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void PoolOption_OutOfItsRange_IsRefusedByNameAndValue(string kind)
    {
        foreach ((string name, _, object?[] bad) in Pool)
        {
            foreach (object? value in bad)
            {
                ProcessPoolOptions options = new();
                Of<ProcessPoolOptions>(name).SetValue(options, value);
                ArgumentException error = Refused(() => Make(kind, options), name, value);
                Assert.AreEqual(name, error.ParamName);
            }
        }

        Refused(() => Make(kind, new ProcessPoolOptions { Name = "" }), nameof(ProcessPoolOptions.Name), null);
        Refused(() => Make(kind, new ProcessPoolOptions { Serializer = null! }), nameof(ProcessPoolOptions.Serializer), null);
        foreach (string variable in new[] { "", "a=b", "a\0b" })
            Refused(() => Make(kind, new ProcessPoolOptions { Environment = { [variable] = "x" } }), nameof(ProcessPoolOptions.Environment), variable);
        Refused(() => Make(kind, new ProcessPoolOptions { CallDefaults = new() { Retries = -1 } }), nameof(CallOptions.Retries), -1);
        Assert.ThrowsExactly<ArgumentNullException>(() => Make(kind, null!));
    }

    [TestMethod]
    public void CallAndMapOptions_OutOfTheirRange_AreRefusedByNameAndValue()
    {
        using InlinePool pool = new();
        foreach ((string name, _, object?[] bad) in Call)
        {
            foreach (object? value in bad)
            {
                CallOptions options = new();
                Of<CallOptions>(name).SetValue(options, value);
                Refused(() => pool.With(options), name, value);
            }
        }

        foreach ((string name, _, object?[] bad) in Map)
        {
            foreach (object? value in bad)
            {
                MapOptions options = new();
                Of<MapOptions>(name).SetValue(options, value);
                Refused(() => pool.Map(Misfortune.Increment, new[] { 1 }, options), name, value);
                Refused(() => pool.MapStreamAsync(Misfortune.Increment, new[] { 1 }, options), name, value);
            }
        }
    }

    [TestMethod]
    public void TimesThatMayBeZero_AndTheLongestOnes_AreAccepted()
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(int.MaxValue);
        ProcessPoolOptions zero = new() { CancellationGracePeriod = TimeSpan.Zero, ShutdownTimeout = TimeSpan.Zero };
        ProcessPoolOptions longLasting = new() { IdleTimeout = longest, CancellationGracePeriod = longest, StartTimeout = longest, WorkerExitingTimeout = longest, ShutdownTimeout = longest };
        Assert.AreEqual(TimeSpan.Zero, zero.CopyChecked().ShutdownTimeout);
        Assert.AreEqual(longest, longLasting.CopyChecked().StartTimeout);
    }

    [TestMethod]
    public void ThreadsPerWorker_AreTheProcessorsDividedByTheWorkers_AndAtLeastOne()
    {
        int processors = Environment.ProcessorCount;
        Assert.AreEqual(processors, new ProcessPoolOptions { Workers = 1 }.ThreadsPerWorker);
        Assert.AreEqual(Math.Max(1, processors / 2), new ProcessPoolOptions { Workers = 2 }.ThreadsPerWorker);
        Assert.AreEqual(1, new ProcessPoolOptions { Workers = 2 * processors }.ThreadsPerWorker);
        Assert.AreEqual(processors, new ProcessPoolOptions { Workers = 0 }.ThreadsPerWorker);
        Assert.AreEqual(3, new ProcessPoolOptions { Workers = 1, ThreadsPerWorker = 3 }.ThreadsPerWorker);
    }

    [TestMethod]
    public void OwnSerializer_IsNoCustomOne()
    {
        Assert.IsNull(new ProcessPoolOptions().CustomSerializer);
        IPayloadSerializer other = new NoSerializer();
        Assert.AreSame(other, new ProcessPoolOptions { Serializer = other }.CustomSerializer);
    }

    [TestMethod]
    public void CallOptions_ThatSayNothing_AreThoseOfThePool()
    {
        CallOptions defaults = new() { Timeout = TimeSpan.FromSeconds(1), Retries = 2, Priority = 3, Name = "pool" };
        CallOptions own = new() { Timeout = TimeSpan.FromSeconds(4), Retries = 5, Priority = 6, Name = "own" };
        Assert.AreEqual(defaults, new CallOptions().Over(defaults));
        Assert.AreEqual(own, own.Over(defaults));
        Assert.AreEqual(own, own.Over(new CallOptions()));
    }

    [TestMethod]
    public void Options_AreCopied_LaterChangesDoNotReachThePool()
    {
        ProcessPoolOptions options = new() { Initializer = null };
        using InlinePool pool = new(options);
        options.Initializer = static () => throw new InvalidOperationException("too late");
        Assert.AreEqual(2, pool.Apply(Misfortune.Increment, 1));
    }

    private static WorkerPool Make(string kind, ProcessPoolOptions options) => kind == nameof(InlinePool) ? new InlinePool(options) : new ProcessPool(options);

    private static ArgumentException Refused(Action make, string name, object? value)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(make, $"{name} = {value}");
        StringAssert.Contains(error.Message, name);
        if (value is not null) StringAssert.Contains(error.Message, value.ToString());
        return error;
    }

    private sealed class NoSerializer : IPayloadSerializer
    {
        public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value) => throw new NotSupportedException();

        public T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload) => throw new NotSupportedException();
    }

    private static string[] Names<T>() => [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name)];

    private static PropertyInfo Of<T>(string name) => typeof(T).GetProperty(name)!;
}
