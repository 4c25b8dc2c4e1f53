namespace GilSharp.Races.Scenarios;

/// <summary>Counted handles. The value is a resource that knows whether it was released, and plain: whoever uses it must be ordered before its release.</summary>
internal static class CountScenarios
{
    internal static readonly IReadOnlyList<Scenario> All =
    [
        .. new[] { RefCountMode.Atomic, RefCountMode.LockGuarded }.SelectMany(static mode => new Scenario[]
        {
            new($"counts, {mode}: two handles end", "the later releases the value, once, and has seen what the other wrote", stage => TwoHandles(stage, mode)) { Bounds = new(4, 2) },
            new($"counts, {mode}: a weak handle against the last release", "alive and usable, or gone", stage => WeakUpgrade(stage, mode)) { Bounds = new(3, 2) },
            new($"counts, {mode}: one handle disposed twice", "gives up one reference, not two", stage => DoubleDispose(stage, mode)) { Bounds = new(4, 2) },
            new($"counts, {mode}: a lease against the disposal", "the value lives as long as the lease", stage => Borrowing(stage, mode)) { Bounds = new(4, 2) },
            new($"counts, {mode}: a new handle against the disposal", "a living handle or a refusal", stage => Adding(stage, mode)) { Bounds = new(3, 2) },
            new($"counts, {mode}: the value against the disposal", "the value or a refusal, never nothing", stage => Looking(stage, mode)) { Bounds = new(3, 2) },
            new($"counts, {mode}: a value that knows itself", "nobody gets it half made", stage => Cyclic(stage, mode)) { Bounds = new(4, 2) },
            new($"counts, {mode}: three handles", "the last releases the value, once", stage => ThreeHandles(stage, mode)) { Bounds = new(2, 1) },
            new($"counts, {mode}: asynchronous disposal against disposal", "released once", stage => Asynchronous(stage, mode)) { Bounds = new(4, 2) },
        }),
        new("counts, LockGuarded: guards", "exclusive, and the value lives as long as they do", Guards),
        new("counts, GilCounted: disposal without the lock", "the next holder releases the value, once, under the lock", GilDeferred),
        new("counts, GilCounted: two disposals without the lock", "released once, under the lock", GilTwoDeferred) { Bounds = new(1, 1) },
        new("counts, GilCounted: a weak handle under the lock", "alive and usable, or gone", GilWeak),
        new("counts, tracked: a lease disposed with its handle", "a watched reference ends once", Tracked),
    ];

