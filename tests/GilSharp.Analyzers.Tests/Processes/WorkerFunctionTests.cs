namespace GilSharp.Analyzers.Tests.Processes;

/// <summary>GIL007 and GIL008.</summary>
[TestClass]
public sealed class WorkerFunctionTests
{
    [TestMethod]
    [DataRow("pool.Apply(x => {|GIL007:sum|} += x, 1);")]
    [DataRow("pool.Apply(x => { {|GIL007:sum|} = x; return x; }, 1);")]
    [DataRow("_ = pool.ApplyAsync(() => {|GIL007:sum|}++);")]
    [DataRow("_ = pool.ApplyAsync(() => int.TryParse(\"1\", out {|GIL007:sum|}));")]
    [DataRow("_ = pool.ApplyAsync(() => Interlocked.Increment(ref {|GIL007:sum|}));")]
    [DataRow("_ = pool.ApplyAsync(() => { (int a, {|GIL007:sum|}) = (1, 2); return a; });")]
    [DataRow("_ = pool.MapAsync(x => { Action add = () => {|GIL007:sum|} += x; add(); return x; }, new[] { 1 });")]
    [DataRow("_ = pool.ForEachAsync(x => {|GIL007:sum|} += x, new[] { 1 });")]
    [DataRow("_ = pool.With(new CallOptions()).ApplyAsync(async (int x) => { await Task.Yield(); {|GIL007:sum|} = x; return x; }, 1);")]
    [DataRow("_ = new ProcessPoolOptions { Initializer = () => {|GIL007:sum|} = 1 };")]
    public async Task CapturedLocal_Assigned_IsAWarning(string call) => await RuleVerifier.CheckStatements($$"""
        int sum = 0;
        {{call}}
        """);

    [TestMethod]
    public async Task CapturedLocal_AssignedByALocalFunction_IsAWarning() => await RuleVerifier.CheckStatements("""
        int calls = 0;
        int Twice(int x)
        {
            {|GIL007:calls|}++;
            return 2 * x;
        }
        pool.Apply(Twice, 1);
        pool.Apply(x => Twice(x), 1);
        """.Replace("pool.Apply(x => Twice(x), 1);", "", StringComparison.Ordinal));

    [TestMethod]
    public async Task CapturedLocal_AssignedThroughACalledLocalFunction_IsAWarning() => await RuleVerifier.CheckStatements("""
        int calls = 0;
        int Twice(int x) => {|GIL007:calls|} += x;
        pool.Apply(x => Twice(x), 1);
        """);

    [TestMethod]
    public async Task CapturedLocal_Read_IsFine() => await RuleVerifier.CheckStatements("""
        int factor = 2;
        var names = new List<string>();
        const int Offset = 3;
        pool.Apply(x => x * factor + names.Count + Offset, 1);
        pool.Apply(x => { int own = x; own += factor; for (int i = 0; i < x; i++) own++; return own; }, 1);
        pool.Apply(x => { int Local(int y) { x += y; return x; } return Local(1); }, 1);
        factor = 3;
        Work();
        """);

    [TestMethod]
    public async Task StaticMethod_IsFine() => await RuleVerifier.CheckMembers("""
        private static int Countdown(int n) => n;

        public async Task Method(CancellationToken token)
        {
            await pool.ApplyAsync(Countdown, 50_000_000, token);
            await pool.ApplyAsync(static (x, own) => own.IsCancellationRequested ? 0 : x, 1, token);
        }
        """);

