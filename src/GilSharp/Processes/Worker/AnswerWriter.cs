using System.Diagnostics.CodeAnalysis;
using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>Writes what a function returned: the value itself, or what its task comes to.</summary>
/// <remarks>A worker runs one call at a time, so its main thread waits for a task; the pool's own threads carry the continuations.</remarks>
internal abstract class AnswerWriter<TResult>
{
    internal abstract void Write(TResult result, FrameBuffer answer, PayloadCodec codec);

    internal abstract void WriteChunk<TItem, TFunction>(
        TItem[] items, TFunction function, Func<TFunction, TItem, TResult> call, ChunkRun run);
}

internal sealed class ValueAnswer<TResult> : AnswerWriter<TResult>
{
    internal override void Write(TResult result, FrameBuffer answer, PayloadCodec codec) => codec.WriteResult(answer, result);

    internal override void WriteChunk<TItem, TFunction>(
        TItem[] items, TFunction function, Func<TFunction, TItem, TResult> call, ChunkRun run) =>
        run.All(items, (function, call), static (f, item) => f.call(f.function, item));
}

internal sealed class TaskAnswer<TValue> : AnswerWriter<Task<TValue>>
{
    internal override void Write(Task<TValue> result, FrameBuffer answer, PayloadCodec codec) => codec.WriteResult(answer, TaskAnswer.Await(result));

    internal override void WriteChunk<TItem, TFunction>(
        TItem[] items, TFunction function, Func<TFunction, TItem, Task<TValue>> call, ChunkRun run) =>
        run.All(items, (function, call), static (f, item) => TaskAnswer.Await(f.call(f.function, item)));
}

internal sealed class TaskAnswer : AnswerWriter<Task>
{
    internal static readonly TaskAnswer Instance = new();

    internal override void Write(Task result, FrameBuffer answer, PayloadCodec codec) => Await(result);

    internal override void WriteChunk<TItem, TFunction>(
        TItem[] items, TFunction function, Func<TFunction, TItem, Task> call, ChunkRun run) =>
        run.All(items, (function, call), static (f, item) => { Await(f.call(f.function, item)); return default(Nothing); });

    internal static void Await(Task? task) => Returned(task).GetAwaiter().GetResult();

    internal static TValue Await<TValue>(Task<TValue>? task) => ((Task<TValue>)Returned(task)).GetAwaiter().GetResult();

    private static Task Returned(Task? task) => task ?? throw new InvalidOperationException("The function returned null instead of a task.");
}

internal sealed class NothingAnswer : AnswerWriter<Nothing>
{
    internal static readonly NothingAnswer Instance = new();

    internal override void Write(Nothing result, FrameBuffer answer, PayloadCodec codec)
    {
    }

    internal override void WriteChunk<TItem, TFunction>(
        TItem[] items, TFunction function, Func<TFunction, TItem, Nothing> call, ChunkRun run) =>
        run.All(items, (function, call), static (f, item) => f.call(f.function, item));
}

/// <summary>Chooses the writer for a function's return type.</summary>
internal static class AnswerWriters
{
    /// <exception cref="CallSerializationException">The type is a ValueTask, whose result can't be awaited twice.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "A writer demands nothing of its type argument's members.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "CompiledBindings mentions each where it is needed, so that there is native code for it.")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor, typeof(ValueAnswer<>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor, typeof(TaskAnswer<>))]
    internal static object For(Type returned, FunctionPlan plan)
    {
        if (returned == typeof(Task)) return TaskAnswer.Instance;
        Type? generic = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        if (generic == typeof(Task<>)) return Activator.CreateInstance(typeof(TaskAnswer<>).MakeGenericType(returned.GetGenericArguments()))!;
        if (returned == typeof(ValueTask) || generic == typeof(ValueTask<>))
            throw new CallSerializationException($"A function of type {plan.DelegateType} returns a ValueTask, which can't travel: return a Task, or call AsTask().");
        return Activator.CreateInstance(typeof(ValueAnswer<>).MakeGenericType(returned))!;
    }
}
