using BenchmarkDotNet.Running;
using GilSharp.Benchmarks.Locking;
using GilSharp.Benchmarks.Processes;
using GilSharp.Benchmarks.RefCounting;
using GilSharp.Benchmarks.Scaling;
using GilSharp.Benchmarks.Suite;

namespace GilSharp.Benchmarks;

/// <summary>Verbs are harnesses of our own; everything else goes to BenchmarkDotNet (try <c>--list flat</c>).</summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<string[], int>> Verbs = new(StringComparer.Ordinal)
    {
        ["gil-quick"] = QuickRatios.Run,
        ["gil-echo"] = EchoBenchmark.Run,
        [EchoClient.Verb] = EchoClient.Run,
        ["gil-share"] = ShareBenchmark.Run,
        ["refcount-quick"] = RefCountRatios.Run,
        ["pool-quick"] = static args => AllBenchmarks.Run(["--short", "--only", "pool", .. args]),
        ["pool-payload"] = PayloadBenchmark.Run,
        [Starts.EmptyProgram] = static _ => 0,
        [Starts.SleepingProgram] = Starts.Sleep,
        [PipeFloor.Verb] = PipeFloor.Echo,
        [ManyWorkers.Verb] = ManyWorkers.Run,
        ["all"] = AllBenchmarks.Run,
    };

    private static int Main(string[] args)
    {
        if (args.Length > 0 && Verbs.TryGetValue(args[0], out Func<string[], int>? verb))
            return verb(args[1..]);
        if (args.Length == 0)
            Console.WriteLine($"Verbs: {string.Join(", ", Verbs.Keys)}. Anything else goes to BenchmarkDotNet.");
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
