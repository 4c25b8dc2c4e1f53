using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;

namespace GilSharp.Tests.Processes;

/// <summary>Each shape that a function can have, in a worker: arguments in their order, the call's own token behind them, awaited if it is to be.</summary>
[TestClass]
public sealed class FunctionShapeTests : PoolTest
{
    private static ProcessPool s_pool = null!;
    private static string s_did = ""; // in the worker: what an action did last

    [ClassInitialize]
    public static void MakePool(TestContext context) => s_pool = new ProcessPool(1);

    [ClassCleanup]
    public static void EndPool() => s_pool.Dispose();

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Functions_WithATrailingToken_GetTheCallsOwn()
    {
        Assert.AreEqual("1 own", await s_pool.ApplyAsync((int a, CancellationToken token) => $"{a} {Own(token)}", 1));
        Assert.AreEqual("1 b own", await s_pool.ApplyAsync((int a, string b, CancellationToken token) => $"{a} {b} {Own(token)}", 1, "b"));
        Assert.AreEqual("1 b 3 own", await s_pool.ApplyAsync((int a, string b, long c, CancellationToken token) => $"{a} {b} {c} {Own(token)}", 1, "b", 3L));
        Assert.AreEqual("1 b 3 True own", await s_pool.ApplyAsync((int a, string b, long c, bool d, CancellationToken token) => $"{a} {b} {c} {d} {Own(token)}", 1, "b", 3L, true));
        Assert.AreEqual("1 b 3 d own", s_pool.Apply((int a, string b, long c, char d, CancellationToken token) => $"{a} {b} {c} {d} {Own(token)}", 1, "b", 3L, 'd'));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Actions_GetTheirArgumentsInOrder()
    {
        await s_pool.ApplyAsync((int a, string b, long c) => Do($"{a} {b} {c}"), 1, "b", 3L);
        Assert.AreEqual("1 b 3", await Did());
        await s_pool.ApplyAsync((int a, string b, long c, char d) => Do($"{a} {b} {c} {d}"), 1, "b", 3L, 'd');
        Assert.AreEqual("1 b 3 d", await Did());
        s_pool.Apply((string a, int b, char c, long d) => Do($"{a} {b} {c} {d}"), "a", 2, 'c', 4L);
        Assert.AreEqual("a 2 c 4", await Did());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Actions_WithATrailingToken_GetTheCallsOwn()
    {
        await s_pool.ApplyAsync((CancellationToken token) => Do(Own(token)));
        Assert.AreEqual("own", await Did());
        await s_pool.ApplyAsync((int a, string b, CancellationToken token) => Do($"{a} {b} {Own(token)}"), 1, "b");
        Assert.AreEqual("1 b own", await Did());
        await s_pool.ApplyAsync((int a, string b, long c, CancellationToken token) => Do($"{a} {b} {c} {Own(token)}"), 1, "b", 3L);
        Assert.AreEqual("1 b 3 own", await Did());
        await s_pool.ApplyAsync((int a, string b, long c, char d, CancellationToken token) => Do($"{a} {b} {c} {d} {Own(token)}"), 1, "b", 3L, 'd');
        Assert.AreEqual("1 b 3 d own", await Did());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AsyncFunctions_GetTheirArgumentsInOrder_AndAreAwaited()
    {
        Assert.AreEqual("1 b", await s_pool.ApplyAsync(async (int a, string b) => await Later($"{a} {b}"), 1, "b"));
        Assert.AreEqual("1 b 3", await s_pool.ApplyAsync(async (int a, string b, long c) => await Later($"{a} {b} {c}"), 1, "b", 3L));
        Assert.AreEqual("1 b 3 d", await s_pool.ApplyAsync(async (int a, string b, long c, char d) => await Later($"{a} {b} {c} {d}"), 1, "b", 3L, 'd'));
        Assert.AreEqual("1 b own", await s_pool.ApplyAsync(async (int a, string b, CancellationToken token) => await Later($"{a} {b} {Own(token)}"), 1, "b"));
        Assert.AreEqual("1 b 3 own", await s_pool.ApplyAsync(async (int a, string b, long c, CancellationToken token) => await Later($"{a} {b} {c} {Own(token)}"), 1, "b", 3L));
        Assert.AreEqual("1 b 3 d own", await s_pool.ApplyAsync(async (int a, string b, long c, char d, CancellationToken token) => await Later($"{a} {b} {c} {d} {Own(token)}"), 1, "b", 3L, 'd'));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task AsyncActions_GetTheirArgumentsInOrder_AndAreAwaited()
    {
        await s_pool.ApplyAsync(async (int a, string b) => Do(await Later($"{a} {b}")), 1, "b");
        Assert.AreEqual("1 b", await Did());
        await s_pool.ApplyAsync(async (int a, string b, long c) => Do(await Later($"{a} {b} {c}")), 1, "b", 3L);
        Assert.AreEqual("1 b 3", await Did());
        await s_pool.ApplyAsync(async (int a, string b, long c, char d) => Do(await Later($"{a} {b} {c} {d}")), 1, "b", 3L, 'd');
        Assert.AreEqual("1 b 3 d", await Did());
        await s_pool.ApplyAsync(async (int a, string b, CancellationToken token) => Do(await Later($"{a} {b} {Own(token)}")), 1, "b");
        Assert.AreEqual("1 b own", await Did());
        await s_pool.ApplyAsync(async (int a, string b, long c, CancellationToken token) => Do(await Later($"{a} {b} {c} {Own(token)}")), 1, "b", 3L);
        Assert.AreEqual("1 b 3 own", await Did());
        await s_pool.ApplyAsync(async (int a, string b, long c, char d, CancellationToken token) => Do(await Later($"{a} {b} {c} {d} {Own(token)}")), 1, "b", 3L, 'd');
        Assert.AreEqual("1 b 3 d own", await Did());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task FunctionOfAPlugIn_LoadedByPath_RunsInTheWorker()
    {
        using MeetingPlace place = new();
        string path = Path.Combine(place.Folder, "PlugIn.Of.Shapes.dll");
        WritePlugIn(path);
        AssemblyLoadContext context = new("plug-in", isCollectible: true);
        Type type = context.LoadFromAssemblyPath(path).GetType("PlugIn")!;
        Func<int, int> function = type.GetMethod("Twice")!.CreateDelegate<Func<int, int>>();

        Assert.AreEqual(42, await InTime(s_pool.ApplyAsync(function, 21)));
        Assert.AreSequenceEqual([2, 4, 6], await InTime(s_pool.MapAsync(function, [1, 2, 3])));
        context.Unload();
    }

    private static string Own(CancellationToken token) => token == WorkerContext.CancellationToken ? "own" : "another";

    private static void Do(string what) => s_did = what;

    private static Task<string> Did() => s_pool.ApplyAsync(static () => s_did);

    private static async Task<string> Later(string value)
    {
        await Task.Yield();
        return value;
    }

    private static void WritePlugIn(string path)
    {
        PersistedAssemblyBuilder assembly = new(new AssemblyName("PlugIn.Of.Shapes"), typeof(object).Assembly);
        TypeBuilder type = assembly.DefineDynamicModule("PlugIn.Of.Shapes").DefineType("PlugIn", TypeAttributes.Public | TypeAttributes.Class);
        ILGenerator il = type.DefineMethod("Twice", MethodAttributes.Public | MethodAttributes.Static, typeof(int), [typeof(int)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4_2);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Ret);
        type.CreateType();
        assembly.Save(path);
    }
}
