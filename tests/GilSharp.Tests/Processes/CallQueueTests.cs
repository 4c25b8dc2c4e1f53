using System.Runtime.CompilerServices;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;

namespace GilSharp.Tests.Processes;

/// <summary>In which order calls wait.</summary>
[TestClass]
public sealed class CallQueueTests
{
    [TestMethod]
    public void Calls_AreTakenByPriority_ThenInTheOrderOfTheirAcceptance()
    {
        CallQueue queue = new();
        foreach ((int id, int priority) in new[] { (1, 0), (2, 5), (3, -1), (4, 0), (5, 5), (6, 7), (7, -1), (8, 6) }) queue.Add(Call(id, priority));

        Assert.AreEqual(8, queue.Count);
        CollectionAssert.AreEqual(new long[] { 6, 8, 2, 5, 1, 4, 3, 7 }, TakeAll(queue));
        Assert.AreEqual(0, queue.Count);
    }

    [TestMethod]
    public void CallsThatComeBack_GoInFrontOfTheirEquals_TheLastFirst()
    {
        CallQueue queue = new();
        queue.Add(Call(1));
        queue.Add(Call(2, 1));
        queue.AddInFront(Call(4));
        queue.AddInFront(Call(3));
        queue.AddInFront(Call(5, 1));

        CollectionAssert.AreEqual(new long[] { 5, 2, 3, 4, 1 }, TakeAll(queue));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(-1)]
    public void PrioritiesThatNothingWaitsWith_AreForgotten(int step)
    {
        CallQueue queue = new();
        for (int i = 1; i <= 1000; i++)
        {
            queue.Add(Call(i, step * i));
            queue.Add(Call(0));
            Assert.HasCount(2, TakeAll(queue));
        }

        Assert.IsLessThan(50, queue.Levels);

        for (int i = 1; i <= 1000; i++) queue.Add(Call(i, step * i));
        long[] expected = [.. Enumerable.Range(1, 1000).Select(static i => (long)i)];
        CollectionAssert.AreEqual(step > 0 ? [.. expected.Reverse()] : expected, TakeAll(queue));
    }

    [TestMethod]
    public void CallThatEndedWhileItWaited_IsSkipped_AndNotCounted()
    {
        CallQueue queue = new();
        PendingCall[] calls = [Call(1), Call(2), Call(3)];
        foreach (PendingCall call in calls)
        {
            queue.Add(call);
            Assert.AreEqual(CallState.Queued, call.State);
        }

        End(queue, calls[0]);
        End(queue, calls[2]);
        Assert.AreEqual(1, queue.Count);
        CollectionAssert.AreEqual(new long[] { 2 }, TakeAll(queue));
    }

    [TestMethod]
    public void CallsThatEnded_AreSweptOutWhenTheyAreTheMajority_AndTheOthersKeepTheirOrder()
    {
        CallQueue queue = new();
        PendingCall[] returned = [Call(1), Call(2), Call(3)];
        queue.Add(Call(4));
        WeakReference[] ended = Crowd(queue, 1024, 1024);
        queue.Add(Call(5));
        foreach (PendingCall call in Enumerable.Reverse(returned)) queue.AddInFront(call);
        End(queue, returned[1]); // the one that makes them too many

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(ended.Any(call => call.IsAlive));
        Assert.AreEqual(4, queue.Count);
        CollectionAssert.AreEqual(new long[] { 1, 3, 4, 5 }, TakeAll(queue));
    }

    // Sweeping looks at every call that waits: it must not happen each time that one ends.
    [TestMethod]
    [DataRow(20, 10, 0)]     // few
    [DataRow(1024, 1024, 0)] // many, and one fewer than too many
    [DataRow(2050, 1025, 0)] // as many as wait
    [DataRow(1024, 700, 700)] // those that were taken out meanwhile count no more
    public void CallsThatEnded_AreNotSweptOut_WhileTheyAreFewOrTheMinority(int calls, int ended, int endedBefore)
    {
        CallQueue queue = new();
        Crowd(queue, endedBefore, endedBefore);
        queue.Add(Call(1));
        Assert.IsTrue(queue.TryTake(out _));
        WeakReference[] still = Crowd(queue, calls, ended);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsTrue(still.All(call => call.IsAlive));
        Assert.AreEqual(calls - ended, queue.Count);
    }

    // Ended calls that the queue still has.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Crowd(CallQueue queue, int calls, int ended)
    {
        PendingCall[] crowd = [.. Enumerable.Range(1000, calls).Select(id => Call(id))];
        foreach (PendingCall call in crowd) queue.Add(call);
        foreach (PendingCall call in crowd.Take(ended)) End(queue, call);
        return [.. crowd.Take(ended).Select(call => new WeakReference(call))];
    }

    private static PendingCall<Nothing> Call(long id, int priority = 0)
    {
        PendingCall<Nothing> call = new() { Id = id };
        if (priority != 0) call.Terms = new CallTerms(call, null!) { Options = new CallOptions { Priority = priority } };
        return call;
    }

    private static void End(CallQueue queue, PendingCall call)
    {
        call.State = CallState.Ended;
        queue.Forget(call);
    }

    private static long[] TakeAll(CallQueue queue)
    {
        List<long> taken = [];
        while (queue.TryTake(out PendingCall call)) taken.Add(call.Id);
        return [.. taken];
    }
}
