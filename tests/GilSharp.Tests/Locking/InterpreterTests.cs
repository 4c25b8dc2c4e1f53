using EmbeddedInterpreters;
using Jint;
using static GilSharp.Tests.Locking.LockTesting;

namespace GilSharp.Tests.Locking;

/// <summary>Real interpreters that are not thread-safe, under the lock.</summary>
[TestClass]
public sealed class InterpreterTests
{
    private const int Threads = 8;

    [TestMethod]
    [Timeout(120_000)]
    public void Jint_EightThreadsInOneEngine_ResultsAreExact()
    {
        var javaScript = new JavaScript();
        int calls = 200 * Effort;
        Join([.. Enumerable.Range(0, Threads).Select(_ => OnThread(() =>
        {
            for (int i = 0; i < calls; i++)
            {
                javaScript.Count();
                if (i % 10 == 0)
                    javaScript.CountAsync().GetAwaiter().GetResult();
            }
        }))]);
        Assert.AreEqual(Threads * (calls + calls / 10), javaScript.Counter);
    }

    [TestMethod]
    [Timeout(120_000)]
    public void Jint_WithoutTheLock_Breaks()
    {
        // The same workload, and what the lock is for: calls that fail, or counts that are lost.
        bool broke = false;
        for (int attempt = 0; attempt < 50 && !broke; attempt++)
        {
            Engine engine = new Engine().Execute("var counter = 0; function count() { for (var i = 0; i < 20; i++) counter = counter + 1; return counter; }");
            int failures = 0;
            using var start = new Barrier(Threads);
            Join([.. Enumerable.Range(0, Threads).Select(_ => OnThread(() =>
            {
                start.SignalAndWait();
                for (int i = 0; i < 500; i++)
                {
                    try
                    {
                        engine.Invoke("count");
                    }
                    catch (Exception)
                    {
                        Interlocked.Increment(ref failures);
                        return;
                    }
                }
            }))]);
            broke = failures > 0 || (int)engine.GetValue("counter").AsNumber() != Threads * 500 * 20;
        }

        Assert.IsTrue(broke, "an engine used by eight threads at once should not survive");
    }

    // Without the lock this one would take the test process down, since it is native code: it is not tried.
    [TestMethod]
    [Timeout(120_000)]
    public void Lua_EightScriptsInOneState_TheDebugHookIsTheCheckpoint()
    {
        using var lua = new LuaState();
        int n = 200_000;
        long[] sums = new long[Threads];
        Join([.. Enumerable.Range(0, Threads).Select(i => OnThread(() =>
            sums[i] = lua.Evaluate($"local sum = 0; for i = 1, {n} do sum = sum + i end; return sum")))]);
        CollectionAssert.AreEqual(Enumerable.Repeat((long)n * (n + 1) / 2, Threads).ToArray(), sums);

        // One that computes does not keep another out.
        Task computing = OnThread(() => lua.Evaluate("while not stop do end; return 0"));
        Until(() => lua.Evaluate("return 1") == 1, "another script runs beside one that does not end");
        lua.Evaluate("stop = true; return 0");
        Join(computing);
        Assert.IsGreaterThan(0, lua.ForcedSwitches);
        Assert.ThrowsExactly<InvalidOperationException>(() => lua.Evaluate("error('no')"));
    }
}
