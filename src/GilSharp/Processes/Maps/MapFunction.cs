using System.Buffers.Binary;
using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Telemetry;

namespace GilSharp.Processes.Maps;

/// <summary>What all calls of one map have in common, written once: the function, what it captures, the context, the terms.</summary>
internal sealed class MapFunction
{
    private readonly FunctionEntry _entry;
    private readonly ReadOnlyMemory<byte> _context;
    private readonly CallOptions _options;
    private readonly List<ProgressReporter>? _reporters; // that the function captures

    /// <param name="engine">Runs the calls.</param>
    /// <param name="function">What is called for each item.</param>
    /// <param name="options">How, all defaults filled in.</param>
    /// <exception cref="CallSerializationException">The function can't travel.</exception>
    internal MapFunction(CallEngine engine, Delegate function, CallOptions options)
    {
        Engine = engine;
        _options = options;
        _entry = engine.Function(function);
        if (_entry.Plan.Reporting is { } reporting) throw CallSerializationException.Refused(Array.Find(reporting, type => type is not null)!, "an item can't report. Let the function capture the reporter.");
        if (_entry.Plan.HasTarget)
        {
            FrameBuffer definition = new();
            definition.Write(_entry.Number);
            CallProgress progress = CallProgress.Begin(out CallProgress.Outer outer);
            CallRegions? regions;
            bool written = false;
            try
            {
                _entry.Plan.WriteTarget(definition, function, engine.Codec.Serializer);
                written = true;
            }
            finally
            {
                _reporters = progress.End(outer, out regions);
                if (!written) regions?.Release();
            }

            Target = new SharedTarget(engine.NextCallId(), definition.Written.ToArray(), regions);
        }

        Trace = PoolTracing.Begin("map", engine, _entry, options.Name);
        CallTerms terms = new(null!, engine) { Options = options, Trace = Trace };
        if (!CallContext.IsNeeded(terms, engine.Culture)) return;
        FrameBuffer context = new(256);
        CallContext.Write(context, terms, engine.Culture);
        _context = context.Written.ToArray();
    }

    internal CallEngine Engine { get; }

    internal SharedTarget? Target { get; }

    /// <summary>The trace that the map belongs to, if any.</summary>
    internal CallTrace? Trace { get; }

    internal int Retries => _options.Retries ?? 0;

    internal TimeSpan Timeout => _options.Timeout ?? System.Threading.Timeout.InfiniteTimeSpan;

    internal bool IsTimed => Timeout != System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Makes a call of a chunk ready to be accepted.</summary>
    /// <exception cref="CallSerializationException">An item can't travel.</exception>
    internal void Write<TItem>(ChunkCall call, TItem[] items, int attempt)
    {
        call.Function = _entry;
        call.Target = Target;
        call.Flags = CallFlags.Chunk | (IsTimed ? CallFlags.Watched : CallFlags.None);
        call.Terms = new CallTerms(call, Engine)
        {
            Options = _options,
            Attempt = attempt,
            Reporters = _reporters,
            AcceptedAt = PoolMeter.MeasuresTime ? Stopwatch.GetTimestamp() : 0,
        };
        PayloadSlab slab = PayloadSlab.Rent();
        CallProgress progress = CallProgress.Begin(out CallProgress.Outer outer, refusesReporters: true);
        CallRegions? regions = null;
        bool written = false;
        try
        {
            slab.Write(_entry.Number);
            if (Target is not null) WriteTarget(call, slab);
            if (_context.Length > 0) WriteContext(call, slab, attempt);
            Engine.Codec.Write(slab, items);
            written = true;
        }
        catch
        {
            slab.Abandon();
            throw;
        }
        finally
        {
            _ = progress.End(outer, out regions);
            if (!written) regions?.Release();
        }

        call.Payload = slab.Finish();
        if (regions is not null) Engine.Attach(regions, call.Terms);
    }

    private void WriteTarget(ChunkCall call, PayloadSlab slab)
    {
        call.Flags |= CallFlags.HasTarget | CallFlags.SharedTarget;
        int length = slab.ReserveLength();
        BinaryPrimitives.WriteInt64LittleEndian(slab.GetSpan(sizeof(long)), Target!.Number);
        slab.Advance(sizeof(long));
        slab.FillLength(length);
    }

    private void WriteContext(ChunkCall call, PayloadSlab slab, int attempt)
    {
        call.Flags |= CallFlags.HasContext;
        int length = slab.ReserveLength();
        Span<byte> room = slab.GetSpan(_context.Length);
        _context.Span.CopyTo(room);
        if (Retries > 0) BinaryPrimitives.WriteInt32LittleEndian(room[(_context.Length - sizeof(int))..], attempt);
        slab.Advance(_context.Length);
        slab.FillLength(length);
    }
}
