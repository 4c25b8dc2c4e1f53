using GilSharp;
using GilSharp.Samples.RefCounting;
using Microsoft.Extensions.ObjectPool;

// Each part says what it did, and whether it came out right; the program ends with 0 only if all of them did.
bool right = SharedNativeMemory();
right &= SharedState();
right &= PooledValues();
right &= Cache();
Console.WriteLine(right ? "All right." : "Something is wrong.");
return right ? 0 : 1;

// Many readers of one block of native memory. Whoever ends last frees it, on its own thread, at once; the thread that made it does not wait for them.
static bool SharedNativeMemory()
{
    const int Readers = 8;
    Task<int>[] sums = new Task<int>[Readers];
    using (RefCounted<NativeBuffer> buffer = RefCounted.Create(new NativeBuffer(1_000_000)))
    {
        buffer.Value.Bytes.Fill(1);
        for (int reader = 0; reader < Readers; reader++)
        {
            RefCounted<NativeBuffer> own = buffer.AddReference();
            sums[reader] = Task.Run(() =>
            {
                using (own)
                {
                    return Sum(own);
                }
            });
        }
    }

    Task.WaitAll(sums);
    Console.WriteLine($"Native memory: {Readers} readers saw {sums[0].Result:N0} bytes each; {NativeBuffer.Alive} buffers are left.");
    return NativeBuffer.Alive == 0 && sums.All(sum => sum.Result == 1_000_000);

    static int Sum(RefCounted<NativeBuffer> buffer)
    {
        // A lease on the hot path: it counts, and allocates nothing.
        using RefCounted<NativeBuffer>.Lease lease = buffer.Borrow();
        int sum = 0;
        foreach (byte value in lease.Value.Bytes)
        {
            sum += value;
        }

        return sum;
    }
}

// Mutable state: the lock comes with the value. The last owner prints the result, whoever that is.
static bool SharedState()
{
    const int Workers = 4;
    Dictionary<string, int>? result = null;
    RefCounted<Dictionary<string, int>> words = RefCounted.Create(
        new Dictionary<string, int>(), RefCountMode.LockGuarded, onRelease: counted => result = counted);
    Thread[] threads = [.. Enumerable.Range(0, Workers).Select(_ => StartWorker(words.AddReference()))];
    words.Dispose();
    foreach (Thread thread in threads)
    {
        thread.Join();
    }

    Console.WriteLine($"Shared state: the last of {Workers} threads handed over {result?["gil"]:N0} and {result?["sharp"]:N0}.");
    return result is { Count: 2 } && result["gil"] == 40_000 && result["sharp"] == 40_000;

    static Thread StartWorker(RefCounted<Dictionary<string, int>> own)
    {
        Thread thread = new(() =>
        {
            using (own)
            {
                for (int round = 0; round < 10_000; round++)
                {
                    using RefCounted<Dictionary<string, int>>.Guard guard = own.Lock();
                    guard.Value["gil"] = guard.Value.GetValueOrDefault("gil") + 1;
                    guard.Value["sharp"] = guard.Value.GetValueOrDefault("sharp") + 1;
                }
            }
        });
        thread.Start();
        return thread;
    }
}

// Buffers that return to their pool with the last user, and that a late user can't reach any more.
static bool PooledValues()
{
    ObjectPool<List<int>> pool = new DefaultObjectPool<List<int>>(new ClearedLists(), maximumRetained: 1);
    RefCounted<List<int>> first = pool.GetCounted();
    RefCounted<List<int>> reader = first.AddReference();
    List<int> list = first.Value;
    list.AddRange([1, 2, 3]);
    first.Dispose();
    bool stillThere = reader.Value.Count == 3;
    reader.Dispose();

    using RefCounted<List<int>> second = pool.GetCounted();
    bool sameList = ReferenceEquals(list, second.Value) && second.Value.Count == 0;
    bool lateIsRefused = IsRefused(reader) && IsRefused(first);
    Console.WriteLine($"Pool: the list came back cleared ({sameList}), and the handles of its former users are dead ({lateIsRefused}).");
    return stillThere && sameList && lateIsRefused;

    static bool IsRefused(RefCounted<List<int>> late)
    {
        if (!late.TryAddReference(out RefCounted<List<int>>? again))
        {
            return true;
        }

        again.Dispose();
        return false;
    }
}

// A cache that keeps nothing alive by itself.
static bool Cache()
{
    Dictionary<int, WeakRefCounted<NativeBuffer>> cache = [];
    using (RefCounted<NativeBuffer> page = RefCounted.Create(new NativeBuffer(4096)))
    {
        cache[7] = page.CreateWeak();
        if (!cache[7].TryGetReference(out RefCounted<NativeBuffer>? hit))
        {
            return false;
        }

        hit.Dispose();
    }

    bool gone = !cache[7].IsAlive;
    Console.WriteLine($"Cache: a hit while the page was in use, a miss afterwards ({gone}).");
    return gone && NativeBuffer.Alive == 0;
}
