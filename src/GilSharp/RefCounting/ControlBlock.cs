using System.Runtime.CompilerServices;

namespace GilSharp.RefCounting;

/// <summary>The one place where the references to a value are counted; what does not depend on the type of the value.</summary>
/// <remarks>
/// A block belongs to one value for ever. It is not pooled: the garbage collector makes that needless, and a block that came back with
/// another value would let a late borrower count on the wrong one.
/// </remarks>
internal abstract partial class ControlBlock : Anchor
{
    /// <summary>Guarded as the mode says: by nothing, by <c>lock (this)</c>, or by <see cref="Gil"/>.</summary>
    internal CountWord Word;

    private protected ControlBlock(RefCountMode mode, GlobalInterpreterLock? gil)
        : base((AnchorKind)mode, mode)
    {
        Word = CountWord.NotYetOpen;
        Gil = gil;
        Exclusive = mode == RefCountMode.LockGuarded ? new object() : null;
    }

    /// <summary>Guards the count and the value in GIL-counted mode, null otherwise.</summary>
    internal GlobalInterpreterLock? Gil { get; }

    /// <summary>
    /// In lock-guarded mode what <see cref="RefCounted{T}.Lock"/> holds. Not the lock of the count: who counts must not wait for who works.
    /// </summary>
    internal object? Exclusive { get; }

    internal override ControlBlock Block => this;

    /// <summary>Takes a reference. False: the value is gone. A count that is full is refused with an exception and stays as it was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRetain()
    {
        if (Kind == AnchorKind.Atomic)
        {
            long counted = Word.Increment();
            return CountWord.IsReference(counted) || RefuseIncrement(counted);
        }

        return (Kind == AnchorKind.GilCounted && Gil!.IsHeldByCurrentThread && Word.TryIncrementUnderLock()) || TryRetainRarely();
    }

    /// <summary>Gives a reference up; the last one releases the value on this thread before it returns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Release()
    {
        if (Kind == AnchorKind.Atomic)
        {
            if (Word.Decrement())
            {
                ReleaseValue();
            }
        }
        else if (Kind != AnchorKind.GilCounted || !Gil!.IsHeldByCurrentThread || !Word.TryDecrementUnderLock())
        {
            ReleaseRarely();
        }
    }

    /// <summary>As <see cref="Release"/>; the task ends when the value, if this was its last reference, is released.</summary>
    internal ValueTask ReleaseAsync()
    {
        if (Kind == AnchorKind.GilCounted)
        {
            return ReleaseUnderGilAsync();
        }

        bool last = Kind == AnchorKind.Atomic ? Word.Decrement() : DecrementUnderLock();
        return last ? ReleaseValueAsync(onPool: false) : ValueTask.CompletedTask;
    }

    /// <summary>Releases the value as <c>onRelease</c> or its own disposal says. Called once, by whoever closed the word, under no lock of ours.</summary>
    private protected abstract void ReleaseValue();

    /// <inheritdoc cref="ReleaseValue"/>
    private protected abstract ValueTask ReleaseValueAsync(bool onPool);

    private bool RefuseIncrement(long counted)
    {
        if (CountWord.IsRefusedAsClosed(counted))
        {
            return false;
        }

        // One too many. It is given back as any reference is: should everybody else have left meanwhile, it is the last one.
        Release();
        throw Refusals.TooManyReferences();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRetainRarely()
    {
        if (Kind == AnchorKind.GilCounted)
        {
            DemandGil();
            return RetainUnderLock();
        }

        lock (this)
        {
            return RetainUnderLock();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseRarely()
    {
        if (Kind == AnchorKind.GilCounted)
        {
            ReleaseUnderGil();
        }
        else if (DecrementUnderLock())
        {
            ReleaseValue();
        }
    }

    private bool RetainUnderLock()
    {
        while (!Word.TryIncrementUnderLock())
        {
            if (Word.IsClosed)
            {
                return false;
            }

            // Open does not take the lock: a word that was closed at the first look may be open by now, and is not full for that.
            if (Word.Count == CountWord.Max)
            {
                throw Refusals.TooManyReferences();
            }
        }

        return true;
    }

    private bool DecrementUnderLock()
    {
        lock (this)
        {
            return Word.DecrementUnderLock();
        }
    }
}
