using System.Runtime.CompilerServices;

namespace GilSharp.RefCounting;

/// <summary>Chooses the references that are watched.</summary>
internal static class LeakSampling
{
    private const int OneIn = 128;

    /// <summary>What a new handle is fastened to: the block itself, or a watcher in between.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Anchor Watch(ControlBlock block, Type valueType)
    {
        // At random and not by counting: a program that takes its handles in turns would have the same place chosen for ever.
        bool chosen = RefCountDiagnostics.LeakDetection switch
        {
            LeakDetectionLevel.Full => true,
            LeakDetectionLevel.Sampled => Random.Shared.Next(OneIn) == 0,
            _ => false,
        };
        return chosen ? new TrackedReference(block, valueType) : block;
    }

    /// <summary>The same for a lease or a guard that is taken from a watched handle.</summary>
    internal static Anchor WatchScope(ControlBlock block, Type valueType) =>
        RefCountDiagnostics.LeakDetection == LeakDetectionLevel.Full ? new TrackedReference(block, valueType) : block;
}
