using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Objects that are hashed by being themselves: what is in them doesn't matter, and may be missing yet.</summary>
internal static class IdentityHash
{
    private static readonly ConditionalWeakTable<Type, StrongBox<bool>> Known = [];

    public static bool IsOf(object? key)
    {
        if (key?.GetType() is not { } type)
            return false;

        return (Known.TryGetValue(type, out StrongBox<bool>? known) ? known : Known.GetOrAdd(type, new StrongBox<bool>(IsOfType(type)))).Value;
    }

    private static bool IsOfType(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            if (level == typeof(object))
                return true;

            if (level.IsValueType || Array.Exists(Mirror.DeclaredMethods(level), Concerns))
                return false;
        }

        return false;
    }

    // Explicit implementations of IEquatable<T> have its name in front.
    private static bool Concerns(MethodInfo method) => method.IsVirtual && (method.Name == "GetHashCode" || method.Name.EndsWith("Equals", StringComparison.Ordinal));
}
