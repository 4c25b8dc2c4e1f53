namespace GilSharp.Benchmarks.Scaling;

/// <summary>The model of docs/benchmarks/scaling.md for real workers, which share the processors of their machine with the parent.</summary>
/// <remarks>
/// A call with w of work costs its worker w + a of processor time and the parent b. n workers carry out n / (w + a) calls in a unit of time, P processors
/// P / (w + a + b), and the smaller of the two counts. Short calls travel in batches, so a and b are smaller for them.
/// </remarks>
internal static class Model
{
    /// <summary>Calls shorter than this are sent ahead, several at a time (half the time for which the pool sends ahead).</summary>
    private const double SentAhead = 100, ShortCall = 10, LongCall = 1_000;

    internal static double SpeedUp(double work, double worker, double parent, int workers, int processors) =>
        work * Math.Min(workers / (work + worker), processors / (work + worker + parent));

    /// <summary>From the processor time that calls took with one worker; how long anything took is no input.</summary>
    internal static double SpeedUp(IReadOnlyList<SpeedUpFigure> measured, SpeedUpFigure figure)
    {
        (SpeedUpFigure shortCall, SpeedUpFigure longCall) = Calibration(measured);
        SpeedUpFigure calibration = figure.Work < SentAhead ? shortCall : longCall;
        return SpeedUp(figure.Work, Math.Max(0, calibration.Worker), calibration.Parent, figure.Workers, Environment.ProcessorCount);
    }

    /// <summary>The calls that a and b are taken from.</summary>
    internal static (SpeedUpFigure Short, SpeedUpFigure Long) Calibration(IReadOnlyList<SpeedUpFigure> measured) =>
        (measured.First(figure => figure is { Workers: 1, Work: ShortCall }), measured.First(figure => figure is { Workers: 1, Work: LongCall }));

    /// <summary>How long the work must be in all, in milliseconds, for a pool that is started for it to be done no later than by one thread.</summary>
    internal static double BreakEven(double coldMilliseconds, double speedUp) => speedUp <= 1 ? double.PositiveInfinity : coldMilliseconds / (1 - (1 / speedUp));
}

/// <summary>The model for one parent and many workers elsewhere, checked with stand-ins.</summary>
/// <param name="Latency">Microseconds that a call takes beyond its work, with one worker.</param>
/// <param name="Parent">Microseconds of the parent's processor time for each call.</param>
/// <param name="Worker">Microseconds of a stand-in's processor time for each call.</param>
/// <param name="Processors">How many processors they share.</param>
internal sealed record StandInModel(double Latency, double Parent, double Worker, int Processors)
{
    private const int CalibratedAt = 32;

    /// <summary>From one worker and from a few, at the shortest work; the rest is prediction.</summary>
    internal static StandInModel Calibrate(IReadOnlyList<StandInFigure> figures, int processors)
    {
        double shortest = figures.Min(figure => figure.Work);
        StandInFigure one = figures.First(figure => figure.Workers == 1 && figure.Work == shortest), few = figures.First(figure => figure.Workers == CalibratedAt && figure.Work == shortest);
        return new StandInModel(Math.Max(0, (1e6 / one.CallsPerSecond) - shortest), few.ParentMicroseconds, few.WorkerMicroseconds, processors);
    }

    /// <summary>What the parent's machine carries, whatever the number of workers.</summary>
    internal double Most => Processors * 1e6 / (Parent + Worker);

    internal double CallsPerSecond(int workers, double work) => Math.Min(workers * 1e6 / (work + Latency), Most);

    /// <summary>How many workers with calls of this length one parent keeps busy.</summary>
    internal double WorkersAtMost(double work) => Most * (work + Latency) / 1e6;
}
