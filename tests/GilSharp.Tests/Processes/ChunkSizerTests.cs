using GilSharp.Ipc;
using GilSharp.Processes.Maps;

namespace GilSharp.Tests.Processes;

/// <summary>How many items travel together, number by number.</summary>
[TestClass]
public sealed class ChunkSizerTests
{
    [TestMethod]
    public void Size_GrowsFromOneByAtMostEightTimes_UpToItsLimit()
    {
        ChunkSizer sizer = new(0, 0, single: false);
        List<int> sizes = [sizer.Next(2, null)];
        for (int i = 0; i < 7; i++)
        {
            sizer.Took(sizes[^1], 0);
            sizes.Add(sizer.Next(2, null));
        }

        CollectionAssert.AreEqual(new[] { 1, 8, 64, 512, 4096, 32768, 65536, 65536 }, sizes);
    }

    [TestMethod]
    public void Size_IsWhatTakesTwoMilliseconds_AndShrinksAtOnce()
    {
        ChunkSizer sizer = Grown();
        sizer.Took(64, 1_280); // 20 microseconds an item
        Assert.AreEqual(100, sizer.Next(2, null));
        sizer.Took(64, 128_000); // two milliseconds an item
        Assert.AreEqual(1, sizer.Next(2, null));
        sizer.Took(1, 1_000_000);
        Assert.AreEqual(1, sizer.Next(2, null));
    }

    [TestMethod]
    public void SmallChunk_AtMostHalvesTheSize_AndAnEmptyOneSaysNothing()
    {
        ChunkSizer sizer = Grown();
        sizer.Took(0, 1_000_000);
        Assert.AreEqual(64, sizer.Next(2, null));
        sizer.Took(31, 1_000_000);
        Assert.AreEqual(32, sizer.Next(2, null));
        sizer.Took(16, 1_000_000); // half of it: large enough to be believed
        Assert.AreEqual(1, sizer.Next(2, null));
    }

    [TestMethod]
    public void LargeChunk_OfAnEarlierSize_GrowsTheSizeByEightTimesToo()
    {
        ChunkSizer sizer = Grown();
        sizer.Took(64, 1_000_000);
        sizer.Took(64, 0); // was on its way
        Assert.AreEqual(8, sizer.Next(2, null));
    }

    [TestMethod]
    public void SmallChunk_OfFastItems_DoesNotShrinkTheSize()
    {
        ChunkSizer sizer = Grown();
        sizer.Took(8, 0); // says eight times as many
        Assert.AreEqual(64, sizer.Next(2, null));
        sizer.Took(20, 1_000); // forty
        Assert.AreEqual(40, sizer.Next(2, null));
    }

    [TestMethod]
    public void SlowInput_IsNotWaitedFor_UntilItIsFastAgain()
    {
        ChunkSizer sizer = Grown();
        sizer.Yielded(64, 8_000);
        Assert.AreEqual(16, sizer.Next(2, null));
        sizer.Yielded(1, 1_000_000);
        Assert.AreEqual(1, sizer.Next(2, null));
        sizer.Yielded(1, 1_500);
        Assert.AreEqual(1, sizer.Next(2, null)); // two would take too long already
        sizer.Yielded(1, 200);
        Assert.AreEqual(10, sizer.Next(2, null));
        sizer.Yielded(10, 0);
        Assert.AreEqual(64, sizer.Next(2, null));
    }

    [TestMethod]
    [DataRow(1000, 64)]
    [DataRow(100, 25)]
    [DataRow(5, 1)]
    [DataRow(1, 1)]
    public void Rest_OfKnownLength_IsSharedEvenly(int left, int size) => Assert.AreEqual(size, Grown().Next(2, left));

    [TestMethod]
    public void FixedSize_IsKept_WhateverIsLeftOrMeasured()
    {
        ChunkSizer sizer = new(10, 0, single: false);
        sizer.Took(10, 1_000_000);
        sizer.Yielded(10, 1_000_000);
        Assert.AreEqual(10, sizer.Next(2, 3));
        Assert.AreEqual(StatusPage.MostItems, new ChunkSizer(int.MaxValue, 0, single: false).Next(2, null));
    }

    [TestMethod]
    public void Buffer_LimitsTheSize()
    {
        Assert.AreEqual(5, new ChunkSizer(10, 5, single: false).Next(2, null));
        Assert.AreEqual(25, Grown(bufferSize: 50).Next(2, null));
        Assert.AreEqual(1, Grown(bufferSize: 1).Next(2, null));
    }

    [TestMethod]
    public void Budget_IsTheBuffer_OrFourChunksForEachWorker()
    {
        Assert.AreEqual(7, new ChunkSizer(10, 7, single: false).Budget(3));
        Assert.AreEqual(12, new ChunkSizer(10, 0, single: true).Budget(3));
        Assert.AreEqual(120, new ChunkSizer(10, 0, single: false).Budget(3));
        Assert.AreEqual(4 * 3 * 64, Grown().Budget(3));
        Assert.AreEqual(int.MaxValue, new ChunkSizer(int.MaxValue, 0, single: false).Budget(3));
    }

    [TestMethod]
    public void SingleItems_TravelAlone()
    {
        ChunkSizer sizer = new(10, 0, single: true);
        sizer.Took(1, 0);
        Assert.AreEqual(1, sizer.Next(2, null));
    }

    // Sixty-four items at a time.
    private static ChunkSizer Grown(int bufferSize = 0)
    {
        ChunkSizer sizer = new(0, bufferSize, single: false);
        sizer.Took(1, 0);
        sizer.Took(8, 0);
        return sizer;
    }
}
