using System.Runtime.CompilerServices;

namespace GilSharp.RefCounting;

/// <summary>What leases and guards do with the anchor they are fastened to.</summary>
internal static class ScopeAnchor
{
    /// <summary>Gives up the reference of a scope that ends. The scope has put a tombstone in its place before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Release(Anchor anchor, string scope)
    {
        if (anchor.Kind <= AnchorKind.GilCounted)
        {
            Unsafe.As<ControlBlock>(anchor).Release();
        }
        else
        {
            EndWatched(anchor, scope)?.Release();
        }
    }

    /// <summary>The control block of a scope that has not ended, on a thread that may look at the value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static ControlBlock<T> DemandBlock<T>(Anchor? anchor, string scope, string origin)
        where T : notnull
    {
        if (anchor is null)
        {
            throw Refusals.ScopeIsDefault(scope, origin);
        }

        ControlBlock block = anchor.Block ?? throw Refusals.ScopeDisposed(typeof(T), scope, anchor);
        block.DemandGil();
        return (ControlBlock<T>)block;
    }

    /// <summary>The block whose reference is to be given up; null if the scope has ended already. A copy of one that has is refused.</summary>
    internal static ControlBlock? End(Anchor anchor, string scope) =>
        anchor.Kind <= AnchorKind.GilCounted ? Unsafe.As<ControlBlock>(anchor) : EndWatched(anchor, scope);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ControlBlock? EndWatched(Anchor anchor, string scope) =>
        anchor is TrackedReference tracked ? tracked.End() ?? throw Refusals.ScopeCopied(scope, tracked) : null;
}
