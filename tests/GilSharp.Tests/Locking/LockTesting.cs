namespace GilSharp.Tests.Locking;

/// <summary>Threads that report their failures, and the two kinds of timeout.</summary>
internal static class LockTesting
{
    /// <summary>One that must not elapse, on the noisiest machine.</summary>
    internal static readonly TimeSpan Never = TimeSpan.FromSeconds(50);

    internal static int Effort => TestEffort.Factor;

    /// <summary>Runs the body on a thread of its own; the task ends with it.</summary>
    internal static Task OnThread(Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                body();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        {
            IsBackground = true,
        }.Start();
        return done.Task;
    }

    /// <summary>Waits for tasks that must end, and rethrows what they threw.</summary>
    internal static void Join(params Task[] tasks)
    {
        if (!Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(Never))
            Assert.Fail($"{tasks.Count(task => !task.IsCompleted)} of {tasks.Length} did not end within {Never}.");
        foreach (Task task in tasks)
            task.GetAwaiter().GetResult();
    }

    /// <summary>Waits until something that others bring about is so.</summary>
    internal static void Until(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Never))
            Assert.Fail($"Not so within {Never}: {what}.");
    }

    internal static void UntilWaiting(GlobalInterpreterLock gil, int count) =>
        Until(() => gil.GetStatistics().Waiting == count, $"{count} waiting, but {gil.GetStatistics().Waiting}");
}
