namespace GilSharp.RefCounting;

/// <summary>Stands where a disposed reference had its control block, so that a late use meets no value and no null.</summary>
internal sealed class Tombstone : Anchor
{
    private static readonly Tombstone Atomic = new(RefCountMode.Atomic, null);
    private static readonly Tombstone LockGuarded = new(RefCountMode.LockGuarded, null);
    private static readonly Tombstone GilCounted = new(RefCountMode.GilCounted, null);

    /// <summary>Where a lease or a guard has ended; its own record, if there is one, stays with its copies.</summary>
    internal static readonly Tombstone OfScopes = new(RefCountMode.Atomic, null);

    private readonly TrackedReference? _record;

    private Tombstone(RefCountMode mode, TrackedReference? record)
        : base(AnchorKind.Ended, mode) => _record = record;

    internal override ControlBlock? Block => null;

    internal override string? EndedAt => _record?.EndedAt;

    /// <summary>The stone for a reference that ends: a shared one, or for a watched reference one that remembers where it ended.</summary>
    internal static Tombstone For(Anchor anchor) => anchor.Kind switch
    {
        AnchorKind.Atomic => Atomic,
        AnchorKind.LockGuarded => LockGuarded,
        AnchorKind.GilCounted => GilCounted,
        _ => new Tombstone(anchor.Mode, (TrackedReference)anchor),
    };
}
