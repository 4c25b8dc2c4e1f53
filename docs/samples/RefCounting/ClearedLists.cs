using Microsoft.Extensions.ObjectPool;

namespace GilSharp.Samples.RefCounting;

/// <summary>Lists that come back empty.</summary>
internal sealed class ClearedLists : PooledObjectPolicy<List<int>>
{
    public override List<int> Create() => [];

    public override bool Return(List<int> obj)
    {
        obj.Clear();
        return true;
    }
}
