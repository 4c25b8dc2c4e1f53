using GilSharp.Processes.Startup;

namespace GilSharp.Processes.Calls;

/// <summary>The arguments of a call, in the form in which the worker's <see cref="Worker.ArgumentReader"/> takes them.</summary>
internal interface IArguments
{
    void Write(ref ArgumentWriter writer);

    /// <summary>Has native code made for the worker's side of such calls: see <see cref="CompiledBindings"/>.</summary>
    static abstract void Compile<TResult>();
}

internal readonly struct NoArguments : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<TResult>();

    public void Write(ref ArgumentWriter writer)
    {
    }
}

internal readonly struct Arguments<T>(T argument) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T, TResult>();

    public void Write(ref ArgumentWriter writer) => writer.WriteSingle(argument);
}

internal readonly struct Arguments<T1, T2>(T1 argument1, T2 argument2) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, TResult>();

    public void Write(ref ArgumentWriter writer)
    {
        writer.Write(argument1);
        writer.Write(argument2);
    }
}

internal readonly struct Arguments<T1, T2, T3>(T1 argument1, T2 argument2, T3 argument3) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, T3, TResult>();

    public void Write(ref ArgumentWriter writer)
    {
        writer.Write(argument1);
        writer.Write(argument2);
        writer.Write(argument3);
    }
}

internal readonly struct Arguments<T1, T2, T3, T4>(T1 argument1, T2 argument2, T3 argument3, T4 argument4) : IArguments
{
    public static void Compile<TResult>() => CompiledBindings.For<T1, T2, T3, T4, TResult>();

    public void Write(ref ArgumentWriter writer)
    {
        writer.Write(argument1);
        writer.Write(argument2);
        writer.Write(argument3);
        writer.Write(argument4);
    }
}
