namespace GilSharp.Races.Memory;

/// <summary>What a thread knows: for each thread up to which of its steps, in two measures.</summary>
/// <remarks>
/// The first half of an array is what happened before (acquired from a release): it decides whether two plain accesses race. The second
/// half is larger: what a full fence after another's full fence makes visible as well, though nobody released and nobody acquired. It
/// decides which stores can no longer be overlooked.
/// </remarks>
internal sealed class ThreadView
{
    internal const int MostThreads = 12;
    internal const int Known = MostThreads;
    internal const int Length = 2 * MostThreads;

    internal ThreadView(int id)
    {
        Id = id;
        Now[id] = Now[Known + id] = 1;
    }

    internal int Id { get; }

    internal int[] Now { get; private set; } = new int[Length];

    /// <summary>As of the last full fence: what a relaxed store after it carries.</summary>
    internal int[]? AtFence { get; private set; }

    /// <summary>What relaxed reads have met, acquired by the next fence.</summary>
    private int[]? _pending;

    internal int Time => Now[Id];

    internal void Tick() => Now[Known + Id] = ++Now[Id];

    internal int[] Copy() => (int[])Now.Clone();

    internal void Acquire(int[]? message) => Join(Now, message);

    internal void AcquireLater(int[]? message)
    {
        if (message is null)
            return;
        if (_pending is null)
            _pending = (int[])message.Clone();
        else
            Join(_pending, message);
    }

    internal void AcquireFence()
    {
        if (_pending is null)
            return;
        Join(Now, _pending);
        _pending = null;
    }

    /// <summary>A full fence: all fences stand in one order, and each makes known what was known before.</summary>
    internal void FullFence(int[] order)
    {
        AcquireFence();
        for (int i = Known; i < Length; i++)
            order[i] = Now[i] = Math.Max(order[i], Now[i]);
        AtFence = Copy();
    }

    internal bool HappenedBefore(int thread, int time) => time <= Now[thread];

    internal bool Knows(int thread, int time) => time <= Now[Known + thread];

    internal static void Join(int[] into, int[]? from)
    {
        if (from is null)
            return;
        for (int i = 0; i < Length; i++)
            into[i] = Math.Max(into[i], from[i]);
    }
}
