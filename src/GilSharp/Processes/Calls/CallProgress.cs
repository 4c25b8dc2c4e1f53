using System.Buffers;
using GilSharp.Ipc;
using GilSharp.Serialization;
using GilSharp.Sharing;

namespace GilSharp.Processes.Calls;

/// <summary>What a call's arguments and captured variables hold that does not travel as bytes: reporters, by the numbers that travel in their place, and shared memory.</summary>
/// <remarks>One for each thread that makes calls: it is emptied into the call that turns out to have any.</remarks>
internal sealed class CallProgress : IProgressChannel, IRegionChannel
{
    [ThreadStatic]
    private static CallProgress? t_current;

    private List<ProgressReporter>? _reporters;
    private CallRegions? _regions;
    private bool _refusesReporters;

    public IRegionChannel Regions => this;

    /// <summary>Makes the thread's collector the one that the codec finds.</summary>
    /// <param name="outer">What was going on before, for <see cref="End"/>: a serializer, or a call that runs in a worker, may itself make calls.</param>
    /// <param name="refusesReporters">These values have nobody to report to.</param>
    internal static CallProgress Begin(out Outer outer, bool refusesReporters = false)
    {
        CallProgress current = t_current ??= new CallProgress();
        outer = new Outer(CodecContext.Progress, current._reporters, current._regions, current._refusesReporters);
        current._reporters = null;
        current._regions = null;
        current._refusesReporters = refusesReporters;
        CodecContext.Progress = current;
        return current;
    }

    /// <summary>What was found since <see cref="Begin"/>; null for nothing, as with most calls.</summary>
    /// <param name="outer">From <see cref="Begin"/>.</param>
    /// <param name="regions">Shared memory that was named; the caller's to release.</param>
    internal List<ProgressReporter>? End(in Outer outer, out CallRegions? regions)
    {
        CodecContext.Progress = outer.Channel;
        List<ProgressReporter>? found = _reporters;
        regions = _regions;
        regions?.Written();
        _reporters = outer.Reporters;
        _regions = outer.Regions;
        _refusesReporters = outer.RefusesReporters;
        return found;
    }

    internal readonly record struct Outer(IProgressChannel? Channel, List<ProgressReporter>? Reporters, CallRegions? Regions, bool RefusesReporters);

    public int Register<T>(IProgress<T> progress)
    {
        if (_refusesReporters) throw CallSerializationException.Refused(progress.GetType(), "an IProgress<T> can be an argument of a call or a captured variable, nothing else.");
        (_reporters ??= []).Add(new ProgressReporter<T>(progress));
        return _reporters.Count - 1;
    }

    public IProgress<T> Create<T>(int number) => throw new CallSerializationException("An IProgress<T> does not travel back: a result holds one.");

    public bool MayCarry(IBufferWriter<byte> output) => output is PayloadSlab or FrameBuffer;

    public void Send(ISharedWindow window) => (_regions ??= new CallRegions()).Keep(window);

    public RegionLoan? TryLend(object array, long bytes) => (_regions ??= new CallRegions()).TryLend(array, bytes);

    public bool IsLent(object array) => _regions?.IsLent(array) == true;

    // Nothing is read while a call is written.
    public RefCounted<SharedRegion> Take(long id) => throw CallSerializationException.Malformed("shared memory is named in what is being written");

    public void Made(ISharedWindow window)
    {
    }

    public void CountRead(long bytes)
    {
    }
}

/// <summary>Hands a report that came from a worker to who wants it.</summary>
internal abstract class ProgressReporter
{
    internal abstract void Report(ReadOnlyMemory<byte> value, PayloadCodec codec);
}

internal sealed class ProgressReporter<T>(IProgress<T> progress) : ProgressReporter
{
    internal override void Report(ReadOnlyMemory<byte> value, PayloadCodec codec) => progress.Report(codec.Read<T>(value));
}
