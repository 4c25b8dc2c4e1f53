using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The converter for each declared type, made at its first use.</summary>
internal static class Converters
{
    private static readonly ConditionalWeakTable<Type, Converter> Cache = [];

    public static Converter For(Type type) => Cache.TryGetValue(type, out Converter? converter) ? converter : Cache.GetOrAdd(type, Create(type));

    private static Converter Create(Type type)
    {
        CompiledConverters.Mention();
        if (type == typeof(string))
            return StringConverter.Instance;

        if (type.IsPointer || type.IsByRef || type.IsByRefLike || type.IsFunctionPointer)
            throw CallSerializationException.Refused(type, "an address means nothing in another process.");

        if (!type.IsValueType)
            return ReferenceConverters.Create(type);

        if (TravelRules.ReasonToRefuse(type) is not null)
            return (Converter)Mirror.Make(typeof(RefusedConverter<>), type);

        if (Blittable.IsBlittable(type))
            return (Converter)Mirror.Make(typeof(BlitConverter<>), type);

        return ValueConverters.Create(type);
    }
}

/// <summary>The same by type parameter: one static read.</summary>
internal static class Converters<T>
{
    public static readonly Converter<T> Instance = (Converter<T>)Converters.For(typeof(T));
}
