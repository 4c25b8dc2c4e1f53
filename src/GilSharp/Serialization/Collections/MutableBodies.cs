using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>List&lt;T&gt;: the count and the items; raw items as memory.</summary>
internal sealed class ListBody<T> : ObjectBody
{
    private Converter<T>? _item;
    private OwnFields? _own;

    public override bool HasShell => true;

    private Converter<T> Item => _item ??= Converters<T>.Instance;

    private OwnFields? Own => Type == typeof(List<T>) ? null : _own ??= OwnFields.Of(Type, typeof(List<T>));

    public override void WriteHead(ref GraphWriter writer, object value) => writer.WriteVarint((uint)((List<T>)value).Count);

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        int count = reader.ReadCount(Item.MinimumSize);
        minimumBodySize = (long)count * Item.MinimumSize;
        List<T> list = Own is { } own ? (List<T>)own.Blank() : new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        return list;
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        var list = (List<T>)value;
        if (Blittable<T>.Value)
        {
            RawMemory.Write(ref writer, CollectionsMarshal.AsSpan(list));
            Own?.Write(ref writer, value);
            return;
        }

        int count = list.Count;
        for (int i = 0; i < count; i++)
        {
            try
            {
                Item.Write(ref writer, list[i]);
            }
            catch (CallSerializationException e) when (e.Under($"[{i}]"))
            {
                throw;
            }
        }

        Own?.Write(ref writer, value);
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        Span<T> items = CollectionsMarshal.AsSpan((List<T>)shell);
        if (Blittable<T>.Value)
        {
            RawMemory.Read(ref reader, items);
            Own?.Read(ref reader, shell);
            return;
        }

        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            items.Clear();

        for (int i = 0; i < items.Length; i++)
            items[i] = Item.Read(ref reader);

        Own?.Read(ref reader, shell);
    }
}

internal sealed class DictionaryBody<TKey, TValue> : CollectionBody<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private OwnFields? _own;

    protected override bool AddingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override OwnFields? Own => Type == typeof(Dictionary<TKey, TValue>) ? null : _own ??= OwnFields.Of(Type, typeof(Dictionary<TKey, TValue>), typeof(IEqualityComparer<TKey>));

    protected override int Count(Dictionary<TKey, TValue> collection) => collection.Count;

    // Its own enumerator, also where a derived class has another.
    protected override IEnumerable<KeyValuePair<TKey, TValue>> ItemsOf(Dictionary<TKey, TValue> collection) => Own is null ? collection : AsItStands(collection);

    protected override object? ComparerOf(Dictionary<TKey, TValue> collection) => collection.Comparer;

    protected override Dictionary<TKey, TValue> Create(object? comparer) =>
        Own is { } own ? (Dictionary<TKey, TValue>)own.Blank(comparer) : new((IEqualityComparer<TKey>?)comparer);

    protected override void Reserve(Dictionary<TKey, TValue> collection, int count) => collection.EnsureCapacity(count);

    protected override void Add(Dictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue> item) => collection.Add(item.Key, item.Value);

    private static IEnumerable<KeyValuePair<TKey, TValue>> AsItStands(Dictionary<TKey, TValue> collection)
    {
        foreach (KeyValuePair<TKey, TValue> pair in collection)
            yield return pair;
    }
}

internal sealed class HashSetBody<T> : CollectionBody<HashSet<T>, T>
{
    private OwnFields? _own;

    protected override bool AddingRunsCode => true;

    protected override OwnFields? Own => Type == typeof(HashSet<T>) ? null : _own ??= OwnFields.Of(Type, typeof(HashSet<T>), typeof(IEqualityComparer<T>));

    protected override int Count(HashSet<T> collection) => collection.Count;

    protected override IEnumerable<T> ItemsOf(HashSet<T> collection) => Own is null ? collection : AsItStands(collection);

    protected override object? ComparerOf(HashSet<T> collection) => collection.Comparer;

    protected override HashSet<T> Create(object? comparer) => Own is { } own ? (HashSet<T>)own.Blank(comparer) : new((IEqualityComparer<T>?)comparer);

    protected override void Reserve(HashSet<T> collection, int count) => collection.EnsureCapacity(count);

    protected override void Add(HashSet<T> collection, T item) => Expect.Added(collection.Add(item));

    private static IEnumerable<T> AsItStands(HashSet<T> collection)
    {
        foreach (T item in collection)
            yield return item;
    }
}

