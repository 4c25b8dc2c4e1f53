using GilSharp.Processes.Startup;

namespace GilSharp.Processes.Calls;

/// <summary>The arguments of a call, in the form in which the worker's <see cref="Worker.ArgumentReader"/> takes them.</summary>
internal interface IArguments
{
    void Write(PayloadSlab slab, PayloadCodec codec);

    /// <summary>Has native code made for the worker's side of such calls: see <see cref="CompiledBindings"/>.</summary>
    static abstract void Compile<TResult>();
}

internal readonly struct NoArguments : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<TResult>();

    public void Write(PayloadSlab slab, PayloadCodec codec)
    {
    }
}

internal readonly struct Arguments<T>(T argument) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T, TResult>();

    public void Write(PayloadSlab slab, PayloadCodec codec) => codec.Write(slab, argument);
}

internal readonly struct Arguments<T1, T2>(T1 argument1, T2 argument2) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, TResult>();

    public void Write(PayloadSlab slab, PayloadCodec codec)
    {
        slab.WriteWithLength(argument1, codec);
        slab.WriteWithLength(argument2, codec);
    }
}

internal readonly struct Arguments<T1, T2, T3>(T1 argument1, T2 argument2, T3 argument3) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, T3, TResult>();

    public void Write(PayloadSlab slab, PayloadCodec codec)
    {
        slab.WriteWithLength(argument1, codec);
        slab.WriteWithLength(argument2, codec);
        slab.WriteWithLength(argument3, codec);
    }
}

internal readonly struct Arguments<T1, T2, T3, T4>(T1 argument1, T2 argument2, T3 argument3, T4 argument4) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, T3, T4, TResult>();

    public void Write(PayloadSlab slab, PayloadCodec codec)
    {
        slab.WriteWithLength(argument1, codec);
        slab.WriteWithLength(argument2, codec);
        slab.WriteWithLength(argument3, codec);
        slab.WriteWithLength(argument4, codec);
    }
}