    private static void TwoHandles(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> first = RefCounted.Create(resource, mode, static value => value.Release());
        RefCounted<Resource> second = first.AddReference();
        stage.Actor("A", () =>
        {
            resource.UseByA();
            first.Dispose();
        });
        stage.Actor("B", () =>
        {
            resource.UseByB();
            second.Dispose();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void ThreeHandles(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> first = RefCounted.Create(resource, mode, static value => value.Release());
        RefCounted<Resource>[] handles = [first, first.AddReference(), first.AddReference()];
        for (int i = 0; i < 3; i++)
        {
            int index = i;
            stage.Actor("ABC"[i].ToString(), () =>
            {
                RefCounted<Resource> own = handles[index].AddReference();
                handles[index].Dispose();
                own.Dispose();
            });
        }

        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void WeakUpgrade(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, mode, static value => value.Release());
        WeakRefCounted<Resource> weak = handle.CreateWeak();
        stage.Actor("owner", handle.Dispose);
        stage.Actor("upgrader", () =>
        {
            if (!weak.TryGetReference(out RefCounted<Resource>? got))
                return;
            got.Value.UseByA();
            got.Dispose();
        });
        stage.Actor("other upgrader", () =>
        {
            if (!weak.TryGetReference(out RefCounted<Resource>? got))
                return;
            got.Value.UseByB();
            got.Dispose();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
        stage.Check(!weak.IsAlive, "gone in the end");
    }

    private static void DoubleDispose(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, mode, static value => value.Release());
        RefCounted<Resource> other = handle.AddReference();
        stage.Actor("A", handle.Dispose);
        stage.Actor("B", handle.Dispose);
        stage.Play();
        stage.Check(resource.Releases == 0, "the other handle keeps the value");
        other.Value.UseByA();
        other.Dispose();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void Borrowing(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, mode, static value => value.Release());
        stage.Actor("owner", handle.Dispose);
        stage.Actor("borrower", () =>
        {
            try
            {
                using RefCounted<Resource>.Lease lease = handle.Borrow();
                lease.Value.UseByA();
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void Adding(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, mode, static value => value.Release());
        stage.Actor("owner", handle.Dispose);
        stage.Actor("adder", () =>
        {
            if (!handle.TryAddReference(out RefCounted<Resource>? added))
                return;
            added.Value.UseByA();
            added.Dispose();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void Looking(Stage stage, RefCountMode mode)
    {
        RefCounted<string> handle = RefCounted.Create("the value", mode);
        stage.Actor("owner", handle.Dispose);
        stage.Actor("reader", () =>
        {
            try
            {
                stage.Check(handle.Value is "the value", "the value and not what an empty block holds");
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Actor("counter", () =>
        {
            try
            {
                stage.Check(handle.Count == 1, "a living handle counts itself");
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Play();
    }

    private static void Cyclic(Stage stage, RefCountMode mode)
    {
        Resource? resource = null;
        WeakRefCounted<Resource>?[] known = [null];
        stage.Actor("maker", () => RefCounted.CreateCyclic<Resource>(
            weak =>
            {
                Seam.VolatileSeam.Write(ref known[0], weak, -1);
                resource = new Resource(stage);
                resource.UseByA();
                return resource;
            },
            mode,
            static value => value.Release()).Dispose());
        stage.Actor("upgrader", () =>
        {
            if (Seam.VolatileSeam.Read(ref known[0], -1) is not { } weak || !weak.TryGetReference(out RefCounted<Resource>? got))
                return;
            got.Value.CheckUsedByA();
            got.Dispose();
        });
        stage.Play();
        stage.Check(resource!.Releases == 1, "released exactly once");
    }

    private static void Asynchronous(Stage stage, RefCountMode mode)
    {
        Resource resource = new(stage);
        RefCounted<Resource> first = RefCounted.Create(resource, mode, static value => value.Release());
        RefCounted<Resource> second = first.AddReference();
        stage.Actor("A", () => stage.Check(first.DisposeAsync().AsTask().IsCompletedSuccessfully, "its end comes at once"));
        stage.Actor("B", () => stage.Check(second.DisposeAsync().AsTask().IsCompletedSuccessfully, "its end comes at once"));
        stage.Actor("C", first.Dispose);
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void Guards(Stage stage)
    {
        Resource resource = new(stage);
        RefCounted<Resource> first = RefCounted.Create(resource, RefCountMode.LockGuarded, static value => value.Release());
        RefCounted<Resource> second = first.AddReference();
        Plain<int> exclusive = new(0);
        stage.Actor("A", () => Use(first));
        stage.Actor("B", () => Use(second));
        stage.Play();
        stage.Check(exclusive.Value == 2, "nobody's work is lost");
        stage.Check(resource.Releases == 1, "released exactly once");

        void Use(RefCounted<Resource> handle)
        {
            RefCounted<Resource>.Guard guard = handle.Lock();
            handle.Dispose();
            exclusive.Value++;
            guard.Value.CheckAlive();
            guard.Dispose();
        }
    }

    private static void GilDeferred(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, gil, value =>
        {
            stage.Check(gil.IsHeldByCurrentThread, "released under the lock");
            value.Release();
        });
        stage.Actor("stranger", handle.Dispose);
        stage.Actor("holder", () =>
        {
            gil.Enter();
            try
            {
                using RefCounted<Resource>.Lease lease = handle.Borrow();
                lease.Value.UseByA();
            }
            catch (ObjectDisposedException)
            {
            }

            gil.Exit();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void GilTwoDeferred(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Resource resource = new(stage);
        RefCounted<Resource> first = RefCounted.Create(resource, gil, static value => value.Release());
        gil.Enter();
        RefCounted<Resource> second = first.AddReference();
        gil.Exit();
        stage.Actor("A", first.Dispose);
        stage.Actor("B", second.Dispose);
        stage.Actor("holder", () =>
        {
            gil.Enter();
            gil.Checkpoint();
            gil.Exit();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
        LockScenarios.CheckFree(stage, gil);
    }

    private static void GilWeak(Stage stage)
    {
        GlobalInterpreterLock gil = new();
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, gil, static value => value.Release());
        gil.Enter();
        WeakRefCounted<Resource> weak = handle.CreateWeak();
        gil.Exit();
        stage.Actor("owner", handle.Dispose);
        stage.Actor("upgrader", () =>
        {
            gil.Enter();
            if (weak.TryGetReference(out RefCounted<Resource>? got))
            {
                got.Value.UseByA();
                got.Dispose();
            }

            gil.Exit();
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    private static void Tracked(Stage stage)
    {
        RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
        Resource resource = new(stage);
        RefCounted<Resource> handle = RefCounted.Create(resource, RefCountMode.Atomic, static value => value.Release());
        stage.Actor("A", handle.Dispose);
        stage.Actor("B", handle.Dispose);
        stage.Actor("borrower", () =>
        {
            try
            {
                using RefCounted<Resource>.Lease lease = handle.Borrow();
                lease.Value.UseByA();
            }
            catch (ObjectDisposedException)
            {
            }
        });
        stage.Play();
        stage.Check(resource.Releases == 1, "released exactly once");
    }

    /// <summary>What its users write, its release reads; what its release writes, its users read: without an order between them that is a race.</summary>
    private sealed class Resource(Stage stage)
    {
        private readonly Plain<int> _byA = new(0);
        private readonly Plain<int> _byB = new(0);
        private readonly Plain<bool> _released = new(false);
        private int _releases;

        internal int Releases => _releases;

        internal void UseByA()
        {
            CheckAlive();
            _byA.Value = 1;
        }

        internal void UseByB()
        {
            CheckAlive();
            _byB.Value = 1;
        }

        internal void CheckAlive() => stage.Check(!_released.Value, "it is not used after its release");

        internal void CheckUsedByA() => stage.Check(_byA.Value == 1 && !_released.Value, "it is whole");

        internal void Release()
        {
            _releases++;
            stage.Check(!_released.Value, "it is not released twice");
            _ = _byA.Value + _byB.Value;
            _released.Value = true;
        }
    }
}