internal sealed class QueueBody<T> : CollectionBody<Queue<T>, T>
{
    protected override int Count(Queue<T> collection) => collection.Count;

    protected override Queue<T> Create(object? comparer) => new();

    protected override void Reserve(Queue<T> collection, int count) => collection.EnsureCapacity(count);

    protected override void Add(Queue<T> collection, T item) => collection.Enqueue(item);
}

internal sealed class StackBody<T> : CollectionBody<Stack<T>, T>
{
    protected override int Count(Stack<T> collection) => collection.Count;

    protected override IEnumerable<T> ItemsOf(Stack<T> collection) => collection.Reverse();

    protected override Stack<T> Create(object? comparer) => new();

    protected override void Reserve(Stack<T> collection, int count) => collection.EnsureCapacity(count);

    protected override void Add(Stack<T> collection, T item) => collection.Push(item);
}

internal sealed class LinkedListBody<T> : CollectionBody<LinkedList<T>, T>
{
    protected override int Count(LinkedList<T> collection) => collection.Count;

    protected override LinkedList<T> Create(object? comparer) => new();

    protected override void Add(LinkedList<T> collection, T item) => collection.AddLast(item);
}

internal sealed class SortedDictionaryBody<TKey, TValue> : CollectionBody<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool AddingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override int Count(SortedDictionary<TKey, TValue> collection) => collection.Count;

    protected override object? ComparerOf(SortedDictionary<TKey, TValue> collection) => collection.Comparer;

    protected override SortedDictionary<TKey, TValue> Create(object? comparer) => new((IComparer<TKey>?)comparer);

    protected override void Add(SortedDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue> item) => collection.Add(item.Key, item.Value);
}

internal sealed class SortedListBody<TKey, TValue> : CollectionBody<SortedList<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool AddingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override int Count(SortedList<TKey, TValue> collection) => collection.Count;

    protected override object? ComparerOf(SortedList<TKey, TValue> collection) => collection.Comparer;

    protected override SortedList<TKey, TValue> Create(object? comparer) => new((IComparer<TKey>?)comparer);

    protected override void Add(SortedList<TKey, TValue> collection, KeyValuePair<TKey, TValue> item) => collection.Add(item.Key, item.Value);
}

internal sealed class SortedSetBody<T> : CollectionBody<SortedSet<T>, T>
{
    protected override bool AddingRunsCode => true;

    protected override int Count(SortedSet<T> collection) => collection.Count;

    protected override object? ComparerOf(SortedSet<T> collection) => collection.Comparer;

    protected override SortedSet<T> Create(object? comparer) => new((IComparer<T>?)comparer);

    protected override void Add(SortedSet<T> collection, T item) => Expect.Added(collection.Add(item));
}

/// <summary>A priority queue is no sequence itself; its unordered items are.</summary>
internal sealed class PriorityQueueBody<TElement, TPriority> : ObjectBody
{
    private Converter<TElement>? _element;
    private Converter<TPriority>? _priority;

    private Converter<TElement> Element => _element ??= Converters<TElement>.Instance;

    private Converter<TPriority> Priority => _priority ??= Converters<TPriority>.Instance;

    public override void Write(ref GraphWriter writer, object value)
    {
        var queue = (PriorityQueue<TElement, TPriority>)value;
        int unfinished = writer.Unfinished;
        ComparerCodec.Write(ref writer, queue.Comparer, typeof(TPriority));
        bool comparerIsWhole = writer.Unfinished == unfinished;
        bool whole = true;
        int at = 0;
        writer.WriteVarint((uint)queue.Count);
        foreach ((TElement element, TPriority priority) in queue.UnorderedItems)
        {
            try
            {
                Element.Write(ref writer, element);
                Priority.WriteItem(ref writer, priority, ref whole);
            }
            catch (CallSerializationException e) when (e.Under($"[{at}]"))
            {
                throw;
            }

            at++;
        }

        if (at > 0 && !(comparerIsWhole && (whole || Priority.IsSelfContained)))
            throw CallSerializationException.Refused(Type, "its priorities or its comparer are part of a cycle or nested very deep, and so not complete when it has to be made from them.");
    }

    public override object Read(ref GraphReader reader)
    {
        var comparer = (IComparer<TPriority>?)ComparerCodec.Read(ref reader);
        var items = new (TElement, TPriority)[reader.ReadCount(Element.MinimumSize + Priority.MinimumSize)];
        for (int i = 0; i < items.Length; i++)
            items[i] = (Element.Read(ref reader), Priority.Read(ref reader));

        return new PriorityQueue<TElement, TPriority>(items, comparer);
    }
}

