using System.Runtime.CompilerServices;

namespace GilSharp.RefCounting;

/// <summary>A counted value and what is to be done with it in the end.</summary>
internal sealed class ControlBlock<T> : ControlBlock
    where T : notnull
{
    private T _value;
    private Action<T>? _onRelease;

    internal ControlBlock(T value, RefCountMode mode, GlobalInterpreterLock? gil, Action<T>? onRelease)
        : this(mode, gil, onRelease) => Open(value);

    /// <summary>A block whose value is still being made: nobody gets a reference before <see cref="Open"/>.</summary>
    internal ControlBlock(RefCountMode mode, GlobalInterpreterLock? gil, Action<T>? onRelease)
        : base(mode, gil)
    {
        _value = default!;
        _onRelease = onRelease;
    }

    /// <summary>The value, for somebody who holds a reference. Without one it may be gone, and half gone if it is a wide struct.</summary>
    internal T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value;
    }

    internal void Open(T value)
    {
        _value = value;
        Word.Open();
    }

    private protected override void ReleaseValue()
    {
        (T value, Action<T>? onRelease) = Empty();
        ValueRelease.Run(value, onRelease, Gil);
    }

    private protected override ValueTask ReleaseValueAsync(bool onPool)
    {
        (T value, Action<T>? onRelease) = Empty();
        return ValueRelease.RunAsync(value, onRelease, onPool);
    }

    // Before the release, not after it: weak handles may keep the block for long, and from here on the value belongs to onRelease, which may
    // have given it to somebody else (a pool) by the time a late reader looks.
    private (T Value, Action<T>? OnRelease) Empty()
    {
        (T Value, Action<T>? OnRelease) content = (_value, _onRelease);
        _value = default!;
        _onRelease = null;
        return content;
    }
}
