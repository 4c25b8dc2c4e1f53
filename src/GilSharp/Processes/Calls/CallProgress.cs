using GilSharp.Serialization;

namespace GilSharp.Processes.Calls;

/// <summary>The reporters that a call's arguments and captured variables hold, by the numbers that travel in their place.</summary>
/// <remarks>One for each thread that makes calls: it is emptied into the call that turns out to have any.</remarks>
internal sealed class CallProgress : IProgressChannel
{
    [ThreadStatic]
    private static CallProgress? t_current;

    private List<ProgressReporter>? _reporters;

    /// <summary>Makes the thread's collector the one that the codec finds.</summary>
    /// <param name="outer">What was going on before, for <see cref="End"/>: a serializer, or a call that runs in a worker, may itself make calls.</param>
    internal static CallProgress Begin(out Outer outer)
    {
        CallProgress current = t_current ??= new CallProgress();
        outer = new Outer(CodecContext.Progress, current._reporters);
        current._reporters = null;
        CodecContext.Progress = current;
        return current;
    }

    /// <summary>What was found since <see cref="Begin"/>; null for nothing, as with most calls.</summary>
    internal List<ProgressReporter>? End(in Outer outer)
    {
        CodecContext.Progress = outer.Channel;
        List<ProgressReporter>? found = _reporters;
        _reporters = outer.Reporters;
        return found;
    }

    internal readonly record struct Outer(IProgressChannel? Channel, List<ProgressReporter>? Reporters);

    public int Register<T>(IProgress<T> progress)
    {
        (_reporters ??= []).Add(new ProgressReporter<T>(progress));
        return _reporters.Count - 1;
    }

    public IProgress<T> Create<T>(int number) => throw new CallSerializationException("An IProgress<T> does not travel back: a result holds one.");
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
