using System.Diagnostics.CodeAnalysis;
using GilSharp.RefCounting;

namespace GilSharp;

/// <summary>Makes counted handles.</summary>
[SuppressMessage("ApiDesign", "RS0026:Do not add multiple public overloads with optional parameters",
    Justification = "The overloads differ in a required parameter, the lock, and none of them gains parameters: options would go into a record.")]
public static class RefCounted
{
    /// <summary>Puts a value under reference counting and returns its first handle.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value, which belongs to the handles from now on.</param>
    /// <param name="mode">How references are counted: <see cref="RefCountMode.Atomic"/> by default, or <see cref="RefCountMode.LockGuarded"/>.</param>
    /// <param name="onRelease">
    /// Called once, with the value, when the last reference ends. Without it the value's own <c>Dispose</c> or <c>DisposeAsync</c> is called, if it
    /// has one.
    /// </param>
    /// <returns>The first handle; <see cref="RefCounted{T}.Count"/> is 1.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="mode"/> is <see cref="RefCountMode.GilCounted"/>, which needs the lock it is counted under.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mode"/> is no mode.</exception>
    /// <example><code>
    /// using RefCounted&lt;MemoryStream&gt; first = RefCounted.Create(new MemoryStream());
    /// using RefCounted&lt;MemoryStream&gt; second = first.AddReference();   // the stream is disposed with the later of the two
    /// </code></example>
    public static RefCounted<T> Create<T>(T value, RefCountMode mode = RefCountMode.Atomic, Action<T>? onRelease = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        DemandModeWithoutGil(mode);
        return RefCounted<T>.Fasten(new ControlBlock<T>(value, mode, gil: null, onRelease));
    }

    /// <summary>Puts a value under a count that is plain and touched only by the holder of a lock, as CPython does.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value, which belongs to the handles from now on.</param>
    /// <param name="gil">The lock that guards the count and the value. It need not be held for this call.</param>
    /// <param name="onRelease">
    /// Called once, with the value, by the holder of the lock, when the last reference ends. Without it the value's own <c>Dispose</c> or
    /// <c>DisposeAsync</c> is called, if it has one.
    /// </param>
    /// <returns>The first handle; <see cref="RefCounted{T}.Count"/> is 1.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> or <paramref name="gil"/> is null.</exception>
    public static RefCounted<T> Create<T>(T value, GlobalInterpreterLock gil, Action<T>? onRelease = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(gil);
        return RefCounted<T>.Fasten(new ControlBlock<T>(value, RefCountMode.GilCounted, gil, onRelease));
    }

    /// <summary>Makes a value that knows a weak handle of itself.</summary>
    /// <remarks>While <paramref name="factory"/> runs, the weak handle is not alive: nobody gets at a value that is half made.</remarks>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="factory">Makes the value. An exception from it reaches the caller, and the weak handle never comes alive.</param>
    /// <param name="mode">How references are counted: <see cref="RefCountMode.Atomic"/> by default, or <see cref="RefCountMode.LockGuarded"/>.</param>
    /// <param name="onRelease">As in <see cref="Create{T}(T, RefCountMode, Action{T})"/>.</param>
    /// <returns>The first handle.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="mode"/> is <see cref="RefCountMode.GilCounted"/>, which needs the lock it is counted under.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mode"/> is no mode.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="factory"/> returned null.</exception>
    public static RefCounted<T> CreateCyclic<T>(
        Func<WeakRefCounted<T>, T> factory, RefCountMode mode = RefCountMode.Atomic, Action<T>? onRelease = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(factory);
        DemandModeWithoutGil(mode);
        return CreateCyclic(factory, new ControlBlock<T>(mode, gil: null, onRelease));
    }

    /// <summary>As <see cref="CreateCyclic{T}(Func{WeakRefCounted{T}, T}, RefCountMode, Action{T})"/>, counted under a lock.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="factory">Makes the value. An exception from it reaches the caller, and the weak handle never comes alive.</param>
    /// <param name="gil">The lock that guards the count and the value. It need not be held for this call.</param>
    /// <param name="onRelease">As in <see cref="Create{T}(T, GlobalInterpreterLock, Action{T})"/>.</param>
    /// <returns>The first handle.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> or <paramref name="gil"/> is null.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="factory"/> returned null.</exception>
    public static RefCounted<T> CreateCyclic<T>(
        Func<WeakRefCounted<T>, T> factory, GlobalInterpreterLock gil, Action<T>? onRelease = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(gil);
        return CreateCyclic(factory, new ControlBlock<T>(RefCountMode.GilCounted, gil, onRelease));
    }

    /// <summary>Refuses a mode that this caller can't have, before anything is made that would have to be given back.</summary>
    internal static void DemandModeWithoutGil(RefCountMode mode)
    {
        switch (mode)
        {
            case RefCountMode.Atomic or RefCountMode.LockGuarded:
                return;
            case RefCountMode.GilCounted:
                throw new ArgumentException(
                    "RefCountMode.GilCounted needs the lock it is counted under: use the overload that takes a GlobalInterpreterLock.", nameof(mode));
            default:
                throw new ArgumentOutOfRangeException(nameof(mode), mode, "Choose RefCountMode.Atomic or RefCountMode.LockGuarded.");
        }
    }

    private static RefCounted<T> CreateCyclic<T>(Func<WeakRefCounted<T>, T> factory, ControlBlock<T> block)
        where T : notnull
    {
        T value = factory(new WeakRefCounted<T>(block));
        if (value is null)
        {
            throw new InvalidOperationException($"The factory returned null instead of a {typeof(T)}.");
        }

        block.Open(value);
        return RefCounted<T>.Fasten(block);
    }
}
