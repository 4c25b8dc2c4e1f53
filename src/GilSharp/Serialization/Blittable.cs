using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Which types travel as the bytes they consist of: no references, and no addresses or handles in disguise.</summary>
internal static class Blittable
{
    public static bool IsBlittable(Type type)
    {
        if (type.IsPrimitive || type.IsEnum)
            return type != typeof(nint) && type != typeof(nuint);

        if (type.IsPointer || type.IsFunctionPointer || !type.IsValueType || TravelRules.ReasonToRefuse(type) is not null)
            return false;

        foreach (FieldInfo field in Mirror.DeclaredFields(type))
        {
            if (!IsBlittable(field.FieldType))
                return false;
        }

        return true;
    }
}

/// <summary>The same by type parameter: a constant once compiled.</summary>
internal static class Blittable<T>
{
    public static readonly bool Value = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable.IsBlittable(typeof(T));
}
