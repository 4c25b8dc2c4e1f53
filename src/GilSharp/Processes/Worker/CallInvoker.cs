using System.Buffers.Binary;
using GilSharp.Ipc;
using GilSharp.Serialization;
using GilSharp.Sharing;

namespace GilSharp.Processes.Worker;

/// <summary>Takes calls apart and makes them: knows the functions that were defined, and what running maps capture.</summary>
/// <param name="progress">What arguments find that report to the caller.</param>
/// <param name="chunk">Runs a function for several items.</param>
/// <param name="takeHandles">Gives up the handles of shared memory that were read last, so that they live longer than a call.</param>
internal sealed class CallInvoker(WorkerProgress progress, ChunkRun chunk, Func<List<ISharedWindow>?> takeHandles)
{
    private readonly Dictionary<int, CallBinding> _functions = [];
    private readonly Dictionary<int, CallSerializationException> _unknown = [];
    private readonly Dictionary<long, SharedTarget> _targets = [];

    internal PayloadCodec Codec { get; set; }

    internal WorkerCulture Culture { get; set; }

    internal bool Knows(int function) => _functions.ContainsKey(function) || _unknown.ContainsKey(function);

    internal bool KnowsTarget(long number) => _targets.ContainsKey(number);

    // What can't be resolved fails the calls that use it, not the worker.
    internal void Define(int function, ReadOnlySpan<byte> identity)
    {
        try
        {
            _functions[function] = CallBindings.Create(FunctionPlan.ReadIdentity(identity));
        }
        catch (Exception exception)
        {
            _unknown[function] = exception as CallSerializationException
                ?? new CallSerializationException($"The function can't be used in a worker: {exception.Message}", exception);
        }
    }

    internal void DefineTarget(long number, ReadOnlySpan<byte> definition)
    {
        try
        {
            progress.Call = default;
            CallBinding binding = Function(BinaryPrimitives.ReadInt32LittleEndian(definition));
            _targets[number] = new SharedTarget(binding.Target(definition[sizeof(int)..], Codec), null, takeHandles());
        }
        catch (Exception exception)
        {
            _targets[number] = new SharedTarget(null, exception, takeHandles());
        }
    }

    internal void ForgetTarget(long number)
    {
        if (_targets.Remove(number, out SharedTarget? target) && target.Handles is { } handles) WorkerRegions.End(handles);
    }

    /// <summary>Makes a call. What it returns is in <paramref name="answer"/>; the results of a chunk are in its <see cref="ChunkRun"/>.</summary>
    internal void Invoke(in FrameHeader header, ReadOnlyMemory<byte> rest, FrameBuffer answer, CancellationToken token)
    {
        CallFlags flags = header.Flags;
        CallBinding binding = Function(BinaryPrimitives.ReadInt32LittleEndian(rest.Span));
        rest = rest[sizeof(int)..];
        ReadOnlyMemory<byte> target = (flags & CallFlags.HasTarget) != 0 ? TakeSection(ref rest) : default;
        ReadOnlyMemory<byte> context = (flags & CallFlags.HasContext) != 0 ? TakeSection(ref rest) : default;
        using CallContext.Scope scope = CallContext.Enter(context.Span, Culture);
        progress.Call = header;
        try
        {
            Delegate typed = (flags & CallFlags.SharedTarget) != 0
                ? _targets[BinaryPrimitives.ReadInt64LittleEndian(target.Span)].Function
                : binding.Target(target.Span, Codec);
            if ((flags & CallFlags.Chunk) == 0)
            {
                ArgumentReader arguments = new(rest, binding.HasSingleArgument, Codec, token);
                binding.Call(typed, ref arguments, answer, Codec);
                return;
            }

            chunk.Begin(header, Codec, scope, token);
            binding.CallChunk(typed, rest, Codec, chunk);
        }
        catch (Exception exception) when (scope.Note(exception))
        {
            throw; // never: the filter only looks
        }
    }

    private CallBinding Function(int number) => _functions.TryGetValue(number, out CallBinding? binding)
        ? binding
        : throw (_unknown.TryGetValue(number, out CallSerializationException? reason) ? reason : new InvalidDataException($"Function {number} was never defined."));

    private static ReadOnlyMemory<byte> TakeSection(ref ReadOnlyMemory<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        ReadOnlyMemory<byte> section = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return section;
    }

    /// <summary>The delegate that the chunks of a map call, or why there is none.</summary>
    private sealed record SharedTarget(Delegate? Delegate, Exception? Failure, List<ISharedWindow>? Handles)
    {
        internal Delegate Function => Delegate ?? throw new CallSerializationException(Failure!.Message, Failure);
    }
}
