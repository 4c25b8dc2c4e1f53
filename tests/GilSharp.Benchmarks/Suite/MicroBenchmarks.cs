using System.Globalization;
using System.Text;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GilSharp.Benchmarks.Locking;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.RefCounting;

namespace GilSharp.Benchmarks.Suite;

/// <summary>The operations of nanoseconds under BenchmarkDotNet, each class with its rival as the baseline, as one page.</summary>
/// <remarks>In this process: nothing is built, so it takes a minute and works wherever this program does. Without <c>all</c> BenchmarkDotNet does as it likes.</remarks>
internal static class MicroBenchmarks
{
    private static readonly Type[] Classes = [typeof(LockBenchmarks), typeof(CheckpointBenchmarks), typeof(RefCountBenchmarks)];

    /// <param name="folder">Where the page goes; null: its tables go to the console.</param>
    internal static void Run(string? folder)
    {
        Machine machine = Machine.Describe();
        string artifacts = Directory.CreateTempSubdirectory("gilsharp-micro-").FullName;
        try
        {
            ManualConfig config = ManualConfig.CreateEmpty()
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .AddJob(Job.ShortRun.WithIterationCount(7).WithToolchain(InProcessEmitToolchain.Instance))
                .AddLogger(NullLogger.Instance)
                .AddExporter(MarkdownExporter.GitHub, JsonExporter.BriefCompressed)
                .WithArtifactsPath(artifacts)
                .WithOptions(ConfigOptions.DisableLogFile);
            List<Summary> summaries = [.. Classes.Select(type => BenchmarkRunner.Run(type, config))];
            foreach (Summary summary in summaries.Where(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)))
                throw new InvalidOperationException($"{summary.Title} failed.");
            Write(folder, artifacts, machine with { LoadAfter = Machine.Load() });
        }
        finally
        {
            Directory.Delete(artifacts, recursive: true);
        }
    }

    private static void Write(string? folder, string artifacts, Machine machine)
    {
        string results = Path.Combine(artifacts, "results"), data = Path.Combine(folder ?? artifacts, "data");
        Directory.CreateDirectory(data);
        StringBuilder page = new("# Operations of nanoseconds, by BenchmarkDotNet\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Written by `all --only micro`; the rival is the baseline of each table. {machine.Sentence()}\n\n");
        foreach (Type type in Classes)
        {
            string table = File.ReadAllText(Path.Combine(results, $"{type.FullName}-report-github.md"));
            string raw = $"micro-{type.Name}.json";
            File.Copy(Path.Combine(results, $"{type.FullName}-report-brief-compressed.json"), Path.Combine(data, raw), overwrite: true);
            page.Append(CultureInfo.InvariantCulture, $"## {type.Name}\n\n{table[table.IndexOf("\n|", StringComparison.Ordinal)..].Trim()}\n\nRaw: [data/{raw}](data/{raw})\n\n");
        }

        if (folder is null) Console.WriteLine(page);
        else File.WriteAllText(Path.Combine(folder, "micro.md"), page.ToString().TrimEnd() + "\n");
    }
}
