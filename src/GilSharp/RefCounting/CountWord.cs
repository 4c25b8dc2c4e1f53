using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GilSharp.RefCounting;

/// <summary>How many references keep a value alive, and whether it has been given up, in one word.</summary>
/// <remarks>
/// <code>
///   63                62 … 31              30 … 0
///  ┌────────┬─────────────────────────┬──────────────┐
///  │ closed │       guard band        │    count     │
///  └────────┴─────────────────────────┴──────────────┘
///
///  word              state
///  1 … Max           open, that many references
///  0                 open, and the last reference has just gone: whoever took it away is about to close the word. A reference that is
///                    taken first keeps the value, the closing fails, and the release of that reference tries again.
///  Max + 1 …         open, and a reference that is one too many is about to be taken back; 2^62 threads would have to do so at once
///                    before the sum meant anything else
///  negative          closed, for good. References that were refused leave their increments in the low bits: nobody takes them back,
///                    nobody reads them, and centuries pass before they reach the sign.
/// </code>
/// The model is SafeHandle's word (count and closed in one) with the unconditional increment of Netty's counter: taking a reference is one
/// interlocked addition, without a loop, and its result alone says whether it counted. Giving one up is one as well; only the last one goes
/// on to a compare-and-swap, 0 to closed. That swap decides everything: exactly one thread wins it, and after it no reference can be taken.
/// Interlocked operations are full fences, so whoever wins has seen what every thread wrote before it gave its reference up.
/// </remarks>
internal struct CountWord
{
    /// <summary>The largest count: what <see cref="RefCounted{T}.Count"/> can say.</summary>
    internal const long Max = int.MaxValue;

    // Far from either end of the range, so that neither refused references nor releases too many bring the sign back.
    private const long Closed = -(1L << 62);

    private long _word;

    /// <summary>A snapshot, never negative and never above <see cref="Max"/> whatever is under way.</summary>
    internal int Count => (int)Math.Clamp(Volatile.Read(ref _word), 0, Max);

    internal bool IsClosed => Volatile.Read(ref _word) < 0;

    /// <summary>A word that refuses every reference until it is opened.</summary>
    internal static CountWord NotYetOpen => new() { _word = Closed };

    /// <summary>Makes the creator's reference the only one. What was written before is visible to whoever takes a reference.</summary>
    internal void Open()
    {
        Debug.Assert(Volatile.Read(ref _word) <= 0, "A word is opened once.");

        // References refused until now may have left noise; this overwrites it. An increment that comes after counts on the 1.
        Interlocked.Exchange(ref _word, 1);
    }

    /// <summary>Counts one more; <see cref="IsReference"/> of the result tells whether it did.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long Increment() => Interlocked.Increment(ref _word);

    /// <summary>True if an increment that gave this result took a reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsReference(long incremented) => (ulong)(incremented - 1) < Max;

    /// <summary>True if an increment that gave this result was refused because the value is gone, false if because of the count.</summary>
    internal static bool IsRefusedAsClosed(long incremented) => incremented <= 0;

    /// <summary>Counts one less. True: that was the last one, the word is closed now, and the caller has the value to release.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Decrement()
    {
        long left = Interlocked.Decrement(ref _word);
        return left <= 0 && TryClose(left);
    }

    /// <summary>Takes a reference, for a caller that holds the lock which guards this word: plain, and refused without a trace.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryIncrementUnderLock()
    {
        // Acquire: Open does not hold the lock, and the value must not be read from before it.
        long incremented = Volatile.Read(ref _word) + 1;
        if (!IsReference(incremented))
        {
            return false;
        }

        _word = incremented;
        return true;
    }

    /// <summary>Gives up a reference that is not the last one, for a caller that holds the lock which guards this word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryDecrementUnderLock()
    {
        long left = _word - 1;
        if (left <= 0)
        {
            return false;
        }

        _word = left;
        return true;
    }

    /// <summary>As <see cref="Decrement"/>, for a caller that holds the lock which guards this word.</summary>
    internal bool DecrementUnderLock()
    {
        if (TryDecrementUnderLock())
        {
            return false;
        }

        if (_word != 1)
        {
            throw Refusals.ReleasedTooOften();
        }

        _word = Closed;
        return true;
    }

    private bool TryClose(long left)
    {
        if (left < 0)
        {
            // Undone, so that a word which was open is as it was. The culprit hears of it; the others are unharmed if it was not too late.
            Interlocked.Increment(ref _word);
            throw Refusals.ReleasedTooOften();
        }

        // Interlocked against references taken since the decrement: a plain write here would close over a living reference.
        return Interlocked.CompareExchange(ref _word, Closed, 0) == 0;
    }

    /// <summary>Puts the count where a test wants it.</summary>
    internal void SetForTest(long count) => Volatile.Write(ref _word, count);
}
