using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Startup;

/// <summary>Mentions the most common kinds of calls, so that the library's compiled copy has code for them and no first call waits for it.</summary>
/// <remarks>Nothing calls this: to be mentioned is enough for the compiler, and the trimmer drops it.</remarks>
internal static class CompiledAheadOfTime
{
    internal static void Mention(WorkerPool pool)
    {
        Call<int>(pool);
        Call<long>(pool);
        Call<double>(pool);
        Call<bool>(pool);
        Call<object>(pool);
    }

    private static void Call<T>(WorkerPool pool)
    {
        _ = pool.ApplyAsync(static () => default(T));
        _ = pool.ApplyAsync(static (T value) => value, default!);
        _ = pool.ApplyAsync(static (T value) => GC.KeepAlive(value), default!);
        _ = pool.ApplyAsync(static (T one, T other) => one, default!, default!);
        ValueAnswer<T> answer = new();
        GC.KeepAlive(new FuncBinding<T>(null!, answer));
        GC.KeepAlive(new FuncBinding<T, T>(null!, answer));
        GC.KeepAlive(new FuncBinding<T, T, T>(null!, answer));
        GC.KeepAlive(new ActionBinding<T>(null!));
    }
}
