namespace GilSharp.RefCounting;

/// <summary>What a handle, a lease or a guard is fastened to.</summary>
/// <remarks>
/// <code>
///  RefCounted ──► ControlBlock                       the common case: one hop to the count and the value
///  RefCounted ──► TrackedReference ──► ControlBlock  while leak detection watches this very reference
///  RefCounted ──► Tombstone                          after its Dispose; the exchange of the one field is the disposed flag
/// </code>
/// The kind is a field rather than a virtual method, so that the fast paths are one compare away from the count and can be inlined.
/// </remarks>
internal abstract class Anchor(AnchorKind kind, RefCountMode mode)
{
    internal readonly AnchorKind Kind = kind;
    internal readonly RefCountMode Mode = mode;

    /// <summary>The control block behind this anchor, or null if the reference has ended.</summary>
    internal abstract ControlBlock? Block { get; }

    /// <summary>Where the reference ended, if somebody wrote it down.</summary>
    internal virtual string? EndedAt => null;
}

/// <summary>Which fast path serves an anchor. The first three count by themselves and are in the order of <see cref="RefCountMode"/>.</summary>
internal enum AnchorKind : byte
{
    Atomic,
    LockGuarded,
    GilCounted,
    Tracked,
    Ended,
}
