using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GilSharp.Tests.Locking;

/// <summary>What the compiler refuses, and what it must not refuse.</summary>
[TestClass]
public sealed class CompileTimeTests
{
    [TestMethod]
    [DataRow("gil.Run(async () => { await Task.Yield(); });")]
    [DataRow("gil.Run(async () => { await Task.Yield(); return 1; });")]
    [DataRow("gil.Run(() => Task.CompletedTask);")]
    [DataRow("gil.Run(() => Task.FromResult(1));")]
    [DataRow("gil.Run(() => default(ValueTask));")]
    [DataRow("gil.Run(() => new ValueTask<int>(1));")]
    [DataRow("gil.RunAsync(() => new ValueTask<int>(1));")]
    [DataRow("gil.RunAsync(() => default(ValueTask));")]
    public void AsyncFunctionsInTheWrongPlace_AreRefused_WithTheReason(string statement)
    {
        Diagnostic error = Errors(statement).Single();

        Assert.AreEqual("CS0619", error.Id, error.ToString());
        StringAssert.Contains(error.GetMessage(System.Globalization.CultureInfo.InvariantCulture), "RunAsync");
    }

    [TestMethod]
    [DataRow("Task t = gil.RunAsync(async () => { await Task.Yield(); });")]
    [DataRow("Task<int> t = gil.RunAsync(async () => { await Task.Yield(); return 1; });")]
    [DataRow("Task<int> t = gil.RunAsync(() => Task.FromResult(1));")]
    [DataRow("Task<int> t = gil.RunAsync(() => 1);")]
    [DataRow("Task t = gil.RunAsync(() => { });")]
    [DataRow("Task t = gil.RunAsync(() => Console.WriteLine(1), CancellationToken.None);")]
    [DataRow("int i = gil.Run(() => 1); gil.Run(() => { }); gil.Run(() => Console.WriteLine(1));")]
    [DataRow("gil.Run((Action)(() => throw new InvalidOperationException()));")]
    [DataRow("using (gil.EnterScope()) using (gil.ReleaseScope()) { }")]
    public void TheRest_Compiles(string statement) => Assert.IsEmpty(Errors(statement));

    [TestMethod]
    [DataRow("using (gil.EnterScope()) { await Task.Yield(); }")]
    [DataRow("using (gil.ReleaseScope()) { await Task.Yield(); }")]
    [DataRow("object scope = gil.EnterScope();")]
    [DataRow("var scope = gil.EnterScope(); Action a = () => scope.Dispose();")]
    public void AScope_CannotLeaveItsThread(string statement) => Assert.IsNotEmpty(Errors(statement));

    private static Diagnostic[] Errors(string statement)
    {
        string source =
            $$"""
            using System; using System.Threading; using System.Threading.Tasks; using GilSharp;
            class Program { static async Task Main() { var gil = new GlobalInterpreterLock(); {{statement}} await Task.CompletedTask; } }
            """;
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Append(typeof(GlobalInterpreterLock).Assembly.Location)
            .Distinct()
            .Select(path => MetadataReference.CreateFromFile(path));
        CSharpCompilation compilation = CSharpCompilation.Create("snippet", [CSharpSyntaxTree.ParseText(source)], references);
        // Emitted, since an await in the life of a ref struct is found that late.
        return [.. compilation.Emit(Stream.Null).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
    }
}
