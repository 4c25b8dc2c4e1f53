using System.Collections.Frozen;
using System.Collections.Immutable;

namespace GilSharp.Serialization;

/// <summary>An immutable array is a struct around an array; the default one is none.</summary>
internal sealed class ImmutableArrayConverter<T> : Converter<ImmutableArray<T>>
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, ImmutableArray<T> value) =>
        writer.WriteReference(System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsArray(value), typeof(T[]), ref _body);

    public override ImmutableArray<T> Read(ref GraphReader reader) =>
        System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray((T[]?)reader.ReadReference(typeof(T[]), ref _body));
}

internal sealed class ImmutableListBody<T> : SealedCollectionBody<ImmutableList<T>, T>
{
    protected override ImmutableList<T> Make(T[] items, object? comparer, object? secondComparer) => [.. items];
}

internal sealed class ImmutableQueueBody<T> : SealedCollectionBody<ImmutableQueue<T>, T>
{
    protected override ImmutableQueue<T> Make(T[] items, object? comparer, object? secondComparer) => ImmutableQueue.Create(items);
}

internal sealed class ImmutableStackBody<T> : SealedCollectionBody<ImmutableStack<T>, T>
{
    protected override IEnumerable<T> ItemsOf(ImmutableStack<T> collection) => collection.Reverse();

    protected override ImmutableStack<T> Make(T[] items, object? comparer, object? secondComparer) => ImmutableStack.Create(items);
}

internal sealed class ImmutableHashSetBody<T> : SealedCollectionBody<ImmutableHashSet<T>, T>
{
    protected override bool MakingRunsCode => true;

    protected override object? HashedOf(T item) => item;

    protected override int Comparers => 1;

    protected override (object? First, object? Second) ComparersOf(ImmutableHashSet<T> collection) => (collection.KeyComparer, null);

    protected override ImmutableHashSet<T> Make(T[] items, object? comparer, object? secondComparer) => ImmutableHashSet.Create((IEqualityComparer<T>?)comparer, items);
}

internal sealed class ImmutableSortedSetBody<T> : SealedCollectionBody<ImmutableSortedSet<T>, T>
{
    protected override bool MakingRunsCode => true;

    protected override int Comparers => 1;

    protected override (object? First, object? Second) ComparersOf(ImmutableSortedSet<T> collection) => (collection.KeyComparer, null);

    protected override ImmutableSortedSet<T> Make(T[] items, object? comparer, object? secondComparer) => ImmutableSortedSet.Create((IComparer<T>?)comparer, items);
}

internal sealed class ImmutableDictionaryBody<TKey, TValue> : SealedCollectionBody<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool MakingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override object? HashedOf(KeyValuePair<TKey, TValue> item) => item.Key;

    protected override int Comparers => 2;

    protected override (object? First, object? Second) ComparersOf(ImmutableDictionary<TKey, TValue> collection) => (collection.KeyComparer, collection.ValueComparer);

    protected override ImmutableDictionary<TKey, TValue> Make(KeyValuePair<TKey, TValue>[] items, object? comparer, object? secondComparer) =>
        ImmutableDictionary.CreateRange((IEqualityComparer<TKey>?)comparer, (IEqualityComparer<TValue>?)secondComparer, items);
}

internal sealed class ImmutableSortedDictionaryBody<TKey, TValue> : SealedCollectionBody<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool MakingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override int Comparers => 2;

    protected override (object? First, object? Second) ComparersOf(ImmutableSortedDictionary<TKey, TValue> collection) => (collection.KeyComparer, collection.ValueComparer);

    protected override ImmutableSortedDictionary<TKey, TValue> Make(KeyValuePair<TKey, TValue>[] items, object? comparer, object? secondComparer) =>
        ImmutableSortedDictionary.CreateRange((IComparer<TKey>?)comparer, (IEqualityComparer<TValue>?)secondComparer, items);
}

internal sealed class FrozenSetBody<T> : SealedCollectionBody<FrozenSet<T>, T>
{
    protected override bool MakingRunsCode => true;

    protected override object? HashedOf(T item) => item;

    protected override int Comparers => 1;

    protected override (object? First, object? Second) ComparersOf(FrozenSet<T> collection) => (collection.Comparer, null);

    protected override FrozenSet<T> Make(T[] items, object? comparer, object? secondComparer) => items.ToFrozenSet((IEqualityComparer<T>?)comparer);
}

internal sealed class FrozenDictionaryBody<TKey, TValue> : SealedCollectionBody<FrozenDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool MakingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override object? HashedOf(KeyValuePair<TKey, TValue> item) => item.Key;

    protected override int Comparers => 1;

    protected override (object? First, object? Second) ComparersOf(FrozenDictionary<TKey, TValue> collection) => (collection.Comparer, null);

    protected override FrozenDictionary<TKey, TValue> Make(KeyValuePair<TKey, TValue>[] items, object? comparer, object? secondComparer) =>
        items.ToFrozenDictionary((IEqualityComparer<TKey>?)comparer);
}
