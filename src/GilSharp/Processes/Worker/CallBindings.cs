using System.Diagnostics.CodeAnalysis;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

// One binding for each number of parameters, a trailing cancellation token included. C# evaluates arguments from left to right: the order in
// which they stand in the payload.

internal sealed class FuncBinding<TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) => ((Func<TResult>)function)();
}

internal sealed class FuncBinding<T, TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) =>
        ((Func<T, TResult>)function)(arguments.Next<T>());

    internal override void CallChunk(Delegate function, ReadOnlyMemory<byte> items, PayloadCodec codec, ChunkRun run)
    {
        Func<T, TResult> typed = (Func<T, TResult>)function;
        Writer.WriteChunk(codec.Read<T[]>(items), typed, static (function, item) => function(item), run);
    }
}

internal sealed class FuncBinding<T1, T2, TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) =>
        ((Func<T1, T2, TResult>)function)(arguments.Next<T1>(), arguments.Next<T2>());

    internal override void CallChunk(Delegate function, ReadOnlyMemory<byte> items, PayloadCodec codec, ChunkRun run)
    {
        Func<T1, T2, TResult> typed = (Func<T1, T2, TResult>)function;
        Writer.WriteChunk(
            codec.Read<(T1, T2)[]>(items), typed, static (function, item) => function(item.Item1, item.Item2), run);
    }
}

internal sealed class FuncBinding<T1, T2, T3, TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) =>
        ((Func<T1, T2, T3, TResult>)function)(arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>());
}

internal sealed class FuncBinding<T1, T2, T3, T4, TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) =>
        ((Func<T1, T2, T3, T4, TResult>)function)(arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>(), arguments.Next<T4>());
}

internal sealed class FuncBinding<T1, T2, T3, T4, T5, TResult>(FunctionPlan plan, AnswerWriter<TResult> writer) : CallBinding<TResult>(plan, writer)
{
    private protected override TResult Invoke(Delegate function, ref ArgumentReader arguments) =>
        ((Func<T1, T2, T3, T4, T5, TResult>)function)(
            arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>(), arguments.Next<T4>(), arguments.Next<T5>());
}

internal sealed class ActionBinding(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action)function)();
        return default;
    }
}

internal sealed class ActionBinding<T>(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action<T>)function)(arguments.Next<T>());
        return default;
    }

    internal override void CallChunk(Delegate function, ReadOnlyMemory<byte> items, PayloadCodec codec, ChunkRun run)
    {
        Action<T> typed = (Action<T>)function;
        Writer.WriteChunk(codec.Read<T[]>(items), typed, static (action, item) => { action(item); return default; }, run);
    }
}

internal sealed class ActionBinding<T1, T2>(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action<T1, T2>)function)(arguments.Next<T1>(), arguments.Next<T2>());
        return default;
    }

    internal override void CallChunk(Delegate function, ReadOnlyMemory<byte> items, PayloadCodec codec, ChunkRun run)
    {
        Action<T1, T2> typed = (Action<T1, T2>)function;
        Writer.WriteChunk(codec.Read<(T1, T2)[]>(items), typed, static (action, item) => { action(item.Item1, item.Item2); return default; }, run);
    }
}

internal sealed class ActionBinding<T1, T2, T3>(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action<T1, T2, T3>)function)(arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>());
        return default;
    }
}

internal sealed class ActionBinding<T1, T2, T3, T4>(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action<T1, T2, T3, T4>)function)(arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>(), arguments.Next<T4>());
        return default;
    }
}

internal sealed class ActionBinding<T1, T2, T3, T4, T5>(FunctionPlan plan) : CallBinding<Nothing>(plan, NothingAnswer.Instance)
{
    private protected override Nothing Invoke(Delegate function, ref ArgumentReader arguments)
    {
        ((Action<T1, T2, T3, T4, T5>)function)(
            arguments.Next<T1>(), arguments.Next<T2>(), arguments.Next<T3>(), arguments.Next<T4>(), arguments.Next<T5>());
        return default;
    }
}

/// <summary>Chooses the binding for a delegate's type.</summary>
internal static class CallBindings
{
    private static readonly Type[] Funcs =
        [typeof(FuncBinding<>), typeof(FuncBinding<,>), typeof(FuncBinding<,,>), typeof(FuncBinding<,,,>), typeof(FuncBinding<,,,,>), typeof(FuncBinding<,,,,,>)];

    private static readonly Type[] Actions =
        [typeof(ActionBinding), typeof(ActionBinding<>), typeof(ActionBinding<,>), typeof(ActionBinding<,,>), typeof(ActionBinding<,,,>), typeof(ActionBinding<,,,,>)];

    /// <exception cref="CallSerializationException">The function's result can't be awaited or sent.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "Bindings and answers demand nothing of their type arguments' members.")]
    [UnconditionalSuppressMessage("Trimming", "IL2071", Justification = "As above.")]
    [UnconditionalSuppressMessage("Trimming", "IL2062", Justification = "The bindings' constructors are named in the tables above.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A delegate type keeps its Invoke.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "CompiledBindings mentions each where it is needed, so that there is native code for it.")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<,,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<,,,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FuncBinding<,,,,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding<>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding<,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding<,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding<,,,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ActionBinding<,,,,>))]
    internal static CallBinding Create(FunctionPlan plan)
    {
        System.Reflection.MethodInfo invoke = plan.DelegateType.GetMethod("Invoke")!;
        Type[] parameters = Array.ConvertAll(invoke.GetParameters(), parameter => parameter.ParameterType);
        bool single = parameters.Length - (parameters is [.., { } last] && last == typeof(CancellationToken) ? 1 : 0) == 1;
        if (invoke.ReturnType == typeof(void))
        {
            Type action = parameters.Length == 0 ? Actions[0] : Actions[parameters.Length].MakeGenericType(parameters);
            return Make(action, single, plan);
        }

        object writer = AnswerWriters.For(invoke.ReturnType, plan);
        return Make(Funcs[parameters.Length].MakeGenericType([.. parameters, invoke.ReturnType]), single, plan, writer);
    }

    private static CallBinding Make(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, bool single, params object[] arguments)
    {
        CallBinding binding = (CallBinding)Activator.CreateInstance(type, arguments)!;
        binding.HasSingleArgument = single;
        return binding;
    }
}
