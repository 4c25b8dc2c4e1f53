namespace GilSharp.Benchmarks.Suite;

/// <summary>What was asked for on the command line of <c>all</c>.</summary>
internal sealed record SuiteOptions
{
    internal const string Usage = """
        all [--short] [--only PART,…] [--install-peers] [--record] [--output FOLDER]

          --short          about a minute, without peers; writes nothing but a table to the console; fails if a row costs three times as much as it used to
          --only PART,…    of lock, counts, pool, echo, scaling, micro; by default all of them, for --short all but micro
          --install-peers  first fetch the peers that come as packages (needs npm, and pip or apt-get, and the network)
          --record         append the costs of this run to docs/benchmarks/history.csv
          --output FOLDER  where the report goes, by default docs/benchmarks
        """;

    internal static readonly string[] Parts = ["lock", "counts", "pool", "echo", "scaling", "micro"];

    internal bool IsShort { get; private init; }

    internal bool InstallsPeers { get; private init; }

    internal bool Records { get; private init; }

    internal IReadOnlyList<string> Only { get; private init; } = Parts;

    internal string? Output { get; private init; }

    /// <exception cref="ArgumentException">An argument is unknown or lacks its value; the message says which.</exception>
    internal static SuiteOptions Parse(IReadOnlyList<string> args)
    {
        SuiteOptions options = new();
        bool partsGiven = false;
        for (int i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--short": options = options with { IsShort = true }; break;
                case "--install-peers": options = options with { InstallsPeers = true }; break;
                case "--record": options = options with { Records = true }; break;
                case "--output" when i + 1 < args.Count: options = options with { Output = args[++i] }; break;
                case "--only" when i + 1 < args.Count:
                    options = options with { Only = args[++i].Split(',') };
                    partsGiven = true;
                    break;
                default: throw new ArgumentException($"'{args[i]}' is no argument of this command, or lacks its value.\n{Usage}");
            }
        }

        foreach (string part in options.Only.Except(Parts)) throw new ArgumentException($"'{part}' is no part: {string.Join(", ", Parts)}.");
        return options.IsShort && !partsGiven ? options with { Only = [.. Parts.Where(part => part is not ("micro" or "scaling"))] } : options;
    }
}
