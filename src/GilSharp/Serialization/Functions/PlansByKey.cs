namespace GilSharp.Serialization;

/// <summary>The plans of the functions that were called, found without a lock.</summary>
/// <remarks>
/// Chains of immutable entries, as in every hash table; who adds publishes a new head under the lock. A dictionary over a key that is a struct of ours
/// would have to be compiled in every process before its first call, which took longer than all else that the caller does for it.
/// </remarks>
internal sealed class PlansByKey
{
    private readonly object _adding = new();
    private Entry?[] _heads = new Entry?[64]; // a power of two; replaced when it is full
    private int _count;                       // guarded by _adding

    public FunctionPlan? Find(in FunctionKey key) => Find(Volatile.Read(ref _heads), key);

    /// <summary>Adds a plan, unless another thread has added one for the same function: then that one.</summary>
    public FunctionPlan Add(in FunctionKey key, FunctionPlan plan)
    {
        lock (_adding)
        {
            if (Find(_heads, key) is { } known)
                return known;

            if (++_count > 2 * _heads.Length)
                Grow();

            Link(_heads, key, plan);
            return plan;
        }
    }

    public void Clear()
    {
        lock (_adding)
        {
            _count = 0;
            Volatile.Write(ref _heads, new Entry?[64]);
        }
    }

    private static FunctionPlan? Find(Entry?[] heads, in FunctionKey key)
    {
        for (Entry? entry = Volatile.Read(ref heads[key.Hash & (heads.Length - 1)]); entry is not null; entry = entry.Next)
        {
            if (entry.Key.IsSameAs(key))
                return entry.Plan;
        }

        return null;
    }

    private static void Link(Entry?[] heads, in FunctionKey key, FunctionPlan plan)
    {
        ref Entry? head = ref heads[key.Hash & (heads.Length - 1)];
        Volatile.Write(ref head, new Entry(key, plan, head)); // after the entry: a reader that sees it sees all of it
    }

    private void Grow()
    {
        Entry?[] larger = new Entry?[4 * _heads.Length];
        foreach (Entry? head in _heads)
        {
            for (Entry? entry = head; entry is not null; entry = entry.Next)
                Link(larger, entry.Key, entry.Plan);
        }

        Volatile.Write(ref _heads, larger);
    }

    private sealed class Entry(in FunctionKey key, FunctionPlan plan, Entry? next)
    {
        public readonly FunctionKey Key = key;
        public readonly FunctionPlan Plan = plan;
        public readonly Entry? Next = next;
    }
}
