using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Finds the body for a collection of the platform. Each family stands in a method of its own, so that its assembly is loaded only when it is met.</summary>
internal static class CollectionBodies
{
    public static ObjectBody? TryCreate(Type type)
    {
        if (!AssemblyCatalog.IsPlatform(type.Assembly))
            return null;

        if (!type.IsGenericType)
            return Plain(type) ?? Frozen(type);

        Type[] arguments = type.GetGenericArguments();
        string name = type.GetGenericTypeDefinition().FullName ?? "";
        object? body = name switch
        {
            "System.Collections.Generic.List`1" => Mirror.Make(typeof(ListBody<>), arguments),
            "System.Collections.Generic.Dictionary`2" => Mirror.Make(typeof(DictionaryBody<,>), arguments),
            "System.Collections.Generic.HashSet`1" => Mirror.Make(typeof(HashSetBody<>), arguments),
            "System.Collections.Generic.Queue`1" => Mirror.Make(typeof(QueueBody<>), arguments),
            _ when name.StartsWith("System.Collections.Generic.", StringComparison.Ordinal) => Further(name, arguments),
            _ when name.StartsWith("System.Collections.Concurrent.", StringComparison.Ordinal) => Concurrent(name, arguments),
            _ when name.StartsWith("System.Collections.ObjectModel.", StringComparison.Ordinal) => Observable(name, arguments),
            _ when name.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) => Immutable(name, arguments),
            _ => null,
        };
        if (body is not null)
            return ((ObjectBody)body).For(type);

        return Frozen(type);
    }

    /// <summary>A class of the program that derives from a collection which is rebuilt.</summary>
    public static ObjectBody ForDerived(Type type, Type collection)
    {
        Type definition = collection.GetGenericTypeDefinition();
        Type[] arguments = collection.GetGenericArguments();
        object body = definition == typeof(List<>) ? Mirror.Make(typeof(ListBody<>), arguments)
            : definition == typeof(Dictionary<,>) ? Mirror.Make(typeof(DictionaryBody<,>), arguments)
            : Mirror.Make(typeof(HashSetBody<>), arguments);
        return ((ObjectBody)body).For(type);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object? Further(string name, Type[] arguments) => name switch
    {
        "System.Collections.Generic.Stack`1" => Mirror.Make(typeof(StackBody<>), arguments),
        "System.Collections.Generic.LinkedList`1" => Mirror.Make(typeof(LinkedListBody<>), arguments),
        "System.Collections.Generic.SortedDictionary`2" => Mirror.Make(typeof(SortedDictionaryBody<,>), arguments),
        "System.Collections.Generic.SortedList`2" => Mirror.Make(typeof(SortedListBody<,>), arguments),
        "System.Collections.Generic.SortedSet`1" => Mirror.Make(typeof(SortedSetBody<>), arguments),
        "System.Collections.Generic.PriorityQueue`2" => Mirror.Make(typeof(PriorityQueueBody<,>), arguments),
        "System.Collections.Generic.OrderedDictionary`2" => Mirror.Make(typeof(OrderedDictionaryBody<,>), arguments),
        _ => null,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object? Concurrent(string name, Type[] arguments) => name switch
    {
        "System.Collections.Concurrent.ConcurrentDictionary`2" => Mirror.Make(typeof(ConcurrentDictionaryBody<,>), arguments),
        "System.Collections.Concurrent.ConcurrentQueue`1" => Mirror.Make(typeof(ConcurrentQueueBody<>), arguments),
        "System.Collections.Concurrent.ConcurrentStack`1" => Mirror.Make(typeof(ConcurrentStackBody<>), arguments),
        "System.Collections.Concurrent.ConcurrentBag`1" => Mirror.Make(typeof(ConcurrentBagBody<>), arguments),
        _ => null,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object? Observable(string name, Type[] arguments) => name switch
    {
        "System.Collections.ObjectModel.ObservableCollection`1" => Mirror.Make(typeof(ObservableCollectionBody<>), arguments),
        "System.Collections.ObjectModel.ReadOnlyDictionary`2" => Mirror.Make(typeof(ReadOnlyDictionaryBody<,>), arguments),
        _ => null,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object? Immutable(string name, Type[] arguments) => name switch
    {
        "System.Collections.Immutable.ImmutableList`1" => Mirror.Make(typeof(ImmutableListBody<>), arguments),
        "System.Collections.Immutable.ImmutableQueue`1" => Mirror.Make(typeof(ImmutableQueueBody<>), arguments),
        "System.Collections.Immutable.ImmutableStack`1" => Mirror.Make(typeof(ImmutableStackBody<>), arguments),
        "System.Collections.Immutable.ImmutableHashSet`1" => Mirror.Make(typeof(ImmutableHashSetBody<>), arguments),
        "System.Collections.Immutable.ImmutableSortedSet`1" => Mirror.Make(typeof(ImmutableSortedSetBody<>), arguments),
        "System.Collections.Immutable.ImmutableDictionary`2" => Mirror.Make(typeof(ImmutableDictionaryBody<,>), arguments),
        "System.Collections.Immutable.ImmutableSortedDictionary`2" => Mirror.Make(typeof(ImmutableSortedDictionaryBody<,>), arguments),
        _ => null,
    };

    /// <summary>Frozen collections are of hidden classes, chosen by content; on the wire they are their public base.</summary>
    private static ObjectBody? Frozen(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            if (!level.IsGenericType || level.Namespace != "System.Collections.Frozen")
                continue;

            switch (level.GetGenericTypeDefinition().FullName)
            {
                case "System.Collections.Frozen.FrozenDictionary`2":
                    return ((ObjectBody)Mirror.Make(typeof(FrozenDictionaryBody<,>), level.GetGenericArguments())).For(level);
                case "System.Collections.Frozen.FrozenSet`1":
                    return ((ObjectBody)Mirror.Make(typeof(FrozenSetBody<>), level.GetGenericArguments())).For(level);
            }
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ObjectBody? Plain(Type type) => type.FullName switch
    {
        "System.Collections.ArrayList" => new ArrayListBody().For(type),
        "System.Collections.Hashtable" => new HashtableBody().For(type),
        _ => null,
    };
}