    [TestMethod]
    [DataRow("Stream captured = Stream.Null;")]
    [DataRow("FileStream captured = File.OpenRead(\"x\");")]
    [DataRow("Task<int> captured = Task.FromResult(1);")]
    [DataRow("ValueTask captured = default;")]
    [DataRow("Thread captured = Thread.CurrentThread;")]
    [DataRow("CancellationToken captured = default;")]
    [DataRow("CancellationTokenSource captured = new();")]
    [DataRow("SemaphoreSlim captured = new(1);")]
    [DataRow("Mutex captured = new();")]
    [DataRow("Lock captured = new();")]
    [DataRow("GlobalInterpreterLock captured = new();")]
    [DataRow("RefCounted<List<int>> captured = handle;")]
    [DataRow("WeakRefCounted<List<int>> captured = handle.CreateWeak();")]
    [DataRow("Microsoft.Win32.SafeHandles.SafeFileHandle captured = null!;")]
    [DataRow("System.Net.Sockets.Socket captured = null!;")]
    [DataRow("StreamReader captured = null!;")]
    [DataRow("System.Diagnostics.Process captured = null!;")]
    [DataRow("PeriodicTimer captured = null!;")]
    [DataRow("WeakReference<string> captured = null!;")]
    [DataRow("System.Reflection.MethodInfo captured = null!;")]
    [DataRow("IntPtr captured = 1;")]
    [DataRow("nuint? captured = 1;")]
    [DataRow("Stream[] captured = [];")]
    [DataRow("ProcessPool captured = pool;")]
    public async Task CapturedVariable_ThatCannotTravel_IsAWarning(string declaration) => await RuleVerifier.CheckStatements($$"""
        {{declaration}}
        _ = pool.ApplyAsync(() => { Keep({|GIL008:captured|}); return captured.GetHashCode(); });
        """);

    [TestMethod]
    [DataRow("int[] captured = [];")]
    [DataRow("string captured = \"\";")]
    [DataRow("object captured = new();")]
    [DataRow("Func<int> captured = () => 1;")]
    [DataRow("Guid? captured = null;")]
    [DataRow("Type captured = typeof(int);")]
    [DataRow("Dictionary<string, List<Uri>> captured = [];")]
    [DataRow("IProgress<int> captured = new Progress<int>();")]
    public async Task CapturedVariable_ThatTravels_IsFine(string declaration) => await RuleVerifier.CheckStatements($$"""
        {{declaration}}
        _ = pool.ApplyAsync(() => { Keep(captured); return captured.GetHashCode(); });
        """);

    [TestMethod]
    public async Task Pointer_Captured_IsAWarning() => await RuleVerifier.CheckMembers("""
        public unsafe void Method(byte* data) => pool.Apply(x => {|GIL008:data|}[x], 1);
        """);

    [TestMethod]
    public async Task FieldOfThis_ThatCannotTravel_IsAWarning() => await RuleVerifier.CheckMembers("""
        private readonly int _factor = 2;

        public void Method() => pool.Apply(x => {|GIL008:handle|}.Count + x * _factor, 1);
        """);

    [TestMethod]
    public async Task MethodOfAnObject_ThatCannotTravel_IsAWarning() => await RuleVerifier.CheckStatements("""
        Stream stream = Stream.Null;
        var list = new List<int>();
        pool.Apply({|GIL008:stream|}.ReadByte);
        pool.Apply(list.IndexOf, 1);
        """);

    [TestMethod]
    public async Task LocalsOfTheFunction_AreNotCaptured() => await RuleVerifier.CheckStatements("""
        string path = "x";
        pool.Apply(x =>
        {
            using Stream stream = File.OpenRead(path);
            using var own = RefCounted.Create("value");
            Func<int> read = () => stream.ReadByte();
            return read() + own.Count + x;
        }, 1);
        """);

    [TestMethod]
    public async Task OtherVariables_OfTheSameClosure_DoNotCount() => await RuleVerifier.CheckStatements("""
        Stream log = Stream.Null;
        int factor = 2;
        Action flush = () => log.Flush();
        pool.Apply(x => x * factor, 1);
        flush();
        pool.Apply(x => nameof(log), 1);
        """);

    [TestMethod]
    public async Task FunctionsOfOtherLibraries_AreNotOurs() => await RuleVerifier.CheckStatements("""
        int sum = 0;
        Stream stream = Stream.Null;
        new List<int> { 1 }.ForEach(x => sum += x + stream.ReadByte());
        Parallel.For(0, 1, i => sum += i);
        """);

    [TestMethod]
    public async Task Message_NamesTheVariableAndTheWayOut()
    {
        var found = await RuleVerifier.Diagnose("""
            using GilSharp;
            public static class Program
            {
                public static int Run(ProcessPool pool, System.IO.FileStream log) => pool.Apply(x => log.ReadByte() + x, 1);
            }
            """);

        Assert.AreEqual(
            "The function given to 'Apply' captures 'log' of type 'FileStream', which cannot travel to another process; open it inside the function",
            found.Single().GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }
}
