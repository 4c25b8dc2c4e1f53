using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of registrations with a cancellation token in the explored code: a disposal waits for a callback that runs.</summary>
internal static class CancellationSeam
{
    public static CancellationTokenRegistration UnsafeRegister(ref CancellationToken token, Action<object?> callback, object? state, int site)
    {
        if (VirtualThread.Current is not { } me || !token.CanBeCanceled)
            return token.UnsafeRegister(callback, state);
        me.Execution.Point(me);
        Callback run = new();
        int[] registered = me.View.Copy();
        me.View.Tick();
        CancellationTokenRegistration registration = token.UnsafeRegister(
            state =>
            {
                VirtualThread on = VirtualThread.Current!;
                run.RunsOn = on;
                on.View.Acquire(registered);
                callback(state);
                run.Ended = on.View.Copy();
                on.View.Tick();
                run.RunsOn = null;
            },
            state);
        me.Execution.Callbacks[registration] = run;
        return registration;
    }

    public static void Dispose(ref CancellationTokenRegistration registration, int site)
    {
        if (VirtualThread.Current is not { } me || registration == default)
        {
            registration.Dispose();
            return;
        }

        me.Execution.Point(me);
        if (registration.Unregister() || !me.Execution.Callbacks.TryGetValue(registration, out Callback? callback))
            return;
        if (callback.RunsOn != me)
            me.Execution.Wait(me, callback);
        me.View.Acquire(callback.Ended);
    }

    public static bool Unregister(ref CancellationTokenRegistration registration, int site)
    {
        if (VirtualThread.Current is { } me)
            me.Execution.Point(me);
        return registration.Unregister();
    }

    public static bool get_IsCancellationRequested(ref CancellationToken token, int site)
    {
        if (VirtualThread.Current is not { } me || !token.CanBeCanceled)
            return token.IsCancellationRequested;
        me.Execution.Point(me);
        bool requested = token.IsCancellationRequested;
        me.Execution.Log?.Add(me, "is it cancelled?", site, requested ? "yes" : "no");
        return requested;
    }
}
