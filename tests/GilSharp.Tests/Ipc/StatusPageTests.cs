using GilSharp.Ipc;
using GilSharp.Ipc.Unix;
using GilSharp.Processes.Calls;

namespace GilSharp.Tests.Ipc;

/// <summary>The page that decides who has a call: the worker that starts it, or the parent that takes it back.</summary>
[TestClass]
public sealed class StatusPageTests
{
    private static int Rounds => 20_000 * TestEffort.Factor;

    [TestMethod]
    public void Claim_GoesToOneSideOnly()
    {
        using StatusPage parent = StatusPage.Create(out int descriptor);
        using StatusPage worker = StatusPage.Open(descriptor);
        Assert.AreEqual(0, Libc.close(descriptor));

        parent.Offer(3, 77);
        Assert.IsFalse(parent.HasStarted(3, 77));
        Assert.IsTrue(worker.TryStart(3, 77));
        Assert.IsTrue(parent.HasStarted(3, 77));
        Assert.IsFalse(parent.TryTakeBack(3, 77));

        parent.Offer(255, 78);
        Assert.IsTrue(parent.TryTakeBack(255, 78));
        Assert.IsFalse(worker.TryStart(255, 78));
        Assert.IsFalse(parent.HasStarted(255, 78));
    }

    [TestMethod]
    public void StaleFrame_WhoseSlotHasAnotherCallByNow_IsNotStarted()
    {
        using StatusPage page = StatusPage.Create(out int descriptor);
        Assert.AreEqual(0, Libc.close(descriptor));
        page.Offer(0, 1);
        Assert.IsTrue(page.TryTakeBack(0, 1));
        page.Offer(0, 2);
        Assert.IsFalse(page.TryStart(0, 1));
        Assert.IsTrue(page.TryStart(0, 2));
    }

    [TestMethod]
    [Timeout(240_000)]
    public void StartAgainstTakeBack_AtTheSameInstant_ExactlyOneWins()
    {
        using StatusPage parent = StatusPage.Create(out int descriptor);
        using StatusPage worker = StatusPage.Open(descriptor);
        Assert.AreEqual(0, Libc.close(descriptor));
        bool started = false;
        using Barrier barrier = new(2);
        Thread other = new(() =>
        {
            for (int id = 1; id <= Rounds; id++)
            {
                barrier.SignalAndWait();
                started = worker.TryStart(id % StatusPage.Slots, id);
                barrier.SignalAndWait();
            }
        });
        other.Start();
        int both = 0, none = 0;
        for (int id = 1; id <= Rounds; id++)
        {
            parent.Offer(id % StatusPage.Slots, id);
            barrier.SignalAndWait();
            bool taken = parent.TryTakeBack(id % StatusPage.Slots, id);
            barrier.SignalAndWait();
            if (taken && started) both++;
            if (!taken && !started) none++;
        }

        other.Join();
        Assert.AreEqual(0, both);
        Assert.AreEqual(0, none);
    }

    [TestMethod]
    public void ChunkWhoseAnswerIsMissing_WhenTheNextHasBegun_HasStartedAllItsItems()
    {
        using StatusPage page = StatusPage.Create(out int descriptor);
        Libc.close(descriptor);
        DeadChunk first = new() { Id = 5 }, second = new() { Id = 6 };
        page.Publish(5, 0);
        page.BeginChunk(5, 3);
        while (page.TryStartItem())
        {
        }

        page.Publish(6, 0);
        page.BeginChunk(6, 3);
        page.TryStartItem();

        first.NoteDeath(page);
        second.NoteDeath(page);

        Assert.IsGreaterThanOrEqualTo(3, first.StartedItems);
        Assert.AreEqual(1, second.StartedItems);
    }

    private sealed class DeadChunk : ChunkCall
    {
        internal override void Succeed(ReadOnlyMemory<byte> payload, CallFlags flags)
        {
        }

        internal override Action Read(ReadOnlyMemory<byte> payload, CallFlags flags) => () => { };

        internal override void Fail(Exception exception)
        {
        }

        internal override void Cancel(CancellationToken token)
        {
        }

        internal override void TakeResults(ReadOnlyMemory<byte> payload)
        {
        }

        internal override void TakeUnsentResults()
        {
        }
    }
}
