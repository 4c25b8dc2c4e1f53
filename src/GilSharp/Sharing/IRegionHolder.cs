namespace GilSharp.Sharing;

/// <summary>The way to another process that was given a region and keeps it mapped until it is told otherwise.</summary>
internal interface IRegionHolder
{
    /// <summary>This process needs the region no more. May come from any thread; must be short.</summary>
    void Forget(SharedRegion region);
}
