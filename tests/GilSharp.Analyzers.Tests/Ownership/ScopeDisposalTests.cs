namespace GilSharp.Analyzers.Tests.Ownership;

/// <summary>GIL004.</summary>
[TestClass]
public sealed class ScopeDisposalTests
{
    [TestMethod]
    [DataRow("handle.Borrow()")]
    [DataRow("handle.Lock()")]
    [DataRow("gil.EnterScope()")]
    [DataRow("gil.ReleaseScope()")]
    public async Task Result_Discarded_IsAnError(string acquire) => await RuleVerifier.CheckStatements($$"""
        {|GIL004:{{acquire}}|};
        _ = {|GIL004:{{acquire}}|};
        var forgotten = {|GIL004:{{acquire}}|};
        Action later = () => {|GIL004:{{acquire}}|};
        """);

    [TestMethod]
    public async Task Value_ReadFromATemporary_IsAnError() => await RuleVerifier.CheckStatements("""
        int count = {|GIL004:handle.Borrow()|}.Value.Count;
        handle.Borrow().Dispose();
        """);

    [TestMethod]
    public async Task Using_IsFine() => await RuleVerifier.CheckStatements("""
        using var declared = handle.Borrow();
        using (gil.EnterScope())
        using (var inner = handle.Lock())
            inner.Value.Clear();
        using var chosen = Flag ? handle.Borrow() : handle.AddReference().Borrow();
        var late = gil.EnterScope();
        using (late)
            Work();
        """.Replace("handle.AddReference()", "handle", StringComparison.Ordinal));

    [TestMethod]
    public async Task TryFinally_IsFine() => await RuleVerifier.CheckStatements("""
        var scope = gil.EnterScope();
        try
        {
            if (Flag)
                return;
            if (Environment.ProcessId == 0)
                throw new InvalidOperationException();
            Work();
        }
        finally
        {
            scope.Dispose();
        }
        """);

    [TestMethod]
    public async Task Dispose_AtTheEnd_IsFine() => await RuleVerifier.CheckStatements("""
        var scope = gil.EnterScope();
        for (int i = 0; i < 10; i++)
        {
            if (Flag)
                continue;
            Work();
        }
        scope.Dispose();
        """);

    [TestMethod]
    public async Task Dispose_InEveryBranch_IsFine() => await RuleVerifier.CheckStatements("""
        var scope = gil.EnterScope();
        if (Flag)
        {
            scope.Dispose();
            return;
        }
        scope.Dispose();
        """);

    [TestMethod]
    public async Task EarlyReturn_WithoutDispose_IsAnError() => await RuleVerifier.CheckStatements("""
        var scope = {|GIL004:gil.EnterScope()|};
        if (Flag)
            return;
        scope.Dispose();
        """);

    [TestMethod]
    public async Task Throw_WithoutDispose_IsAnError() => await RuleVerifier.CheckStatements("""
        var scope = {|GIL004:gil.EnterScope()|};
        if (Flag)
            throw new InvalidOperationException();
        scope.Dispose();
        """);

    [TestMethod]
    public async Task Throw_IntoACatchOfTheMethod_ClaimsNothing() => await RuleVerifier.CheckStatements("""
        var scope = gil.EnterScope();
        try
        {
            if (Flag)
                throw new InvalidOperationException();
        }
        catch (InvalidOperationException)
        {
            Work();
        }
        scope.Dispose();
        """);

    [TestMethod]
    public async Task Dispose_UnderTheConditionOfTheAcquisition_ClaimsNothing() => await RuleVerifier.CheckStatements("""
        bool entered = false;
        GlobalInterpreterLock.Scope scope = default;
        if (Flag)
        {
            scope = gil.EnterScope();
            entered = true;
        }
        Work();
        if (entered)
            scope.Dispose();
        """);

    [TestMethod]
    public async Task Variable_Overwritten_WhileItStillHolds_IsAnError() => await RuleVerifier.CheckStatements("""
        var lease = {|GIL004:handle.Borrow()|};
        lease = handle.Borrow();
        lease.Dispose();
        """);

    [TestMethod]
    public async Task Variable_ReusedAfterDispose_IsFine() => await RuleVerifier.CheckStatements("""
        var lease = handle.Borrow();
        while (Flag)
        {
            lease.Dispose();
            lease = handle.Borrow();
        }
        lease.Dispose();
        """);

    [TestMethod]
    public async Task Reference_GivenAway_ClaimsNothing() => await RuleVerifier.CheckMembers("""
        private static void Finish(ref RefCounted<List<int>>.Lease lease) => lease.Dispose();

        public void Method()
        {
            var lease = handle.Borrow();
            Finish(ref lease);
        }
        """);

    [TestMethod]
    public async Task LambdasAndLocalFunctions_AreFollowedToo() => await RuleVerifier.CheckStatements("""
        Action lambda = () =>
        {
            var scope = {|GIL004:gil.EnterScope()|};
            if (Flag)
                return;
            scope.Dispose();
        };
        void Local()
        {
            var lease = {|GIL004:handle.Borrow()|};
            if (Flag)
                return;
            lease.Dispose();
        }
        lambda();
        Local();
        """);

    [TestMethod]
    public async Task AsyncMethod_ScopeBetweenAwaits_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        await Task.Yield();
        using (gil.EnterScope())
            Work();
        await Task.Yield();
        """);

    [TestMethod]
    public async Task Forwarding_IsFine() => await RuleVerifier.CheckTypes("""
        public sealed class Wrapper(GlobalInterpreterLock gil)
        {
            public GlobalInterpreterLock.Scope Enter() => gil.EnterScope();

            public GlobalInterpreterLock.Scope EnterEither(GlobalInterpreterLock other) => other is null ? gil.EnterScope() : other.EnterScope();

            public GlobalInterpreterLock.Scope EnterLogged()
            {
                var scope = gil.EnterScope();
                Console.WriteLine("entered");
                return scope;
            }
        }
        """);
}
