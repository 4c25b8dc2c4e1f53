namespace GilSharp.Tests.RefCounting;

/// <summary>A value that knows how often it was released, and shouts when it is used afterwards.</summary>
internal class Probe
{
    private int _releases;

    internal int Releases => Volatile.Read(ref _releases);

    internal bool IsReleased => Releases != 0;

    internal void Release() => Interlocked.Increment(ref _releases);

    internal void Use() => Assert.IsFalse(IsReleased, "A released value was used.");
}

internal sealed class DisposableProbe : Probe, IDisposable
{
    public void Dispose() => Release();
}

internal sealed class AsyncProbe(Func<ValueTask>? disposal = null) : Probe, IAsyncDisposable
{
    internal Thread? DisposingThread { get; private set; }

    internal bool DisposedOnPool { get; private set; }

    public async ValueTask DisposeAsync()
    {
        DisposingThread = Thread.CurrentThread;
        DisposedOnPool = Thread.CurrentThread.IsThreadPoolThread;
        if (disposal is not null)
        {
            await disposal();
        }

        Release();
    }
}

internal sealed class BothProbe : Probe, IDisposable, IAsyncDisposable
{
    internal bool WasAsync { get; private set; }

    public void Dispose() => Release();

    public ValueTask DisposeAsync()
    {
        WasAsync = true;
        Release();
        return ValueTask.CompletedTask;
    }
}
