namespace GilSharp.Analyzers.Tests.Ownership;

/// <summary>GIL001, GIL002, GIL003.</summary>
[TestClass]
public sealed class ScopeCopyTests
{
    [TestMethod]
    [DataRow("handle.Borrow()")]
    [DataRow("handle.Lock()")]
    [DataRow("gil.EnterScope()")]
    [DataRow("gil.ReleaseScope()")]
    public async Task Variable_CopiedToAnother_IsAnError(string acquire)
    {
        await RuleVerifier.CheckStatements($$"""
            using var first = {{acquire}};
            var second = {|GIL001:first|};
            second = {|GIL001:first|};
            """);
    }

    [TestMethod]
    public async Task Variable_CopiedThroughAConditional_IsAnError() => await RuleVerifier.CheckStatements("""
        using var first = gil.EnterScope();
        using var second = gil.EnterScope();
        var either = Flag ? {|GIL001:first|} : {|GIL001:second|};
        """);

    [TestMethod]
    public async Task Variable_Used_IsFine() => await RuleVerifier.CheckStatements("""
        using var lease = handle.Borrow();
        lease.Value.Add(lease.Value.Count);
        using (gil.EnterScope())
            Work();
        using (var guard = handle.Lock())
            guard.Value.Clear();
        """);

    [TestMethod]
    public async Task Reference_ToTheVariable_IsNoCopy() => await RuleVerifier.CheckMembers("""
        private static int Sum(in RefCounted<List<int>>.Lease lease) => lease.Value.Sum();
        private static void Clear(ref RefCounted<List<int>>.Lease lease) => lease.Value.Clear();
        private static void Acquire(RefCounted<List<int>> from, out RefCounted<List<int>>.Lease lease) => lease = from.Borrow();

        public void Method()
        {
            var lease = handle.Borrow();
            ref var same = ref lease;
            Sum(in lease);
            Sum(lease);
            Clear(ref lease);
            same.Dispose();
            Acquire(handle, out var other);
            same = ref other;
            other.Dispose();
        }
        """);

    [TestMethod]
    public async Task ReferenceParameter_ReturnedOrAssigned_IsAnError() => await RuleVerifier.CheckMembers("""
        private static GlobalInterpreterLock.Scope Again(ref GlobalInterpreterLock.Scope scope) => {|GIL001:scope|};
        private static ref GlobalInterpreterLock.Scope Same(ref GlobalInterpreterLock.Scope scope) => ref scope;
        private static void Take(ref GlobalInterpreterLock.Scope scope)
        {
            using var mine = {|GIL001:scope|};
        }
        """);

    [TestMethod]
    public async Task Local_Returned_MovesOut() => await RuleVerifier.CheckMembers("""
        public RefCounted<List<int>>.Lease Direct() => handle.Borrow();

        public RefCounted<List<int>>.Lease ByWayOfALocal()
        {
            var lease = handle.Borrow();
            lease.Value.Add(1);
            return lease;
        }
        """);

    [TestMethod]
    public async Task Argument_ByValue_IsAnError() => await RuleVerifier.CheckMembers("""
        private static void Use(RefCounted<List<int>>.Lease lease) => lease.Dispose();
        private static void Name<T>(T anything) where T : allows ref struct { }

        public void Method()
        {
            using var lease = handle.Borrow();
            Use({|GIL002:lease|});
            Use({|GIL002:handle.Borrow()|});
            Name({|GIL002:lease|});
            Name(lease.Value);
        }
        """);

    [TestMethod]
    public async Task Extension_ByValue_IsAnError_ByReference_IsFine() => await RuleVerifier.CheckTypes("""
        public static class Extensions
        {
            public static int Sum(this RefCounted<int[]>.Lease lease) => lease.Value.Sum();
            public static int Total(this in RefCounted<int[]>.Lease lease) => lease.Value.Sum();

            public static int Both(RefCounted<int[]> handle)
            {
                using var lease = handle.Borrow();
                return {|GIL002:lease|}.Sum() + lease.Total();
            }
        }
        """);

    [TestMethod]
    public async Task Field_IsAnError() => await RuleVerifier.CheckTypes("""
        public ref struct Session
        {
            private GlobalInterpreterLock.Scope {|GIL003:_scope|};
            public RefCounted<string>.Lease {|GIL003:Lease|} { get; set; }

            public Session(GlobalInterpreterLock gil) => _scope = gil.EnterScope();

            public void Dispose() => _scope.Dispose();
        }

        public ref struct Factory(GlobalInterpreterLock gil)
        {
            public GlobalInterpreterLock.Scope Entered => gil.EnterScope();
        }
        """);

    [TestMethod]
    public async Task AnotherLibrarysScope_IsNotOurs() => await RuleVerifier.CheckTypes("""
        public ref struct Lease { public void Dispose() { } }

        public static class Program
        {
            public static void Main()
            {
                var first = new Lease();
                var second = first;
                second.Dispose();
                var section = new Lock().EnterScope();
                var copy = section;
                copy.Dispose();
            }
        }
        """);
}
