using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>Which types report: IProgress&lt;T&gt; itself travels as a number and a stand-in; a class that implements it stays where it is.</summary>
internal static class Reporters
{
    /// <summary>Whether a place of this type takes reporters.</summary>
    public static bool IsPlaceFor(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>);

    /// <summary>The IProgress&lt;T&gt; that a class or struct implements; null if it implements none.</summary>
    public static Type? ImplementedBy(Type type)
    {
        foreach (Type implemented in Mirror.InterfacesOf(type))
        {
            if (IsPlaceFor(implemented))
                return implemented;
        }

        return null;
    }

    /// <summary>Says of each parameter of a delegate which IProgress&lt;T&gt; the method takes where the delegate's type names another; null if there are none.</summary>
    /// <remarks>From a method and a Progress&lt;int&gt; C# infers a delegate that takes a Progress&lt;int&gt;: the method's own parameter says what is meant.</remarks>
    public static Type?[]? TakenBy(MethodInfo method, Type delegateType)
    {
        if (!delegateType.IsGenericType || KnownTypes.NumberOfDelegate(delegateType.GetGenericTypeDefinition()) == 0)
            return null;

        Type[] arguments = delegateType.GetGenericArguments();
        ParameterInfo[] parameters = method.GetParameters();
        int count = arguments.Length - (method.ReturnType == typeof(void) ? 0 : 1);
        int first = parameters.Length - count; // 1 if the delegate is closed over the first, -1 if it takes the instance
        Type?[]? found = null;
        for (int i = Math.Max(0, -first); i < count; i++)
        {
            Type taken = parameters[first + i].ParameterType;
            if (taken != arguments[i] && IsPlaceFor(taken))
                (found ??= new Type?[count])[i] = taken;
        }

        return found;
    }

    /// <summary>The type of delegate that takes what <see cref="TakenBy"/> found.</summary>
    public static Type DelegateTaking(Type?[]? reporters, Type delegateType)
    {
        if (reporters is null)
            return delegateType;

        Type[] arguments = delegateType.GetGenericArguments();
        for (int i = 0; i < reporters.Length; i++)
            arguments[i] = reporters[i] ?? arguments[i];

        return Mirror.Construct(delegateType.GetGenericTypeDefinition(), arguments);
    }
}
