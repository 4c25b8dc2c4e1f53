using System.Runtime.CompilerServices;

namespace GilSharp.Locking;

/// <summary>The one word in which a lock's whole state stands.</summary>
/// <remarks>
/// <code>
///  63                                             3   2   1   0
/// ┌───────────────────────────────────────────────┬───┬───┬───┐
/// │ owner: a ThreadToken's id, 1 = reserved       │ X │ P │ C │
/// └───────────────────────────────────────────────┴───┴───┴───┘
///  C contended  somebody is queued: whoever leaves must take the slow path and choose a successor
///  P posted     releases wait for the next holder (Defer)
///  X disposed   nobody gets in any more; who is in may leave
///
///  owner  C P X
///  0      0 0 0   free: one compare-and-swap takes it
///  0      1 0 0   lent, or waiting for the thread of a queued item: free, though somebody is queued;
///                 whoever comes first may take it, the queue gets it when the loan has lasted too long
///  0      0 1 0   free, and releases are posted: the next to enter runs them first
///  1      1 . .   reserved: the baton is with a work item whose pool thread is still on its way
///  id     0 0 0   held, nobody waits: one compare-and-swap leaves
///  id     1 . .   held, with a queue
///  0      . . 1   disposed and left
/// </code>
/// Only the owner, by compare-and-swap, or a thread inside the gate changes the owner; P may be set by anybody at any time, so
/// every change keeps it.
/// </remarks>
internal static class LockWord
{
    internal const long Free = 0;
    internal const long Contended = 1;
    internal const long Posted = 2;
    internal const long Disposed = 4;
    internal const long OwnerStep = 8;
    internal const long OwnerMask = ~(OwnerStep - 1);
    internal const long Reserved = OwnerStep;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long OwnerOf(long word) => word & OwnerMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUnowned(long word) => (word & OwnerMask) == 0;
}
