using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using GilSharp.RefCounting;

namespace GilSharp;

/// <summary>Knows a counted value without keeping it alive; <see cref="TryGetReference"/> takes a reference as long as there is another one.</summary>
/// <remarks>
/// It needs no disposal. What it keeps in memory is the control block, a few words; the value itself is let go of when it is released. For a value
/// counted under a <see cref="GlobalInterpreterLock"/>, both members need that lock.
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class WeakRefCounted<T>
    where T : notnull
{
    private readonly ControlBlock<T> _block;

    internal WeakRefCounted(ControlBlock<T> block) => _block = block;

    // The debugger holds no lock, and needs none for a glance.
    private string DebuggerDisplay => _block.Word.IsClosed ? $"weak {typeof(T).Name}: released" : $"weak {typeof(T).Name}: {_block.Word.Count} references";

    /// <summary>True while the value has not been released. A snapshot: who wants to use the value asks <see cref="TryGetReference"/>.</summary>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public bool IsAlive
    {
        get
        {
            _block.DemandGil();
            return !_block.Word.IsClosed;
        }
    }

    /// <summary>Takes a reference to the value, unless it has been released. It never brings a released value back.</summary>
    /// <param name="reference">The new handle, or null.</param>
    /// <returns>True if there is a new handle.</returns>
    /// <exception cref="OverflowException">There are 2,147,483,647 references already; the count is unchanged.</exception>
    /// <exception cref="SynchronizationLockException">The value is counted under a lock that the calling thread does not hold.</exception>
    public bool TryGetReference([NotNullWhen(true)] out RefCounted<T>? reference)
    {
        reference = _block.TryRetain() ? RefCounted<T>.Fasten(_block) : null;
        return reference is not null;
    }
}
