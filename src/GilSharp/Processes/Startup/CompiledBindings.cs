using System.Runtime.CompilerServices;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Startup;

/// <summary>
/// Mentions, where a call is made, the types with which a worker answers it. A NativeAOT program has native code only for the generic types that some
/// code of it makes, and a worker finds its bindings by reflection; parent and worker are one executable, so a mention on this side serves both.
/// </summary>
internal static class CompiledBindings
{
    /// <summary>Costs nothing where code is compiled at run time: the branch is not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Mention<TArguments, TResult>() where TArguments : struct, IArguments
    {
        if (!RuntimeFeature.IsDynamicCodeSupported) _ = Once<TArguments, TResult>.Done;
    }

    internal static void For<TResult>()
    {
        if (typeof(TResult) == typeof(Nothing))
        {
            Use(new ActionBinding(null!), new ActionBinding<CancellationToken>(null!), new FuncBinding<Task>(null!, null!), new FuncBinding<CancellationToken, Task>(null!, null!));
            return;
        }

        Answer<TResult>();
        Use(
            new FuncBinding<TResult>(null!, null!), new FuncBinding<CancellationToken, TResult>(null!, null!),
            new FuncBinding<Task<TResult>>(null!, null!), new FuncBinding<CancellationToken, Task<TResult>>(null!, null!));
    }

    internal static void For<T, TResult>()
    {
        if (typeof(TResult) == typeof(Nothing))
        {
            Use(new ActionBinding<T>(null!), new ActionBinding<T, CancellationToken>(null!), new FuncBinding<T, Task>(null!, null!), new FuncBinding<T, CancellationToken, Task>(null!, null!));
            return;
        }

        Answer<TResult>();
        Use(
            new FuncBinding<T, TResult>(null!, null!), new FuncBinding<T, CancellationToken, TResult>(null!, null!),
            new FuncBinding<T, Task<TResult>>(null!, null!), new FuncBinding<T, CancellationToken, Task<TResult>>(null!, null!));
    }

    internal static void For<T1, T2, TResult>()
    {
        if (typeof(TResult) == typeof(Nothing))
        {
            Use(
                new ActionBinding<T1, T2>(null!), new ActionBinding<T1, T2, CancellationToken>(null!),
                new FuncBinding<T1, T2, Task>(null!, null!), new FuncBinding<T1, T2, CancellationToken, Task>(null!, null!));
            return;
        }

        Answer<TResult>();
        Use(
            new FuncBinding<T1, T2, TResult>(null!, null!), new FuncBinding<T1, T2, CancellationToken, TResult>(null!, null!),
            new FuncBinding<T1, T2, Task<TResult>>(null!, null!), new FuncBinding<T1, T2, CancellationToken, Task<TResult>>(null!, null!));
    }

    internal static void For<T1, T2, T3, TResult>()
    {
        if (typeof(TResult) == typeof(Nothing))
        {
            Use(
                new ActionBinding<T1, T2, T3>(null!), new ActionBinding<T1, T2, T3, CancellationToken>(null!),
                new FuncBinding<T1, T2, T3, Task>(null!, null!), new FuncBinding<T1, T2, T3, CancellationToken, Task>(null!, null!));
            return;
        }

        Answer<TResult>();
        Use(
            new FuncBinding<T1, T2, T3, TResult>(null!, null!), new FuncBinding<T1, T2, T3, CancellationToken, TResult>(null!, null!),
            new FuncBinding<T1, T2, T3, Task<TResult>>(null!, null!), new FuncBinding<T1, T2, T3, CancellationToken, Task<TResult>>(null!, null!));
    }

    internal static void For<T1, T2, T3, T4, TResult>()
    {
        if (typeof(TResult) == typeof(Nothing))
        {
            Use(
                new ActionBinding<T1, T2, T3, T4>(null!), new ActionBinding<T1, T2, T3, T4, CancellationToken>(null!),
                new FuncBinding<T1, T2, T3, T4, Task>(null!, null!), new FuncBinding<T1, T2, T3, T4, CancellationToken, Task>(null!, null!));
            return;
        }

        Answer<TResult>();
        Use(
            new FuncBinding<T1, T2, T3, T4, TResult>(null!, null!), new FuncBinding<T1, T2, T3, T4, CancellationToken, TResult>(null!, null!),
            new FuncBinding<T1, T2, T3, T4, Task<TResult>>(null!, null!), new FuncBinding<T1, T2, T3, T4, CancellationToken, Task<TResult>>(null!, null!));
    }

    private static void Answer<TResult>() => Use(new ValueAnswer<TResult>(), new TaskAnswer<TResult>());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(params ReadOnlySpan<object> mentioned) => GC.KeepAlive(mentioned[0]);

    private static class Once<TArguments, TResult> where TArguments : struct, IArguments
    {
        internal static readonly bool Done = Compile();

        private static bool Compile()
        {
            TArguments.Compile<TResult>();
            return true;
        }
    }
}
