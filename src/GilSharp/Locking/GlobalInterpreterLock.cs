using System.Diagnostics;
using GilSharp.Locking;

namespace GilSharp;

/// <summary>One thread at a time inside an interpreter, or inside a library that is not thread-safe: CPython's lock without its convoy.</summary>
/// <remarks>
/// <para>A thread that computes calls <see cref="Checkpoint"/> often; one that blocks does so inside a <see cref="ReleaseScope"/>.
/// Whoever waits is then served soon: at once if it used less than its share so far, otherwise after one
/// <see cref="SwitchInterval"/>. While a thread waits, no other can use the lock for more than four switch intervals, beyond what it
/// holds on for without a checkpoint; so nobody starves.</para>
/// <para>The lock is re-entrant and belongs to a thread, never to an asynchronous flow: across an <see langword="await"/> use
/// <see cref="RunAsync(Func{Task}, CancellationToken)"/>.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class GlobalInterpreterLock : IDisposable
{
    private readonly bool _isProcessWide;

    /// <summary>Creates a lock with the default options.</summary>
    public GlobalInterpreterLock()
        : this(new GlobalInterpreterLockOptions())
    {
    }

    /// <summary>Creates a lock.</summary>
    /// <param name="options">Read once; later changes to it have no effect.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The switch interval is not positive, or the stack size is negative.</exception>
    public GlobalInterpreterLock(GlobalInterpreterLockOptions options)
        : this(options, isProcessWide: false)
    {
    }

    internal GlobalInterpreterLock(GlobalInterpreterLockOptions options, bool isProcessWide)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNotPositive(options.SwitchInterval, nameof(options) + "." + nameof(options.SwitchInterval));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxStackSize, nameof(options) + "." + nameof(options.MaxStackSize));
        Name = options.Name;
        _isProcessWide = isProcessWide;
        _switchIntervalTicks = options.SwitchInterval.Ticks;
        _schedule = new Schedule(ScheduledTicks(_switchIntervalTicks));
        if (options.DedicatedThread)
            _dedicated = new DedicatedRunner(this, options.MaxStackSize);
        Observe(Observation.HeldTime, options.TrackHeldTime);
        LockObserver.Register(this);
    }

    /// <summary>This process's own lock, as CPython has one. A worker of a pool is another process and has its own. Disposing it does nothing.</summary>
    public static GlobalInterpreterLock Shared => NamedLocks.Shared;

    /// <summary>The name it was created with.</summary>
    public string? Name { get; }

    /// <summary>How long a thread may compute while another waits before its next checkpoint gives way. May be changed while in use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan SwitchInterval
    {
        get => new(Volatile.Read(ref _switchIntervalTicks));
        set
        {
            ThrowIfNotPositive(value, nameof(value));
            ChangeSwitchInterval(value.Ticks);
        }
    }

    /// <summary>Whether the calling thread holds the lock.</summary>
    public bool IsHeldByCurrentThread
    {
        get
        {
            ThreadToken? me = ThreadToken.CurrentOrNull;
            return me is not null && LockWord.OwnerOf(Volatile.Read(ref _word)) == me.Id;
        }
    }

    private string DebuggerDisplay
    {
        get
        {
            long word = Volatile.Read(ref _word);
            ThreadToken? holder = _holder;
            string owner = LockWord.OwnerOf(word) switch
            {
                LockWord.Free => "free",
                LockWord.Reserved => "reserved for a work item",
                long id when holder?.Id == id => $"held by thread {holder.Thread.ManagedThreadId} '{holder.Thread.Name}', depth {_depth}",
                _ => "held",
            };
            return $"{Name ?? "lock"}: {owner}, {Waiting} waiting{((word & LockWord.Disposed) != 0 ? ", disposed" : "")}";
        }
    }

    /// <summary>Finds the lock of that name in this process, so that libraries which wrap the same native code and do not know each other share it.</summary>
    /// <param name="name">Compared ordinally, with case: agree on the native library's own name, such as <c>hdf5</c>.</param>
    /// <returns>The same lock for the same name, for as long as the process lives. Disposing it does nothing.</returns>
    /// <remarks>GilSharp loaded twice, into two assembly load contexts, has two sets of names.</remarks>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public static GlobalInterpreterLock For(string name) => NamedLocks.For(name);

    /// <summary>Names owner, depth and waiters.</summary>
    /// <returns>A sentence for logs.</returns>
    public override string ToString() => DebuggerDisplay;

    private static void ThrowIfNotPositive(TimeSpan value, string parameter)
    {
        if (value <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(parameter, value, $"The switch interval must be positive, but is {value}.");
    }
}
