using System.Buffers;
using GilSharp.Serialization;
using GilSharp.Sharing;
using GilSharp.Tests.Processes;

namespace GilSharp.Tests.Sharing;

/// <summary>Large arrays, which go through lent memory: whole, at their time, and the memory comes back.</summary>
[TestClass]
public sealed class LargePayloadTests : PoolTest
{
    private const int Large = 1 << 20;

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow((LargeArrays.Threshold / 4) - 1)]
    [DataRow(LargeArrays.Threshold / 4)]
    [DataRow((LargeArrays.Threshold / 4) + 1)]
    [DataRow(Large)]
    [DataRow(5_000_001)]
    public async Task ArrayOfAnySize_ArrivesWhole_AndComesBackWhole(int length)
    {
        await using ProcessPool pool = new(1);
        int[] array = [.. Enumerable.Range(0, length)];
        for (int i = 0; i < 3; i++)
        {
            array[i] = -i;
            int[] back = await InTime(pool.ApplyAsync(static (int[] values) => { values[^1]++; return values; }, array));
            Assert.AreEqual(length, back.Length);
            Assert.AreEqual(array[^1] + 1, back[^1]);
            back[^1]--;
            Assert.IsTrue(array.AsSpan().SequenceEqual(back));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArraysWithinOtherThings_ArriveWhole_AndSharedOnesStayShared()
    {
        await using ProcessPool pool = new(1);
        double[] doubles = [.. Enumerable.Range(0, Large).Select(static i => i / 2.0)];
        byte[] bytes = new byte[Large];
        Random.Shared.NextBytes(bytes);
        Box box = new() { Doubles = doubles, Again = doubles, Small = [1, 2], Bytes = bytes, Text = "t" };
        (Box back, bool shared) = await InTime(pool.ApplyAsync(static (Box b, long[] second) => (b, ReferenceEquals(b.Doubles, b.Again) && second.Length == 100_000), box, new long[100_000]));
        Assert.IsTrue(shared);
        Assert.AreSame(back.Doubles, back.Again);
        Assert.IsTrue(doubles.AsSpan().SequenceEqual(back.Doubles));
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(back.Bytes));
        Assert.AreEqual("t 2", $"{back.Text} {back.Small[1]}");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CapturedArray_AndOnesOfAMap_ArriveWhole()
    {
        await using ProcessPool pool = new(2);
        int[] table = [.. Enumerable.Range(0, Large)];
        Assert.AreEqual(Large - 1, await InTime(pool.ApplyAsync(() => table[^1])));
        int[] found = await InTime(pool.MapAsync(i => table[i], Enumerable.Range(0, 200)));
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).ToArray(), found);
        int[][] arrays = await InTime(pool.MapAsync(static (int[] values) => { values[0] = values.Length; return values; }, Enumerable.Range(1, 12).Select(static i => new int[i * 50_000])));
        for (int i = 0; i < arrays.Length; i++) Assert.AreEqual(((i + 1) * 50_000, (i + 1) * 50_000), (arrays[i].Length, arrays[i][0]));
    }

    /// <summary>The same object returned with another content for each item: each result is what it was when it was returned.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task OneBufferReturnedAgainAndAgain_GivesEachContent()
    {
        await using ProcessPool pool = new(1);
        int[][] arrays = await InTime(pool.MapAsync(
            static (int i) =>
            {
                s_buffer ??= new int[100_000];
                s_buffer.AsSpan().Fill(i);
                return s_buffer;
            },
            Enumerable.Range(0, 100),
            new MapOptions { ChunkSize = 100 }));
        for (int i = 0; i < arrays.Length; i++) Assert.IsFalse(arrays[i].AsSpan().ContainsAnyExcept(i));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArrayThatTheCallerChangesAfterwards_ArrivesAsItWas()
    {
        await using ProcessPool pool = new(1);
        int[] array = new int[Large];
        List<Task<bool>> calls = [];
        for (int i = 0; i < 8; i++)
        {
            array.AsSpan().Fill(i);
            calls.Add(pool.ApplyAsync(static (int[] values, int expected) => !values.AsSpan().ContainsAnyExcept(expected), array, i));
        }

        array.AsSpan().Fill(-1);
        Assert.IsTrue((await InTime(Task.WhenAll(calls))).All(static same => same));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task MoreLargeCallsThanRegions_AllArrive_AndMemoryIsBounded()
    {
        await using ProcessPool pool = new(2);
        int calls = 2 * RegionPool.MostRegions;
        int[] sums = await InTime(Task.WhenAll(Enumerable.Range(0, calls).Select(i => pool.ApplyAsync(
            static (int[] values) => values[0] + values[^1], Enumerable.Repeat(i, 100_000).ToArray()))));
        for (int i = 0; i < calls; i++) Assert.AreEqual(2 * i, sums[i]);
        Assert.IsLessThanOrEqualTo(RegionPool.MostRegions, RegionPool.Shared.Count);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallsOneAfterTheOther_UseTheSameMemory_BothWays_AndGiveItBackWhenIdle()
    {
        await using ProcessPool pool = new(1);
        Eventually(static () => { RegionPool.Shared.EndUnused(); return RegionPool.Shared.Count == 0; }, "rid of what other tests have lent");
        for (int i = 0; i < 20; i++) Assert.HasCount(Large, await InTime(pool.ApplyAsync(static (byte[] values) => values, new byte[Large])));
        Assert.IsLessThanOrEqualTo(1, RegionPool.Shared.Count);
        Assert.IsLessThanOrEqualTo(2, await InTime(pool.ApplyAsync(static () => RegionPool.Shared.Count)));
        Eventually(() => RegionPool.Shared.Count == 0 && SharedMappings.Regions() == 0 && pool.Apply(SharedMappings.Regions) == 0, "given back");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LentBytes_CountAsSentAndReceived()
    {
        await using ProcessPool pool = new(1);
        await InTime(pool.ApplyAsync(static (byte[] values) => values, new byte[Large]));
        ProcessPoolStatistics statistics = pool.GetStatistics();
        Assert.IsInRange(Large, Large + 10_000, statistics.BytesSent);
        Assert.IsInRange(Large, Large + 10_000, statistics.BytesReceived);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerKilled_CancelledOrThrowing_GivesTheMemoryBack()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.Zero });
        using MeetingPlace place = new();
        byte[] array = new byte[Large];
        for (int i = 0; i < 3; i++) await Throws<WorkerCrashedException>(pool.ApplyAsync(static (byte[] values) => Misfortune.KillItself(), array));
        await Throws<FormatException>(pool.ApplyAsync(static (byte[] values) => int.Parse("x", null), array));
        using CancellationTokenSource cancel = new();
        Task running = pool.ApplyAsync(static (byte[] values, string folder) => Misfortune.NeverEnd(folder), array, place.Folder, cancel.Token);
        Eventually(() => place.Arrived == 1, "running");
        await cancel.CancelAsync();
        await Throws<TaskCanceledException>(running);
        Assert.AreEqual(1, await InTime(pool.With(new CallOptions { Retries = 1 }).ApplyAsync(
            static (byte[] values) =>
            {
                if (WorkerContext.Attempt == 1) Misfortune.KillItself();
                return values.Length / Large;
            },
            array)));
        Eventually(static () => { RegionPool.Shared.EndUnused(); return RegionPool.Shared.Count == 0; }, "given back");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerKilledAfterItHasLentMemory_NothingOfItStaysHere()
    {
        Eventually(static () => { RegionPool.Shared.EndUnused(); return RegionPool.Shared.Count == 0; }, "rid of what other tests have lent");
        int before = SharedMappings.Count();
        await using ProcessPool pool = new(1);
        Assert.HasCount(Large, await InTime(pool.ApplyAsync(static () => new byte[Large])));
        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        Eventually(() => SharedMappings.Count() <= before, "closed");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WhereMemoryCantBeLent_TheChannelCarriesIt()
    {
        Eventually(static () => { RegionPool.Shared.EndUnused(); return RegionPool.Shared.Count == 0; }, "rid of what other tests have lent");
        List<RegionLoan> all = [];
        while (RegionPool.Shared.TryRent(1) is { } loan) all.Add(loan);
        try
        {
            Assert.HasCount(RegionPool.MostRegions, all);
            await using ProcessPool pool = new(1);
            int[] array = [.. Enumerable.Range(0, 3 * Large)];
            int[] back = await InTime(pool.ApplyAsync(static (int[] values) => values, array));
            Assert.IsTrue(array.AsSpan().SequenceEqual(back));
        }
        finally
        {
            foreach (RegionLoan loan in all) RegionPool.Shared.Return(loan);
        }
    }

    /// <summary>What user code in a worker writes with the pool's serializer is bytes, whole in themselves.</summary>
    [TestMethod]
    [Timeout(Deadline)]
    public async Task ArraySerializedByUserCodeInAWorker_IsInTheBytes()
    {
        await using ProcessPool pool = new(1);
        byte[] written = await InTime(pool.ApplyAsync(static () =>
        {
            ArrayBufferWriter<byte> writer = new();
            new ProcessPoolOptions().Serializer.Serialize(writer, new byte[Large]);
            return writer.WrittenMemory.ToArray();
        }));
        Assert.IsGreaterThan(Large, written.Length);
        Assert.HasCount(Large, FieldCodec.Default.Deserialize<byte[]>(written));
    }

    [TestMethod]
    public void ForgedNameOfMemory_IsRefused()
    {
        byte[] forged = [0x81, 0x80, 0x80, 0x80, 0x08, 1, 2, 3, 4, 5, 6, 7, 8];
        Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<byte[]>(forged));
    }

    [TestMethod]
    public void IdleLoan_IsEndedAfterItsTime_AndNotBefore()
    {
        RegionPool pool = new(TimeSpan.FromHours(1));
        RegionLoan loan = pool.TryRent(100)!;
        pool.Return(loan);
        pool.EndUnused();
        Assert.AreEqual(1, pool.Count);
        Assert.AreSame(loan, pool.TryRent(200));
        pool.Return(loan);
        RegionPool hasty = new(TimeSpan.Zero);
        hasty.Return(hasty.TryRent(100)!);
        hasty.EndUnused();
        Assert.AreEqual(0, hasty.Count);
        loan.End();
    }

    private static int[]? s_buffer;

    private sealed class Box
    {
        public double[] Doubles { get; set; } = [];
        public double[] Again { get; set; } = [];
        public int[] Small { get; set; } = [];
        public byte[] Bytes { get; set; } = [];
        public string Text { get; set; } = "";
    }
}
