using System.Diagnostics;
using GilSharp.Benchmarks.Locking;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Peers;
using GilSharp.Benchmarks.Processes;
using GilSharp.Benchmarks.RefCounting;
using GilSharp.Benchmarks.Report;
using GilSharp.Benchmarks.Scaling;

namespace GilSharp.Benchmarks.Suite;

/// <summary>The one command that runs all: measures part after part, writes the report, and compares with the history.</summary>
internal static class AllBenchmarks
{
    private const int Tries = 3;

    internal static int Run(string[] args)
    {
        SuiteOptions options;
        try
        {
            options = SuiteOptions.Parse(args);
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }

        if (options.InstallsPeers) PeerInstaller.Install(Says);
        string? folder = options.Output ?? (options.IsShort ? null : Clone.Reports);
        List<Section> sections = [];
        foreach (string part in options.Only)
        {
            long start = Stopwatch.GetTimestamp();
            Says($"== {part}");
            if (part == "micro") MicroBenchmarks.Run(folder);
            else sections.Add(Reported(Measure(part, options.IsShort), folder));
            Says($"== {part} took {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        }

        Console.WriteLine(Table.Of(sections.SelectMany(section => section.Rows)));
        bool isWorse = Compare(sections, options);
        if (options.Records)
            foreach (Section section in sections) History.Append(History.DefaultFile, section.Machine, section.Rows);
        return isWorse ? 1 : 0;
    }

    // Part after part, so that a run that is broken off has not measured for nothing.
    private static Section Reported(Section section, string? folder)
    {
        if (folder is null) return section;
        section.Save(folder);
        ReportPages.Write(folder);
        return section;
    }

    // A row that looks slower is measured again before it is believed: the machine may have had something else to do.
    private static bool Compare(List<Section> sections, SuiteOptions options)
    {
        History history = History.Read(History.DefaultFile);
        HashSet<string> slower = [.. Slower(history, sections)];
        foreach (Section section in sections)
        {
            for (int attempt = 1; attempt < Tries && section.Rows.Any(row => slower.Contains(row.Id)); attempt++)
            {
                Says($"measured again: {string.Join(", ", section.Rows.Where(row => slower.Contains(row.Id)).Select(row => row.Id))}");
                Section again = Measure(section.Name, options.IsShort);
                slower.ExceptWith(again.Rows.Where(row => !history.IsSlower(row)).Select(row => row.Id));
            }
        }

        foreach (Row row in sections.SelectMany(section => section.Rows).Where(row => row.Cost is not null))
        {
            string usual = history.Usual(row.Id) is { } cost ? $"usually {Figures.Text(cost)}" : "no history";
            Console.WriteLine($"{row.Id,-24}{Figures.Text(row.Cost!.Value),10}   {usual}{(slower.Contains(row.Id) ? $"   SLOWER, by more than {History.Margin}×" : "")}");
        }

        return slower.Count > 0;
    }

    private static IEnumerable<string> Slower(History history, IEnumerable<Section> sections) =>
        sections.SelectMany(section => section.Rows).Where(history.IsSlower).Select(row => row.Id);

    private static Section Measure(string part, bool isShort)
    {
        Machine machine = Machine.Describe();
        List<string> peers = [];
        Section section = part switch
        {
            "lock" => Of([.. QuickRatios.Rows(isShort ? 7 : 15), .. FairnessRows.Rows(isShort ? 300_000_000 : 1_200_000_000, 3, isShort ? 1000 : 3000)]),
            "counts" => Of(RefCountRatios.Rows(isShort ? 7 : 15, peersToo: !isShort)),
            "echo" => Echo(),
            "scaling" => ScalingOfPool(),
            _ => Pool(),
        };
        return section with { Machine = machine with { LoadAfter = Machine.Load() }, Peers = peers };

        Section Of(List<Row> rows) => new() { Name = part, Machine = machine, Rows = rows };

        Section Echo()
        {
            List<EchoFigure> figures = [.. EchoBenchmark.Figures(isShort ? 600 : 2000, isShort ? [0, 1] : EchoBenchmark.CpuThreads, withRivals: !isShort)];
            return Of(EchoRows.Of(figures)) with { Echo = figures };
        }

        Section ScalingOfPool()
        {
            ScalingFigures figures = ScalingFigures.Measure(Says);
            return Of(figures.Rows()) with { Scaling = figures };
        }

        Section Pool()
        {
            PoolEffort effort = isShort ? new(3, 0.3, 64 << 20, [400_000_000]) : new(3, 0.5, 256 << 20, [1_760_000_000, 4_400_000_000]);
            string folder = Directory.CreateTempSubdirectory("gilsharp-floor-").FullName;
            List<PeerProgram> pools = [], floor = [];
            try
            {
                if (!isShort)
                {
                    pools = PeerCatalog.StartPools(Note);
                    floor = PeerCatalog.StartFloor(folder, Note);
                }

                PoolRows pool = new(effort, pools, floor);
                return Of([.. pool.Rows(Says), .. isShort ? [] : NativeProgram.Rows(Note), .. QueueLength.Rows(QueueLength.Measure(isShort ? [1_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000]))]) with { Latencies = pool.Latencies };
            }
            finally
            {
                foreach (PeerProgram peer in (PeerProgram[])[.. pools, .. floor]) peer.Dispose();
                Directory.Delete(folder, recursive: true);
            }
        }

        void Note(string peer)
        {
            peers.Add(peer);
            Says(peer);
        }
    }

    private static readonly long Started = Stopwatch.GetTimestamp();

    private static void Says(string text) => Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(Started):mm\\:ss} {text}");
}
