namespace GilSharp.RefCounting;

/// <summary>What happens to a value when its last reference has gone.</summary>
/// <remarks>
/// <code>
///  the value has           last reference ended by Dispose, a lease,     by DisposeAsync
///                          a guard or the holder of the GIL
///  onRelease               onRelease(value)                              onRelease(value)
///  IDisposable             Dispose()                                     Dispose()
///  both                    Dispose()                                     DisposeAsync(), awaited
///  IAsyncDisposable        DisposeAsync() on the pool, waited for        DisposeAsync(), awaited
///  neither                 nothing                                       nothing
/// </code>
/// </remarks>
internal static class ValueRelease
{
    internal static void Run<T>(T value, Action<T>? onRelease, GlobalInterpreterLock? gil)
    {
        if (onRelease is not null)
        {
            onRelease(value);
        }
        else if (value is IDisposable disposable)
        {
            disposable.Dispose();
        }
        else if (value is IAsyncDisposable asyncDisposable)
        {
            DisposeOnPool(asyncDisposable, gil);
        }
    }

    /// <param name="value">The value.</param>
    /// <param name="onRelease">What to do with it, if not its own disposal.</param>
    /// <param name="onPool">True if the caller is not the disposer: code that awaits must not start on its stack, in its context.</param>
    internal static ValueTask RunAsync<T>(T value, Action<T>? onRelease, bool onPool)
    {
        try
        {
            if (onRelease is null && value is IAsyncDisposable asyncDisposable)
            {
                return onPool ? new ValueTask(StartOnPool(asyncDisposable)) : asyncDisposable.DisposeAsync();
            }

            // What is left is synchronous in any case, and needs no lock to be given up.
            Run(value, onRelease, gil: null);
            return ValueTask.CompletedTask;
        }
        catch (Exception error)
        {
            // Who awaits the disposal hears of it there, whether the release failed before its first await or after it.
            return ValueTask.FromException(error);
        }
    }

    // On the pool, so that its continuations never wait for the thread that waits for them (a user interface, a synchronization context).
    private static void DisposeOnPool(IAsyncDisposable value, GlobalInterpreterLock? gil)
    {
        Task disposal = StartOnPool(value);
        if (gil is { IsHeldByCurrentThread: true })
        {
            // Its code may need the GIL; whoever waits under it would wait for ever.
            using (gil.ReleaseScope())
            {
                disposal.GetAwaiter().GetResult();
            }
        }
        else
        {
            disposal.GetAwaiter().GetResult();
        }
    }

    private static Task StartOnPool(IAsyncDisposable value) => Task.Run(() => value.DisposeAsync().AsTask());
}
