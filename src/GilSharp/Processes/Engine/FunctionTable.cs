using System.Runtime.CompilerServices;
using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Engine;

/// <summary>A function that this pool has called, with the small number that its calls name it by.</summary>
internal sealed class FunctionEntry(int number, FunctionPlan plan, ReadOnlyMemory<byte> identity, PayloadCodec codec)
{
    internal int Number => number;

    internal FunctionPlan Plan => plan;

    /// <summary>What a worker needs to find the function; sent to each worker once.</summary>
    internal ReadOnlyMemory<byte> Identity => identity;

    /// <summary>The pool's codec, for the results: here once, and not in each of a million calls that wait.</summary>
    internal PayloadCodec Codec => codec;
}

/// <summary>The functions that a pool has called. Plans that nothing uses any more are forgotten with their assemblies.</summary>
internal sealed class FunctionTable(PayloadCodec codec)
{
    private readonly ConditionalWeakTable<FunctionPlan, FunctionEntry> _entries = [];
    private int _last;
    private FunctionEntry? _latest;

    internal FunctionEntry For(Delegate function)
    {
        FunctionPlan plan = FunctionPlan.For(function);
        FunctionEntry? latest = Volatile.Read(ref _latest);
        if (latest is not null && ReferenceEquals(latest.Plan, plan)) return latest;
        if (!_entries.TryGetValue(plan, out FunctionEntry? entry)) entry = _entries.GetValue(plan, Add);
        Volatile.Write(ref _latest, entry);
        return entry;
    }

    private FunctionEntry Add(FunctionPlan plan)
    {
        FrameBuffer identity = new(512);
        plan.WriteIdentity(identity);
        return new FunctionEntry(Interlocked.Increment(ref _last), plan, identity.Written.ToArray(), codec);
    }
}
