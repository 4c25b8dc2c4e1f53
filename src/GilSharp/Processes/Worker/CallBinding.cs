using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>How one function is called in this worker: made when the function is defined, used for each of its calls.</summary>
internal abstract class CallBinding
{
    private readonly FunctionPlan _plan;
    private Delegate? _fixed;

    private protected CallBinding(FunctionPlan plan) => _plan = plan;

    /// <summary>One value argument, which then takes all of the payload.</summary>
    internal bool HasSingleArgument { get; set; }

    /// <summary>Runs the function and writes what it returns.</summary>
    internal abstract void Call(Delegate function, ref ArgumentReader arguments, FrameBuffer answer, PayloadCodec codec);

    /// <summary>Runs the function for each item of a chunk.</summary>
    internal virtual void CallChunk(Delegate function, ReadOnlyMemory<byte> items, PayloadCodec codec, ChunkRun run) =>
        throw new InvalidOperationException($"A function of type {_plan.DelegateType} can't be mapped over items: it takes none.");

    /// <summary>The delegate to call: the same for all calls of a function that captures nothing.</summary>
    internal Delegate Target(ReadOnlySpan<byte> target, PayloadCodec codec) =>
        _plan.HasTarget ? _plan.ReadDelegate(target, codec.Serializer) : _fixed ??= _plan.ReadDelegate(target, codec.Serializer);
}

/// <summary>A function with a result.</summary>
internal abstract class CallBinding<TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding(plan)
{
    private protected AnswerWriter<TResult> Writer { get; } = writer;

    internal sealed override void Call(Delegate function, ref ArgumentReader arguments, FrameBuffer answer, PayloadCodec codec) =>
        Writer.Write(Invoke(function, ref arguments), answer, codec);

    private protected abstract TResult Invoke(Delegate function, ref ArgumentReader arguments);
}

/// <summary>Stands for the result of a function that has none.</summary>
internal readonly struct Nothing;
