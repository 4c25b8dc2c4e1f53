using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Benchmarks.RefCounting;

/// <summary>The way not taken: SafeHandle's word, where both steps are loops around a compare-and-swap.</summary>
internal sealed class CompareAndSwapCount
{
    private const long One = 2;
    private const long Closed = 1;
    private long _word = One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRetain()
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            if ((word & Closed) != 0)
                return false;
            if (Interlocked.CompareExchange(ref _word, word + One, word) == word)
                return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Release()
    {
        while (true)
        {
            long word = Volatile.Read(ref _word);
            long next = word == One ? Closed : word - One;
            if (Interlocked.CompareExchange(ref _word, next, word) == word)
                return next == Closed;
        }
    }
}

/// <summary>The platform's own counted handle.</summary>
internal sealed class NothingHandle : SafeHandle
{
    public NothingHandle()
        : base(0, ownsHandle: true) => SetHandle(1);

    public override bool IsInvalid => false;

    protected override bool ReleaseHandle() => true;
}
