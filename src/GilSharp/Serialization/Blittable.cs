using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Which types travel as the bytes they consist of: no references, and no addresses or handles in disguise.</summary>
internal static class Blittable
{
    /// <param name="type">The type of a value, or of the elements of an array.</param>
    /// <param name="inPlace">The memory itself is shown to the other process, fields that stay behind included.</param>
    public static bool IsBlittable(Type type, bool inPlace = false)
    {
        if (type.IsPrimitive || type.IsEnum)
            return type != typeof(nint) && type != typeof(nuint);

        if (type.IsPointer || type.IsFunctionPointer || !type.IsValueType || TravelRules.ReasonToRefuse(type) is not null)
            return false;

        // Fields that can't be seen might be references; in place there are none.
        if (KeptTypes.MayLackFields(type))
            return inPlace && ShowsNoAddress(type);

        foreach (FieldInfo field in Mirror.DeclaredFields(type))
        {
            if (!IsBlittable(field.FieldType, inPlace) || (!inPlace && (field.Attributes & (FieldAttributes)0x80) != 0))
                return false;
        }

        return true;
    }

    /// <summary>No address or handle is in its name: all there is to look at of a struct without references whose fields can't be seen.</summary>
    public static bool ShowsNoAddress(Type type) =>
        TravelRules.ReasonToRefuse(type) is null && Array.TrueForAll(type.GetGenericArguments(), static argument => !argument.IsValueType || ShowsNoAddress(argument));
}

/// <summary>The same by type parameter: a constant once compiled.</summary>
internal static class Blittable<T>
{
    public static readonly bool Value = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && (IsWithoutFields || Blittable.IsBlittable(typeof(T)));

    // Compiled ahead of time, a struct has no fields to look at, so that an address within it goes unnoticed unless its name tells.
    private static bool IsWithoutFields => !typeof(T).IsPrimitive && KeptTypes.Matter && Blittable.ShowsNoAddress(typeof(T));
}
