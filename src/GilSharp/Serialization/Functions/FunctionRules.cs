using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Which functions are refused, and what to tell the caller.</summary>
internal static class FunctionRules
{
    /// <exception cref="CallSerializationException">The delegate has several targets or no method that metadata knows.</exception>
    public static MethodInfo MethodOf(Delegate function)
    {
        if (!function.HasSingleTarget)
            throw new CallSerializationException("A delegate with several targets can't travel to another process: which result should come back? Pass one of them, or a function that calls all.");

        MethodInfo method;
        try
        {
            method = function.Method;
        }
        catch (Exception e) when (e is MemberAccessException or InvalidOperationException)
        {
            throw new CallSerializationException("A function that was generated at run time can't travel to another process: it is in no file that a worker could load. Use a method or a lambda.", e);
        }

        return method;
    }

    public static void EnsureMayTravel(MethodInfo method)
    {
        if (method.DeclaringType is not { } type || method.Module.Assembly.IsDynamic || method.GetType().Name.Contains("DynamicMethod", StringComparison.Ordinal))
            throw new CallSerializationException($"The function {method.Name} was generated at run time and can't travel to another process: it is in no file that a worker could load. Use a method or a lambda instead of a compiled expression or a dynamic method.");

        AssemblyFacts facts = AssemblyCatalog.FactsOf(type.Assembly);
        if (facts.Location.Length == 0 && !AssemblyCatalog.IsOfProgram(facts.Name))
            throw new CallSerializationException($"The function {NameOf(method)} can't travel to another process: its assembly {facts.Name} was loaded from memory (a script cell, say). Compile it into a file.");

        if (HotReload.HasChanged(type.Assembly))
            throw new CallSerializationException($"The function {NameOf(method)} can't travel to another process: {HotReload.Reason(type.Assembly)}");

        Type result = method.ReturnType;
        if (result == typeof(ValueTask) || (result.IsGenericType && result.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            throw new CallSerializationException($"The function {NameOf(method)} returns {TypeDisplay.NameOf(result)}, which the pool does not await. Let it return Task or Task<TResult>.");

        if (result == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false))
            throw new CallSerializationException($"The function {NameOf(method)} is async void: its end can't be seen. Let it return Task.");

        if (result.IsByRef || result.IsPointer || result.IsByRefLike)
            throw new CallSerializationException($"The function {NameOf(method)} returns {TypeDisplay.NameOf(result)}, an address that means nothing in another process.");

        foreach (ParameterInfo parameter in method.GetParameters())
        {
            Type of = parameter.ParameterType;
            if (of.IsByRef || of.IsPointer || of.IsFunctionPointer || of.IsByRefLike)
                throw new CallSerializationException($"The parameter '{parameter.Name}' of {NameOf(method)} is of type {TypeDisplay.NameOf(of)}, an address that means nothing in another process.");
        }
    }

    /// <summary>A function as people call it: Program.Countdown, "a lambda in Program.Main".</summary>
    public static string NameOf(MethodInfo method)
    {
        Type? type = method.DeclaringType;
        while (type is { DeclaringType: { } outer } && type.Name.StartsWith('<'))
            type = outer;

        string owner = type is null ? "" : TypeDisplay.NameOf(type) + ".";
        string name = method.Name;
        int end = name.IndexOf('>', StringComparison.Ordinal);
        if (!name.StartsWith('<') || end < 1)
            return owner + name;

        int local = name.IndexOf("g__", StringComparison.Ordinal);
        int bar = name.IndexOf('|', StringComparison.Ordinal);
        return local > 0 && bar > local ? $"{name[(local + 3)..bar]} in {owner}{name[1..end]}" : $"a lambda in {owner}{name[1..end]}";
    }
}
