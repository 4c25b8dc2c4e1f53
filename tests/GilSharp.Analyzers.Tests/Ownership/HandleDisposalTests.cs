namespace GilSharp.Analyzers.Tests.Ownership;

/// <summary>GIL005.</summary>
[TestClass]
public sealed class HandleDisposalTests
{
    [TestMethod]
    public async Task Result_Discarded_IsAWarning() => await RuleVerifier.CheckStatements("""
        {|GIL005:RefCounted.Create("value")|};
        _ = {|GIL005:handle.AddReference()|};
        int count = {|GIL005:RefCounted.Create("value")|}.Count;
        {|GIL005:handle.AddReference()|}.Value.Clear();
        handle.TryAddReference({|GIL005:out _|});
        """.Replace("{|GIL005:out _|}", "out {|GIL005:_|}", StringComparison.Ordinal));

    [TestMethod]
    public async Task AnswerOfTry_PassedToAnAssertion_IsFine() => await RuleVerifier.CheckMembers("""
        private static void IsFalse(bool? answer) { }

        public void Method(WeakRefCounted<string> weak)
        {
            IsFalse(weak.TryGetReference(out _));
            IsFalse(handle.TryAddReference(out RefCounted<List<int>>? _));
        }
        """);

    [TestMethod]
    public async Task Local_OnlyRead_IsAWarning() => await RuleVerifier.CheckStatements("""
        var fresh = {|GIL005:RefCounted.Create(new List<int>(), gil)|};
        using (var lease = fresh.Borrow())
            lease.Value.Add(fresh.Count);
        if (fresh != null && !fresh.IsDisposed)
            Work();
        """);

    [TestMethod]
    public async Task OutHandle_NeverReleased_IsAWarning() => await RuleVerifier.CheckMembers("""
        public int Method(WeakRefCounted<string> weak) =>
            weak.TryGetReference(out {|GIL005:var strong|}) ? strong.Value.Length : 0;

        public int Released(WeakRefCounted<string> weak)
        {
            if (!weak.TryGetReference(out var strong))
                return 0;
            using (strong)
                return strong.Value.Length;
        }

        public void Passed(WeakRefCounted<string> weak)
        {
            if (weak.TryGetReference(out var strong))
                Keep(strong);
        }

        public bool Forwarded(WeakRefCounted<string> weak, out RefCounted<string>? strong) => weak.TryGetReference(out strong);
        """);

    [TestMethod]
    public async Task Using_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        using var declared = RefCounted.Create("value");
        using (var statement = handle.AddReference())
            statement.Value.Clear();
        await using var asynchronous = handle.AddReference();
        var late = handle.AddReference();
        await using (late)
            Work();
        """);

    [TestMethod]
    public async Task Dispose_InFinally_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        var fresh = RefCounted.Create("value");
        try
        {
            if (Flag)
                return;
            await Task.Yield();
        }
        finally
        {
            await fresh.DisposeAsync();
        }
        """);

    [TestMethod]
    public async Task Dispose_WithNullCheck_IsFine() => await RuleVerifier.CheckStatements("""
        RefCounted<string>? fresh = null;
        try
        {
            fresh = RefCounted.Create("value");
            Work();
        }
        finally
        {
            fresh?.Dispose();
        }
        """);

    [TestMethod]
    public async Task Ownership_PassedOn_IsFine() => await RuleVerifier.CheckTypes("""
        public sealed class Owner : IDisposable
        {
            private readonly RefCounted<string> _own = RefCounted.Create("field");
            private readonly List<RefCounted<string>> _many = [];
            private RefCounted<string>? _late;

            public Owner(RefCounted<string> given) => _late = given;

            public RefCounted<string> Shared => _own.AddReference();

            public static Owner Make() => new(RefCounted.Create("argument"));

            public static Owner MakeLater()
            {
                var handle = RefCounted.Create("local");
                return new Owner(handle);
            }

            public RefCounted<string> Returned()
            {
                var handle = _own.AddReference();
                return handle;
            }

            public void Stored()
            {
                var handle = _own.AddReference();
                _late = handle;
                var another = _own.AddReference();
                _many.Add(another);
                _many.Add(_own.AddReference());
                var third = _own.AddReference();
                RefCounted<string>[] array = [third, _own.AddReference()];
                (RefCounted<string>, int) pair = (_own.AddReference(), 1);
                var captured = _own.AddReference();
                Action dispose = () => captured.Dispose();
                var alias = _own.AddReference();
                var other = alias;
                other.Dispose();
            }

            public IEnumerable<RefCounted<string>> Iterated()
            {
                var handle = _own.AddReference();
                yield return handle;
            }

            public void Out(out RefCounted<string> handle) => handle = _own.AddReference();

            public void Dispose() => _own.Dispose();
        }
        """);

    [TestMethod]
    public async Task HandleOfSomebodyElse_IsNotOwned() => await RuleVerifier.CheckMembers("""
        private RefCounted<List<int>> Peek() => handle;

        public int Method(RefCounted<List<int>> borrowed)
        {
            var same = handle;
            var peeked = Peek();
            return same.Count + peeked.Count + borrowed.Count;
        }
        """);

    [TestMethod]
    public async Task EarlyReturn_BeforeReturningTheHandle_IsAWarning() => await RuleVerifier.CheckMembers("""
        public RefCounted<string>? Method()
        {
            var fresh = {|GIL005:RefCounted.Create("value")|};
            if (Flag)
                return null;
            return fresh;
        }

        public RefCounted<string>? Reversed()
        {
            var fresh = {|GIL005:RefCounted.Create("value")|};
            if (Flag)
                return fresh;
            return null;
        }

        public IDisposable? Converted()
        {
            var fresh = {|GIL005:RefCounted.Create("value")|};
            if (Flag)
                return fresh;
            return null;
        }

        public RefCounted<string>? Right()
        {
            var fresh = RefCounted.Create("value");
            if (Flag)
            {
                fresh.Dispose();
                return null;
            }
            return fresh;
        }

        public RefCounted<string> Guarded()
        {
            var fresh = RefCounted.Create("value");
            try
            {
                Work();
                return fresh;
            }
            catch
            {
                fresh.Dispose();
                throw;
            }
        }
        """);

    [TestMethod]
    public async Task Variable_WrappedIntoItself_IsFine() => await RuleVerifier.CheckMembers("""
        private static RefCounted<string> Wrap(RefCounted<string> inner) => inner;

        public RefCounted<string> Method()
        {
            var fresh = RefCounted.Create("value");
            fresh = Wrap(fresh);
            return fresh;
        }
        """);
}
