namespace GilSharp.Sharing;

/// <summary>What an array and its view have in common for whoever sends them: part of a region, by one counted handle.</summary>
internal interface ISharedWindow : IDisposable
{
    RefCounted<SharedRegion> Region { get; }

    /// <summary>In bytes, from the beginning of the region.</summary>
    long Offset { get; }

    int Length { get; }
}

/// <summary>Makes the handles of one public type over a region that has come from another process.</summary>
internal abstract class SharedWindowMaker
{
    internal abstract int ElementSize { get; }

    internal abstract Type ElementType { get; }

    /// <param name="region">Becomes the handle's own.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="length">In elements; the region has so many behind the offset.</param>
    internal abstract ISharedWindow Make(RefCounted<SharedRegion> region, long offset, int length);
}

internal sealed unsafe class SharedArrayMaker<T> : SharedWindowMaker where T : unmanaged
{
    internal override int ElementSize => sizeof(T);

    internal override Type ElementType => typeof(T);

    internal override ISharedWindow Make(RefCounted<SharedRegion> region, long offset, int length) => new SharedArray<T>(region, offset, length);
}

internal sealed unsafe class ReadOnlySharedArrayMaker<T> : SharedWindowMaker where T : unmanaged
{
    internal override int ElementSize => sizeof(T);

    internal override Type ElementType => typeof(T);

    internal override ISharedWindow Make(RefCounted<SharedRegion> region, long offset, int length) => new ReadOnlySharedArray<T>(new SharedArray<T>(region, offset, length));
}
