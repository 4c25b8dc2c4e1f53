using BenchmarkDotNet.Attributes;
using DotNext.Threading;

namespace GilSharp.Benchmarks.Locking;

/// <summary>Enter and exit with nobody else there, beside the locks that one would use otherwise.</summary>
[MemoryDiagnoser]
public class LockBenchmarks : IDisposable
{
    private readonly GlobalInterpreterLock _gil = new();
    private readonly System.Threading.Lock _lock = new();
    private readonly object _monitor = new();
    private readonly SemaphoreSlim _semaphore = new(1, 1);
    private readonly Nito.AsyncEx.AsyncLock _nito = new();
    private readonly AsyncExclusiveLock _dotNext = new();

    [Benchmark(Baseline = true)]
    public void SystemThreadingLock()
    {
        _lock.Enter();
        _lock.Exit();
    }

    [Benchmark]
    public void GilEnterExit()
    {
        _gil.Enter();
        _gil.Exit();
    }

    [Benchmark]
    public void GilScope()
    {
        using (_gil.EnterScope())
        {
        }
    }

    [Benchmark]
    public void MonitorEnterExit()
    {
        System.Threading.Monitor.Enter(_monitor);
        System.Threading.Monitor.Exit(_monitor);
    }

    [Benchmark]
    public void SemaphoreSlimWaitRelease()
    {
        _semaphore.Wait();
        _semaphore.Release();
    }

    [Benchmark]
    public void NitoAsyncLock()
    {
        using (_nito.Lock())
        {
        }
    }

    [Benchmark]
    public void DotNextAsyncExclusiveLock()
    {
        if (_dotNext.TryAcquire())
            _dotNext.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gil.Dispose();
        _semaphore.Dispose();
        _dotNext.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A checkpoint with nobody waiting, beside an empty call.</summary>
public class CheckpointBenchmarks : IDisposable
{
    private readonly GlobalInterpreterLock _gil = new();

    [GlobalSetup]
    public void Enter() => _gil.Enter();

    [Benchmark]
    public bool Checkpoint() => _gil.Checkpoint();

    [Benchmark(Baseline = true)]
    public bool Nothing() => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gil.Dispose();
        GC.SuppressFinalize(this);
    }
}
