using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>Objects that are hashed by being themselves: what is in them doesn't matter, and may be missing yet.</summary>
internal static class IdentityHash
{
    public static bool IsOf(object? key)
    {
        for (Type? level = key?.GetType(); level is not null; level = level.BaseType)
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
