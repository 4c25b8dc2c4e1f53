namespace GilSharp;

/// <summary>How a map divides its items, and how far it reads ahead.</summary>
public sealed record MapOptions
{
    /// <summary>
    /// How many items travel to a worker together. By default 0: chosen and adapted, so that a chunk takes about two milliseconds. A map whose calls
    /// have a <see cref="CallOptions.Timeout"/> sends each item by itself, whatever this says.
    /// </summary>
    public int ChunkSize { get; init; }

    /// <summary>Whether a stream yields results in the order of the items; otherwise as they come. By default true.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>How many items are read at most ahead of the consumer. By default 0: four times the workers times the size of a chunk.</summary>
    public int BufferSize { get; init; }

    /// <summary>Told how many items have their result, from one thread at a time and never backwards. By default nobody.</summary>
    /// <remarks>The map waits for it to return. What it throws is logged and harms nothing; it may dispose of the pool, and the map ends all the same.</remarks>
    public IProgress<MapProgress>? Progress { get; init; }

    internal static MapOptions Default { get; } = new();

    internal MapOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ChunkSize, nameof(ChunkSize));
        ArgumentOutOfRangeException.ThrowIfNegative(BufferSize, nameof(BufferSize));
        return this;
    }
}

/// <summary>How far a map is.</summary>
/// <param name="Completed">Items that have a result or an error; <see cref="int.MaxValue"/> for any more.</param>
/// <param name="Total">All items; null where the input does not say how many it has.</param>
public readonly record struct MapProgress(int Completed, int? Total);
