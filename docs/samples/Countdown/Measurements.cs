namespace GilSharp.Samples.Countdown;

/// <summary>One thing to do, and what to tell whoever waits for it.</summary>
internal sealed record Step(string Title, Action Work);

/// <summary>A program's row of the report.</summary>
internal sealed record ProgramResult(string Name, double Seconds, double SpeedUp, long Steps);

/// <summary>All that was measured.</summary>
internal sealed record Report(Machine Machine, long N, IReadOnlyList<ProgramResult> Programs, IReadOnlyList<CountResult> Counts)
{
    /// <summary>Nothing was lost where nothing may be lost; the plain count is there to lose.</summary>
    public bool Exact => Programs.All(program => program.Steps == N) && Counts.Skip(1).All(count => count.Exact);
}

/// <summary>Carries out the parts one by one and keeps what they gave.</summary>
internal sealed class Measurements(Settings settings)
{
    private readonly List<(string Name, Timed Timed)> _programs = [];
    private readonly List<CountResult> _counts = [];
    private long _n;

    public IReadOnlyList<Step> Steps() =>
    [
        new("calibration", FindN),
        Program("one thread", Programs.OneThread),
        Program("two threads under a GlobalInterpreterLock", Programs.TwoThreadsUnderTheLock),
        Program("a ProcessPool of two workers", Programs.TwoWorkers),
        new("references on a plain int", () => _counts.Add(CountTrial.Plain())),
        new("references counted atomically", () => _counts.Add(CountTrial.Atomic())),
        new("references counted under a lock", () => _counts.Add(CountTrial.LockGuarded())),
        new("references counted under the GIL", () => _counts.Add(CountTrial.GilCounted())),
    ];

    public Report Report()
    {
        double one = _programs[0].Timed.Elapsed.TotalSeconds;
        return new Report(
            Machine.Describe(),
            _n,
            [.. _programs.Select(program => new ProgramResult(
                program.Name, program.Timed.Elapsed.TotalSeconds, one / program.Timed.Elapsed.TotalSeconds, program.Timed.Steps))],
            _counts);
    }

    // An odd N is made even, so that its halves are equal and add up to it.
    private void FindN() => _n = settings.Count / 2 * 2 ?? Programs.Calibrate(TimeSpan.FromSeconds(settings.Seconds));

    private Step Program(string name, Func<long, Timed> program) => new(name, () => _programs.Add((name, program(_n))));
}
