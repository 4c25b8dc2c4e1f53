using System.Globalization;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Faults;

/// <summary>What shall go wrong in a pool and its workers, for tests.</summary>
/// <remarks>
/// Internal, and nothing but <see cref="ProcessPoolOptions.Faults"/> switches it on: the pool tells its workers by a variable that it sets for them
/// alone, and removes from their environment whatever was inherited under that name.
/// </remarks>
internal sealed class FaultPlan
{
    internal const string Variable = "GILSHARP_FAULTS";

    internal IReadOnlyList<FaultRule> InWorkers { get; init; } = [];

    /// <summary>Called at points of the pool's own work, never under its gate; may kill the worker, delay, or throw where a start may fail.</summary>
    internal Action<PoolFaultPoint, WorkerConnection>? InPool { get; init; }

    /// <summary>Of the dice of rules with a <see cref="FaultRule.Probability"/>.</summary>
    internal int Seed { get; init; }

    internal string Write() => string.Join('\n', [Seed.ToString(CultureInfo.InvariantCulture), .. InWorkers.Select(static rule => rule.Write())]);

    internal static (int Seed, FaultRule[] Rules) Read(string text)
    {
        string[] lines = text.Split('\n');
        return (int.Parse(lines[0], CultureInfo.InvariantCulture), [.. lines.Skip(1).Select(FaultRule.Read)]);
    }
}

/// <summary>One thing that shall go wrong in workers.</summary>
internal sealed record FaultRule(FaultPoint Point, FaultAction Action)
{
    /// <summary>How often in a worker's life the point is passed unharmed first.</summary>
    internal int Skip { get; init; }

    internal double Probability { get; init; } = 1;

    /// <summary>Of a delay, and before something happens to an idle worker.</summary>
    internal int Milliseconds { get; init; }

    /// <summary>A file: only the worker that makes it, whichever comes first, is struck.</summary>
    internal string? Once { get; init; }

    internal string Write() => string.Create(CultureInfo.InvariantCulture, $"{(int)Point}|{(int)Action}|{Skip}|{Probability:R}|{Milliseconds}|{Once}");

    internal static FaultRule Read(string text)
    {
        string[] fields = text.Split('|', 6);
        return new FaultRule((FaultPoint)Number(fields[0]), (FaultAction)Number(fields[1]))
        {
            Skip = Number(fields[2]),
            Probability = double.Parse(fields[3], CultureInfo.InvariantCulture),
            Milliseconds = Number(fields[4]),
            Once = fields[5].Length == 0 ? null : fields[5],
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Where in a worker's life something can go wrong.</summary>
internal enum FaultPoint
{
    /// <summary>Its process has begun, and has said nothing yet.</summary>
    Starting,

    /// <summary>Its initializer is about to run.</summary>
    Initializing,

    /// <summary>A call has been claimed; its arguments are about to be read.</summary>
    ReadingArguments,

    /// <summary>The function has returned; nothing of the answer has been written.</summary>
    BeforeAnswer,

    /// <summary>Half of the answer has been written.</summary>
    WithinAnswer,

    /// <summary>The answer has been written, and the status page still says that the call runs.</summary>
    AfterAnswer,

    /// <summary>It waits for its next call, for as long as the rule says.</summary>
    Idle,

    /// <summary>It was told to leave; its exit hook is about to run.</summary>
    Leaving,

    /// <summary>A call stands on the status page, and was not claimed yet.</summary>
    Claiming,
}

/// <summary>What goes wrong there. The corruptions concern the next answer, whichever point names them.</summary>
internal enum FaultAction
{
    Exit,
    FailFast,
    SegmentationFault,
    StackOverflow,
    Kill,
    Delay,

    /// <summary>Bytes that are no frame come before the answer.</summary>
    Garbage,

    /// <summary>Text comes before the answer, as from code that prints to the wrong descriptor.</summary>
    Text,

    /// <summary>Only half of the answer comes.</summary>
    Truncated,

    /// <summary>The answer's header promises more than any frame may have.</summary>
    Oversized,

    /// <summary>The header promises a gigabyte that never comes.</summary>
    Overlong,

    /// <summary>The answer comes twice.</summary>
    Duplicated,

    /// <summary>The answer comes after that of the next call.</summary>
    Reordered,

    /// <summary>The answer names a call that the worker never had.</summary>
    ForeignCall,

    /// <summary>A frame of a kind that only the pool sends comes before the answer.</summary>
    ForeignKind,

    /// <summary>The worker says a second time that it is ready.</summary>
    ReadyAgain,

    /// <summary>Memory is announced before the answer that was never sent.</summary>
    ForeignRegion,
}

/// <summary>Where in the pool's own work something can go wrong.</summary>
internal enum PoolFaultPoint
{
    /// <summary>A process is about to be created. What is thrown here is why it can't be.</summary>
    Spawning,

    /// <summary>It exists, and nothing was sent to it.</summary>
    Spawned,

    /// <summary>Frames are about to be written to a worker.</summary>
    Sending,

    /// <summary>Frames have been written to a worker, as far as its pipe took them.</summary>
    Sent,

    /// <summary>Bytes came from a worker, and were not looked at yet.</summary>
    Received,

    /// <summary>A worker's process has ended, and its calls do not know.</summary>
    Ended,
}
