using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ObjectPool;

namespace GilSharp;

/// <summary>Counted handles to pooled values: the value goes back to its pool when the last reference ends.</summary>
/// <remarks>
/// A handle, lease or weak handle that comes late finds nothing: the control block lets go of the value before the pool gets it back, and the next user
/// of the value has another block. Only who keeps the bare value beyond its handle can meet somebody else's use of it.
/// </remarks>
[SuppressMessage("ApiDesign", "RS0027:API with optional parameters should have the most parameters amongst its public overloads",
    Justification = "The overloads differ in a required parameter, the lock, and none of them gains parameters.")]
public static class RefCountedPooling
{
    /// <summary>Takes a value from the pool and puts it under reference counting; the last reference returns it.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="pool">The pool.</param>
    /// <param name="mode">How references are counted: <see cref="RefCountMode.Atomic"/> by default, or <see cref="RefCountMode.LockGuarded"/>.</param>
    /// <returns>The first handle.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="pool"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="mode"/> is <see cref="RefCountMode.GilCounted"/>, which needs the lock it is counted under.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mode"/> is no mode.</exception>
    public static RefCounted<T> GetCounted<T>(this ObjectPool<T> pool, RefCountMode mode = RefCountMode.Atomic)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(pool);
        RefCounted.DemandModeWithoutGil(mode);
        return RefCounted.Create(pool.Get(), mode, pool.Return);
    }

    /// <summary>As <see cref="GetCounted{T}(ObjectPool{T}, RefCountMode)"/>, counted under a lock; the value is returned by a holder of it.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="pool">The pool.</param>
    /// <param name="gil">The lock that guards the count and the value.</param>
    /// <returns>The first handle.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="pool"/> or <paramref name="gil"/> is null.</exception>
    public static RefCounted<T> GetCounted<T>(this ObjectPool<T> pool, GlobalInterpreterLock gil)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(gil);
        return RefCounted.Create(pool.Get(), gil, pool.Return);
    }
}
