using System.Runtime.InteropServices;
using GilSharp.Ipc.Unix;
using GilSharp.Tests.Processes;

namespace GilSharp.Tests.Sharing;

/// <summary>Shared arrays among several processes: deaths, forwarding, and that nothing is left anywhere.</summary>
[TestClass]
public sealed class SharedArrayProcessTests : PoolTest
{
    private int _before;

    [TestInitialize]
    public void CountMappings() => _before = SharedMappings.Count();

    [TestCleanup]
    public void NothingIsLeft() => Eventually(() => SharedMappings.Count() <= _before, "rid of all shared arrays");

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OwnerKilled_TheArrayLivesOnInOthers()
    {
        SharedArray<int> array;
        await using (ProcessPool pool = new(1))
        {
            array = await InTime(pool.ApplyAsync(static () => s_kept = new SharedArray<int>([1, 2, 3]).AddReference()));
            await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
            Assert.AreEqual(3, await InTime(pool.ApplyAsync(static (SharedArray<int> shared) => shared[2], array)));
        }

        Assert.AreEqual(2, array[1]);
        array.Dispose();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerKilledWhileItHoldsAnArray_TakesNothingFromItsOwner()
    {
        await using ProcessPool pool = new(1);
        using SharedArray<int> array = new(1000);
        for (int i = 1; i <= 3; i++)
        {
            await Throws<WorkerCrashedException>(pool.ApplyAsync(
                static (SharedArray<int> shared, int value) =>
                {
                    s_kept = shared.AddReference();
                    shared.Span.Fill(value);
                    Misfortune.KillItself();
                },
                array,
                i));
            Assert.AreEqual(1, array.Count);
            Assert.IsFalse(array.Span.ContainsAnyExcept(i));
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerKilledBeforeItHasTakenWhatWasSent_LeavesNothing()
    {
        int descriptors = SharedMappings.Descriptors();
        await using ProcessPool pool = new(1);
        int worker = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        Pause(worker);
        SharedArray<byte>[] arrays = [.. Enumerable.Range(0, 600).Select(static _ => new SharedArray<byte>(1))];
        Task call = pool.ApplyAsync(static (SharedArray<byte>[] all) => Misfortune.KillItself(), arrays);
        foreach (SharedArray<byte> array in arrays) array.Dispose();
        Libc.kill(worker, Libc.SIGKILL);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => call.WaitAsync(NeverThatLong));
        Eventually(() => SharedMappings.Descriptors() <= descriptors, "closed"); // fewer, if what an earlier test left is closed meanwhile
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CallThatIsTriedAgain_GetsTheArrayInTheNextWorkerToo()
    {
        await using ProcessPool pool = new(1);
        using SharedArray<int> array = new([42]);
        int value = await InTime(pool.With(new CallOptions { Retries = 1 }).ApplyAsync(
            shared =>
            {
                if (WorkerContext.Attempt == 1) Misfortune.KillItself();
                return shared[0];
            },
            array));
        Assert.AreEqual(42, value);
        Eventually(() => array.Count == 1, "down to the test's own handle");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CancelledCalls_QueuedOrRunning_GiveTheirReferencesBack()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.Zero });
        using SharedArray<int> array = new(1);
        using CancellationTokenSource cancel = new();
        Task running = pool.ApplyAsync(static (SharedArray<int> shared, string folder) => Misfortune.NeverEnd(folder), array, place.Folder, cancel.Token);
        Eventually(() => place.Arrived == 1, "running");
        Task queued = pool.ApplyAsync(static (SharedArray<int> shared) => { }, array, cancel.Token);
        await cancel.CancelAsync();
        await Throws<TaskCanceledException>(queued);
        await Throws<TaskCanceledException>(running);
        Eventually(() => array.Count == 1, "down to the test's own handle");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task CancelledAfterItReturnedAnArray_ClosesWhatNobodyTakes()
    {
        int before = SharedMappings.Count();
        await using ProcessPool pool = new(1);
        using CancellationTokenSource cancel = new();
        using MeetingPlace place = new();
        string folder = place.Folder;
        Task call = pool.ApplyAsync(
            static (string folder, CancellationToken token) =>
            {
                File.WriteAllText(Path.Combine(folder, "arrived-1"), "");
                token.WaitHandle.WaitOne();
                return new SharedArray<int>(5);
            },
            folder,
            cancel.Token);
        Eventually(() => place.Arrived == 1, "running");
        await cancel.CancelAsync();
        await Throws<TaskCanceledException>(call);
        Eventually(() => SharedMappings.Count() <= before, "closed");
        Assert.AreEqual(0, await InTime(pool.ApplyAsync(SharedMappings.Regions)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ItemsThatEndedBeforeACrash_KeepTheirArrays_AlsoIfTheMapReports()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardError = WorkerOutput.Discard });
        IProgress<int> progress = new Teller();
        List<CallResult<SharedArray<int>>> results = [];
        await foreach (CallResult<SharedArray<int>> result in pool.MapResultsAsync(
            i =>
            {
                progress.Report(i);
                if (i == 5) Misfortune.KillItself();
                return new SharedArray<int>([i]);
            },
            Enumerable.Range(0, 10),
            new MapOptions { ChunkSize = 10 }))
        {
            results.Add(result);
        }

        for (int i = 0; i < 10; i++)
        {
            if (i == 5) Assert.IsInstanceOfType<WorkerCrashedException>(results[i].Exception);
            else Assert.AreEqual(i, results[i].Value[0]);
            if (i != 5) results[i].Value.Dispose();
        }
    }

    private sealed class Teller : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ForwardedToAPoolOfTheWorkersOwn_AndBack_IsTheSameMemory()
    {
        await using ProcessPool pool = new(1);
        using SharedArray<int> array = new(2);
        using SharedArray<int> deep = await InTime(pool.ApplyAsync(
            static (SharedArray<int> shared) =>
            {
                using ProcessPool own = new(1);
                SharedArray<int> made = own.Apply(
                    static (SharedArray<int> twice) =>
                    {
                        twice[0] = Environment.ProcessId;
                        return new SharedArray<int>([Environment.ProcessId]);
                    },
                    shared);
                shared[1] = Environment.ProcessId;
                return made;
            },
            array));
        Assert.AreEqual(deep[0], array[0]);
        Assert.AreNotEqual(array[0], array[1]);
        Assert.AreNotEqual(Environment.ProcessId, array[0]);
        Assert.AreNotEqual(Environment.ProcessId, array[1]);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LastHandleGone_TheWorkersForgetTheMemory()
    {
        await using ProcessPool pool = new(2);
        for (int i = 0; i < 3; i++)
        {
            using SharedArray<int> array = new(100_000);
            SharedArray<int>[] slices = [.. Enumerable.Range(0, 20).Select(part => array.Slice(part, 1))];
            await InTime(pool.ForEachAsync(static slice => { slice[0]++; }, slices));
            foreach (SharedArray<int> slice in slices) slice.Dispose();
        }

        Eventually(() => pool.ApplyAsync(SharedMappings.Count).GetAwaiter().GetResult() == 0 && pool.ApplyAsync(SharedMappings.Regions).GetAwaiter().GetResult() == 0, "forgotten");
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WhileACallRuns_TheWorkerForgetsToo()
    {
        using MeetingPlace place = new();
        await using ProcessPool pool = new(1);
        SharedArray<int> array = new(1);
        await InTime(pool.ApplyAsync(static (SharedArray<int> shared) => { }, array));
        string folder = place.Folder;
        Task call = pool.ApplyAsync(static (string folder) =>
        {
            File.WriteAllText(Path.Combine(folder, "arrived-1"), "");
            while (SharedMappings.Regions() > 0) Thread.Yield();
        }, folder);
        Eventually(() => place.Arrived == 1, "running");
        array.Dispose();
        await InTime(call);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ManyCallsWithOneArray_SendItOnce_AndLeaveDescriptorsFlat()
    {
        await using ProcessPool pool = new(1);
        using SharedArray<byte> array = new(64 << 20);
        await InTime(pool.ApplyAsync(static (SharedArray<byte> shared) => shared.Length, array));
        long sent = pool.GetStatistics().BytesSent;
        int here = SharedMappings.Count(), there = await InTime(pool.ApplyAsync(SharedMappings.Count));
        int calls = 50 * TestEffort.Factor;
        for (int i = 0; i < calls; i++) await InTime(pool.ApplyAsync(static (SharedArray<byte> shared) => shared.Length, array));
        Assert.IsLessThan(calls * 200L, pool.GetStatistics().BytesSent - sent);
        Assert.IsLessThanOrEqualTo(here, SharedMappings.Count()); // less where what another test has left ends meanwhile
        Assert.AreEqual(there, await InTime(pool.ApplyAsync(SharedMappings.Count)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task SharedMemory_DoesNotCountAsTheWorkersOwn()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, WorkerMemoryLimit = 150 << 20, MaxWorkerMemory = 150 << 20 });
        using SharedArray<byte> array = new(256 << 20);
        int first = await InTime(pool.ApplyAsync(Misfortune.ProcessId));
        for (int i = 0; i < 3; i++)
        {
            await InTime(pool.ApplyAsync(
                static (SharedArray<byte> shared) =>
                {
                    shared.Span.Fill(1);
                    Thread.Sleep(60); // the watch looks every 25 ms
                },
                array));
        }

        Assert.AreEqual(first, await InTime(pool.ApplyAsync(Misfortune.ProcessId)));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WhereSeccompForbidsMemfd_ArraysAreMadeAllTheSame_AndSilently()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, Initializer = static () => Assert.AreEqual(0, Seccomp.ForbidMemfd()) });
        using SharedArray<int> array = await InTime(pool.ApplyAsync(static () =>
        {
            if (Libc.memfd_create("x", 0) >= 0) throw new InvalidOperationException("memfd is not forbidden");
            return new SharedArray<int>([1, 2, 3]);
        }));
        Assert.AreEqual(3, array[2]);
        int[] large = await InTime(pool.ApplyAsync(static () => Enumerable.Range(0, 1 << 20).ToArray()));
        Assert.AreEqual(1 << 19, large[1 << 19]);
    }

    private static SharedArray<int>? s_kept;

    /// <summary>A filter of the kernel, as containers have them: for the calling thread, which is the one that runs a worker's calls.</summary>
    private static unsafe class Seccomp
    {
        private const int SetNoNewPrivileges = 38, SetSeccomp = 22, FilterMode = 2;

        [StructLayout(LayoutKind.Sequential)]
        private struct Instruction(ushort code, byte jumpTrue, byte jumpFalse, uint value)
        {
            public ushort Code = code;
            public byte JumpTrue = jumpTrue;
            public byte JumpFalse = jumpFalse;
            public uint Value = value;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct Filter
        {
            public ushort Length;
            public Instruction* Instructions;
        }

        internal static int ForbidMemfd()
        {
            uint memfdCreate = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 279u : 319u;
            Instruction* instructions = stackalloc Instruction[4];
            instructions[0] = new Instruction(0x20, 0, 0, 0);                 // load the number of the system call
            instructions[1] = new Instruction(0x15, 0, 1, memfdCreate);       // is it memfd_create?
            instructions[2] = new Instruction(0x06, 0, 0, 0x0005_0000 | 1);   // then EPERM
            instructions[3] = new Instruction(0x06, 0, 0, 0x7FFF_0000);       // else allow
            Filter filter = new() { Length = 4, Instructions = instructions };
            int result = Libc.prctl(SetNoNewPrivileges, 1, 0, 0, 0);
            return result != 0 ? result : Libc.prctl(SetSeccomp, FilterMode, (nuint)(&filter), 0, 0);
        }
    }
}
