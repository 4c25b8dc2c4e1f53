using GilSharp.Locking;
using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

[TestClass]
public sealed class StressTests
{
    [TestMethod]
    [Timeout(120_000)]
    [DataRow(false)]
    [DataRow(true)]
    public void EightThreads_EveryEntryPointAtRandom_APlainCounterStaysExact(bool dedicatedThread)
    {
        using var gil = new GlobalInterpreterLock(new()
        {
            SwitchInterval = TimeSpan.FromMilliseconds(1),
            DedicatedThread = dedicatedThread,
            TrackHeldTime = dedicatedThread,
        });
        long plain = 0;
        long expected = 0;
        Task[] threads = [.. Enumerable.Range(0, 8).Select(seed => OnThread(() =>
        {
            var random = new Random(seed);
            long mine = 0;
            List<Task> items = [];
            for (int i = 0; i < 2000 * Effort; i++)
                mine += Step(gil, random, () => plain++, items);
            Join([.. items.Select(item => item.ContinueWith(_ => { }, TaskScheduler.Default))]);
            mine += items.Count(item => item.IsCompletedSuccessfully);
            Interlocked.Add(ref expected, mine);
        }))];
        Join(threads);
        Until(() => gil.Run(() => plain) == expected, $"the counter is {gil.Run(() => plain)} of {expected}");
        Assert.AreEqual(0, gil.GetStatistics().Waiting);
    }

    private static int Step(GlobalInterpreterLock gil, Random random, Action count, List<Task> items)
    {
        switch (random.Next(12))
        {
            case 0:
                gil.Enter();
                count();
                gil.Exit();
                return 1;
            case 1:
                if (!gil.TryEnter())
                    return 0;
                count();
                gil.Exit();
                return 1;
            case 2:
                if (!gil.TryEnter(TimeSpan.FromMilliseconds(random.Next(3))))
                    return 0;
                count();
                gil.Exit();
                return 1;
            case 3:
                using (var source = new CancellationTokenSource())
                {
                    if (random.Next(2) == 0)
                        source.CancelAfter(1);
                    try
                    {
                        gil.Enter(source.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        return 0;
                    }

                    count();
                    gil.Exit();
                    return 1;
                }

            case 4:
                using (gil.EnterScope())
                using (gil.EnterScope())
                {
                    count();
                    using (gil.ReleaseScope())
                    {
                        if (random.Next(2) == 0)
                            Thread.Yield();
                    }

                    count();
                    return 2;
                }

            case 5:
                using (gil.EnterScope())
                {
                    for (int i = 0; i < 50; i++)
                    {
                        gil.Checkpoint();
                        count();
                    }

                    return 50;
                }

            case 6:
                gil.Run(count);
                return 1;
            case 7:
                items.Add(gil.RunAsync(count));
                return 0;
            case 8:
                using (var source = new CancellationTokenSource())
                {
                    items.Add(gil.RunAsync(count, source.Token));
                    source.Cancel();
                    return 0;
                }

            case 9:
                items.Add(gil.RunAsync(async () =>
                {
                    await Task.Yield();
                    count();
                }));
                return 0;
            case 10:
                gil.Defer(new Counting(count));
                return 1;
            default:
                gil.Checkpoint();
                return 0;
        }
    }

    private sealed class Counting(Action count) : DeferredRelease
    {
        internal override void Run() => count();
    }
}
