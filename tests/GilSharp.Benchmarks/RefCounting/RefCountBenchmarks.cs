using BenchmarkDotNet.Attributes;

namespace GilSharp.Benchmarks.RefCounting;

/// <summary>Taking a reference and giving it up with nobody else there, beside what one would use otherwise.</summary>
[MemoryDiagnoser]
public class RefCountBenchmarks : IDisposable
{
    private readonly RefCounted<string> _atomic = RefCounted.Create("value");
    private readonly RefCounted<string> _lockGuarded = RefCounted.Create("value", RefCountMode.LockGuarded);
    private readonly GlobalInterpreterLock _gil = new();
    private readonly NothingHandle _handle = new();
    private readonly WeakRefCounted<string> _weak;
    private RefCounted<string> _gilCounted = null!;
    private long _word;

    /// <summary>Makes what all benchmarks share.</summary>
    public RefCountBenchmarks() => _weak = _atomic.CreateWeak();

    /// <summary>The benchmarks under the lock hold it throughout.</summary>
    [GlobalSetup]
    public void Enter()
    {
        _gil.Enter();
        _gilCounted = RefCounted.Create("value", _gil);
    }

    [Benchmark(Baseline = true)]
    public void InterlockedPair()
    {
        Interlocked.Increment(ref _word);
        Interlocked.Decrement(ref _word);
    }

    [Benchmark]
    public void SafeHandlePair()
    {
        bool added = false;
        _handle.DangerousAddRef(ref added);
        _handle.DangerousRelease();
    }

    [Benchmark]
    public int AtomicBorrow()
    {
        using RefCounted<string>.Lease lease = _atomic.Borrow();
        return lease.Value.Length;
    }

    [Benchmark]
    public void AtomicAddReference() => _atomic.AddReference().Dispose();

    [Benchmark]
    public void AtomicUpgrade()
    {
        if (_weak.TryGetReference(out RefCounted<string>? reference))
            reference.Dispose();
    }

    [Benchmark]
    public int AtomicValue() => _atomic.Value.Length;

    [Benchmark]
    public int LockGuardedBorrow()
    {
        using RefCounted<string>.Lease lease = _lockGuarded.Borrow();
        return lease.Value.Length;
    }

    [Benchmark]
    public int LockGuardedLock()
    {
        using RefCounted<string>.Guard guard = _lockGuarded.Lock();
        return guard.Value.Length;
    }

    [Benchmark]
    public int GilCountedBorrow()
    {
        using RefCounted<string>.Lease lease = _gilCounted.Borrow();
        return lease.Value.Length;
    }

    [Benchmark]
    public void GilCountedAddReference() => _gilCounted.AddReference().Dispose();

    [Benchmark]
    public void CreateAndRelease() => RefCounted.Create("value").Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _gil.Dispose();
        _handle.Dispose();
        GC.SuppressFinalize(this);
    }
}