internal sealed class OrderedDictionaryBody<TKey, TValue> : CollectionBody<OrderedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool AddingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override int Count(OrderedDictionary<TKey, TValue> collection) => collection.Count;

    protected override object? ComparerOf(OrderedDictionary<TKey, TValue> collection) => collection.Comparer;

    protected override OrderedDictionary<TKey, TValue> Create(object? comparer) => new((IEqualityComparer<TKey>?)comparer);

    protected override void Reserve(OrderedDictionary<TKey, TValue> collection, int count) => collection.EnsureCapacity(count);

    protected override void Add(OrderedDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue> item) => collection.Add(item.Key, item.Value);
}

internal sealed class ConcurrentDictionaryBody<TKey, TValue> : CollectionBody<ConcurrentDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool AddingRunsCode => true;

    protected override bool IsKeyed => true;

    protected override int Count(ConcurrentDictionary<TKey, TValue> collection) => collection.Count;

    protected override object? ComparerOf(ConcurrentDictionary<TKey, TValue> collection) => collection.Comparer;

    protected override ConcurrentDictionary<TKey, TValue> Create(object? comparer) => new((IEqualityComparer<TKey>?)comparer);

    protected override void Add(ConcurrentDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue> item) => Expect.Added(collection.TryAdd(item.Key, item.Value));
}

internal sealed class ConcurrentQueueBody<T> : CollectionBody<ConcurrentQueue<T>, T>
{
    protected override int Count(ConcurrentQueue<T> collection) => collection.Count;

    protected override ConcurrentQueue<T> Create(object? comparer) => new();

    protected override void Add(ConcurrentQueue<T> collection, T item) => collection.Enqueue(item);
}

internal sealed class ConcurrentStackBody<T> : CollectionBody<ConcurrentStack<T>, T>
{
    protected override int Count(ConcurrentStack<T> collection) => collection.Count;

    protected override IEnumerable<T> ItemsOf(ConcurrentStack<T> collection) => collection.Reverse();

    protected override ConcurrentStack<T> Create(object? comparer) => new();

    protected override void Add(ConcurrentStack<T> collection, T item) => collection.Push(item);
}

internal sealed class ConcurrentBagBody<T> : CollectionBody<ConcurrentBag<T>, T>
{
    protected override int Count(ConcurrentBag<T> collection) => collection.Count;

    // Last in is first out for one thread: so added in reverse, the order of taking stays.
    protected override IEnumerable<T> ItemsOf(ConcurrentBag<T> collection) => collection.Reverse();

    protected override ConcurrentBag<T> Create(object? comparer) => [];

    protected override void Add(ConcurrentBag<T> collection, T item) => collection.Add(item);
}

internal sealed class ObservableCollectionBody<T> : CollectionBody<ObservableCollection<T>, T>
{
    protected override int Count(ObservableCollection<T> collection) => collection.Count;

    protected override ObservableCollection<T> Create(object? comparer) => [];

    protected override void Add(ObservableCollection<T> collection, T item) => collection.Add(item);
}

/// <summary>A view of a dictionary: the dictionary travels, shared with whoever else refers to it.</summary>
internal sealed class ReadOnlyDictionaryBody<TKey, TValue> : ObjectBody
    where TKey : notnull
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, object value) =>
        writer.WriteReference(Inner((ReadOnlyDictionary<TKey, TValue>)value), typeof(IDictionary<TKey, TValue>), ref _body);

    public override object Read(ref GraphReader reader) =>
        new ReadOnlyDictionary<TKey, TValue>((IDictionary<TKey, TValue>?)reader.ReadReference(typeof(IDictionary<TKey, TValue>), ref _body)
            ?? throw CallSerializationException.Malformed("the dictionary of a view is missing"));

    private static object? Inner(ReadOnlyDictionary<TKey, TValue> view) =>
        (Mirror.FieldOf(typeof(ReadOnlyDictionary<TKey, TValue>), "m_dictionary") ?? throw new MissingFieldException("m_dictionary")).GetValue(view);
}

/// <summary>What a collection must say when an entry is added.</summary>
internal static class Expect
{
    public static void Added(bool added)
    {
        if (!added)
            throw CallSerializationException.Malformed("an entry comes twice");
    }
}
