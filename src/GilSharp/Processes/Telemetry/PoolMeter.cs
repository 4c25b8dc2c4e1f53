using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GilSharp.Diagnostics;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Telemetry;

/// <summary>The metrics of pools, on the meter <c>GilSharp</c>. Where nobody listens a call pays for a look at three flags.</summary>
internal static class PoolMeter
{
    private static readonly Counter<long> Calls =
        GilMeter.Meter.CreateCounter<long>("gilsharp.pool.calls", "{call}", "Calls that have ended.");

    private static readonly Histogram<double> QueueDuration =
        GilMeter.Meter.CreateHistogram<double>("gilsharp.pool.queue.duration", "s", "How long calls waited until a worker started them.");

    private static readonly Histogram<double> RunDuration =
        GilMeter.Meter.CreateHistogram<double>("gilsharp.pool.run.duration", "s", "How long workers ran calls.");

    private static readonly Counter<long> Rejected =
        GilMeter.Meter.CreateCounter<long>("gilsharp.pool.rejected", "{call}", "Calls that a full queue refused.");

    private static readonly ObservableUpDownCounter<int> Workers = GilMeter.Meter.CreateObservableUpDownCounter(
        "gilsharp.pool.workers", static () => LivingPools.All().SelectMany(static pool => pool.Workers().GroupBy(static worker => worker.State, (state, workers) =>
            new Measurement<int>(workers.Count(), TagOf(pool), new(Tags.WorkerState, NameOf(state))))), "{worker}", "Worker processes.");

    private static readonly ObservableUpDownCounter<int> QueueLength = GilMeter.Meter.CreateObservableUpDownCounter(
        "gilsharp.pool.queue.length", static () => Each(static figures => figures.Queued), "{call}", "Accepted calls that no worker runs yet.");

    private static readonly ObservableUpDownCounter<int> Running = GilMeter.Meter.CreateObservableUpDownCounter(
        "gilsharp.pool.running", static () => Each(static figures => figures.Running), "{call}", "Calls that run in a worker.");

    private static readonly ObservableCounter<long> Restarts = GilMeter.Meter.CreateObservableCounter(
        "gilsharp.pool.restarts", static () => Each(static figures => figures.Restarts), "{worker}", "Workers that were started in place of one that was lost or had served its time.");

    private static readonly ObservableCounter<long> FailedStarts = GilMeter.Meter.CreateObservableCounter(
        "gilsharp.pool.failed_starts", static () => Each(static figures => figures.FailedStarts), "{worker}", "Workers that ended before they had served a call.");

    private static readonly ObservableGauge<double> StartBackoff = GilMeter.Meter.CreateObservableGauge(
        "gilsharp.pool.start_backoff", static () => Each(static figures => figures.StartBackoff.TotalSeconds), "s", "How long the next start is still held back.");

    private static readonly ObservableCounter<long> Bytes = GilMeter.Meter.CreateObservableCounter(
        "gilsharp.pool.io",
        static () => Each(static figures => figures.BytesSent, "transmit").Concat(Each(static figures => figures.BytesReceived, "receive")),
        "By",
        "Bytes of frames sent to workers and received from them.");

    /// <summary>Whether somebody wants to know how long calls take.</summary>
    internal static bool MeasuresTime => QueueDuration.Enabled || RunDuration.Enabled;

    internal static void EnsureCreated() => RuntimeHelpers.RunClassConstructor(typeof(PoolMeter).TypeHandle);

    // Listeners' callbacks run at once, on the thread that ends the call: their failure must not cost the call its end.
    internal static void Ended(CallEngine engine, PendingCall call, Exception? error)
    {
        CallTerms? terms = call.Terms;
        terms?.Trace?.End(call.Id, error);
        bool timed = terms is { AcceptedAt: > 0 };
        if (!Calls.Enabled && !timed) return;
        try
        {
            TagList tags = new() { TagOf(engine), new(Tags.CallKind, call is ChunkCall ? "chunk" : "call") };
            if (error is not null) tags.Add(Tags.ErrorType, Tags.ErrorTypeOf(error));
            Calls.Add(1, tags);
            if (timed) RecordTimes(call, terms!, tags);
        }
        catch (Exception)
        {
            // A measurement is lost, the call is not.
        }
    }

    internal static void Refused(CallEngine engine)
    {
        if (!Rejected.Enabled) return;
        try
        {
            Rejected.Add(1, TagOf(engine));
        }
        catch (Exception)
        {
            // As above.
        }
    }

    private static void RecordTimes(PendingCall call, CallTerms terms, in TagList tags)
    {
        if (call is ChunkCall chunk && terms.StartedAt == 0)
        {
            if (chunk.Microseconds == 0) return; // never answered
            terms.EndedAt = Stopwatch.GetTimestamp();
            terms.StartedAt = terms.EndedAt - (chunk.Microseconds * Stopwatch.Frequency / 1_000_000);
        }

        if (terms.StartedAt == 0) return;
        QueueDuration.Record(Math.Max(0, Stopwatch.GetElapsedTime(terms.AcceptedAt, terms.StartedAt).TotalSeconds), tags);
        RunDuration.Record(Stopwatch.GetElapsedTime(terms.StartedAt, terms.EndedAt).TotalSeconds, tags);
    }

    private static IEnumerable<Measurement<T>> Each<T>(Func<ProcessPoolStatistics, T> figure, string? direction = null) where T : struct =>
        LivingPools.All().Select(pool => direction is null
            ? new Measurement<T>(figure(pool.Statistics()), TagOf(pool))
            : new Measurement<T>(figure(pool.Statistics()), TagOf(pool), new(Tags.Direction, direction)));

    private static KeyValuePair<string, object?> TagOf(CallEngine engine) => new(Tags.Pool, engine.Options.Name);

    private static string NameOf(WorkerState state) => state switch
    {
        WorkerState.Starting => "starting",
        WorkerState.Idle => "idle",
        WorkerState.Busy => "busy",
        _ => "leaving",
    };
}

/// <summary>The pools whose figures can be observed. They are not kept alive.</summary>
internal static class LivingPools
{
    private static readonly List<WeakReference<PoolEngine>> Pools = []; // guarded by itself

    internal static void Add(PoolEngine pool)
    {
        lock (Pools)
        {
            if (Pools.Count == Pools.Capacity) Pools.RemoveAll(static entry => !entry.TryGetTarget(out _)); // doubling makes the sweep cheap
            Pools.Add(new WeakReference<PoolEngine>(pool));
        }
    }

    /// <summary>Those that are not gone.</summary>
    internal static List<PoolEngine> All()
    {
        List<PoolEngine> all = [];
        lock (Pools)
            foreach (WeakReference<PoolEngine> entry in Pools)
                if (entry.TryGetTarget(out PoolEngine? pool) && !pool.Gone.IsCompleted) all.Add(pool);
        return all;
    }
}
