namespace GilSharp.Analyzers.Tests.Locking;

/// <summary>GIL006.</summary>
[TestClass]
public sealed class AwaitUnderLockTests
{
    [TestMethod]
    public async Task Await_BetweenEnterAndExit_IsAWarning() => await RuleVerifier.CheckAsyncStatements("""
        gil.Enter();
        {|GIL006:await Task.Delay(1)|};
        gil.Exit();
        """);

    [TestMethod]
    public async Task Await_InTryBlock_IsAWarning() => await RuleVerifier.CheckAsyncStatements("""
        gil.Enter(token);
        try
        {
            if (Flag)
                Work();
            else
                {|GIL006:await Task.Delay(1)|};
        }
        finally
        {
            gil.Exit();
        }
        await Task.Delay(1);
        """);

    [TestMethod]
    public async Task Await_OutsideEnterAndExit_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        await Task.Delay(1);
        while (Flag)
        {
            gil.Enter();
            Work();
            gil.Exit();
            await Task.Delay(1);
        }
        """);

    [TestMethod]
    public async Task Await_WhereTryEnterSucceeded_IsAWarning_WhereItFailed_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        if (!gil.TryEnter())
        {
            await Task.Delay(1);
            return;
        }
        {|GIL006:await Task.Delay(2)|};
        gil.Exit();
        if (GlobalInterpreterLock.Shared.TryEnter(TimeSpan.FromSeconds(1)))
        {
            {|GIL006:await Task.Delay(3)|};
            GlobalInterpreterLock.Shared.Exit();
        }
        """);

    [TestMethod]
    public async Task Await_WithTheAnswerOfTryEnterInAVariable_ClaimsNothing() => await RuleVerifier.CheckAsyncStatements("""
        bool entered = gil.TryEnter();
        if (!entered)
            await Task.Delay(1);
        else
            gil.Exit();
        bool failed = !gil.TryEnter();
        if (failed)
            await Task.Delay(1);
        else
            gil.Exit();
        """);

    [TestMethod]
    public async Task Await_UnderAnotherLock_IsSeenForItself() => await RuleVerifier.CheckMembers("""
        public async Task Method(GlobalInterpreterLock other)
        {
            other.Enter();
            gil.Enter();
            other.Exit();
            {|GIL006:await Task.Yield()|};
            gil.Exit();
        }
        """);

    [TestMethod]
    public async Task AwaitForeach_AndAwaitUsing_AreAwaits() => await RuleVerifier.CheckMembers("""
        public async Task Each(IAsyncEnumerable<int> items)
        {
            gil.Enter();
            {|GIL006:await|} foreach (int item in items)
                Work();
            gil.Exit();
        }

        public async Task Using(IAsyncDisposable resource)
        {
            gil.Enter();
            {|GIL006:await|} using (resource)
                Work();
            gil.Exit();
        }
        """);

    [TestMethod]
    public async Task EnterInALambda_AwaitOutside_IsFine() => await RuleVerifier.CheckAsyncStatements("""
        Action enter = () => { gil.Enter(); Work(); gil.Exit(); };
        await Task.Run(enter);
        Func<Task> wrong = async () =>
        {
            gil.Enter();
            {|GIL006:await Task.Yield()|};
            gil.Exit();
        };
        await wrong();
        await gil.RunAsync(async () => { await Task.Yield(); return 1; });
        """);
}
