using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The body for each run-time type, made at its first use.</summary>
internal static class Bodies
{
    // Weak in its keys: types of collectible contexts may go.
    private static readonly ConditionalWeakTable<Type, ObjectBody> Cache = [];

    /// <exception cref="CallSerializationException">Objects of this type can't travel.</exception>
    public static ObjectBody For(Type type) => Cache.TryGetValue(type, out ObjectBody? body) ? body : Cache.GetOrAdd(type, Create(type));

    private static ObjectBody Create(Type type)
    {
        if (type == typeof(string))
            return new StringBody().For(type);

        if (type.IsValueType)
            return Boxed(type);

        if (type.IsArray)
            return ArrayBodies.Create(type);

        if (type.IsSubclassOf(typeof(Delegate)))
            return new DelegateBody().For(type);

        if (type.IsAssignableTo(typeof(Exception)))
        {
            TravelRules.EnsureMayTravel(type);
            return new ExceptionBody().For(type);
        }

        // Asked only for types of the platform, so that a worker which meets none of them loads nothing for them.
        if ((AssemblyCatalog.IsPlatform(type.Assembly) || type.IsAssignableTo(typeof(Type))) && (CollectionBodies.TryCreate(type) ?? ScalarBodies.TryCreate(type)) is { } body)
            return body;

        if (SharedWindowBody.TryCreate(type) is { } shared)
            return shared;

        TravelRules.EnsureMayTravel(type);
        if (OwnFields.CollectionBelow(type) is { } collection)
            return CollectionBodies.ForDerived(type, collection);

        return new FieldsBody(type).For(type);
    }

    private static ObjectBody Boxed(Type type)
    {
        TravelRules.EnsureMayTravel(type);
        return new BoxBody(Converters.For(type)).For(type);
    }
}
