using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using GilSharp.Analyzers.Startup;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GilSharp.Analyzers.Tests.Startup;

/// <summary>What the package adds to a NativeAOT program, and that it adds nothing to any other.</summary>
[TestClass]
public sealed class WorkerStartGeneratorTests
{
    private const string Program = """
        using GilSharp;
        using var pool = new ProcessPool();
        pool.Apply(x => x + 1, 1);
        """;

    private const string Library = "public static class Library { public static int Run(GilSharp.ProcessPool pool) => pool.Apply(x => x, 1); }";

    [TestMethod]
    public void NativeProgram_GetsAModuleInitializer_ThatEntersTheWorker()
    {
        string? generated = Generate(Program, publishAot: "true");

        Assert.IsNotNull(generated);
        Assert.Contains("[global::System.Runtime.CompilerServices.ModuleInitializer]", generated);
        Assert.Contains("global::GilSharp.ProcessPool.RunWorkerIfRequested();", generated);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("false")]
    [DataRow(null)]
    public void OtherProgram_GetsNothing(string? publishAot) => Assert.IsNull(Generate(Program, publishAot));

    [TestMethod]
    public void Library_GetsNothing() => Assert.IsNull(Generate(Library, "true", OutputKind.DynamicallyLinkedLibrary));

    [TestMethod]
    public void LibraryForNativePrograms_KeepsItsFunctions_AndStartsNothing()
    {
        string? generated = Generate(Library, "false", OutputKind.DynamicallyLinkedLibrary, isAotCompatible: "true");

        Assert.IsNotNull(generated);
        Assert.Contains("All, \"Library\", \"App\"", generated);
        Assert.DoesNotContain("RunWorkerIfRequested", generated);
        Assert.IsNull(Generate("internal static class Unrelated;", "false", OutputKind.DynamicallyLinkedLibrary, isAotCompatible: "true"));
    }

    [TestMethod]
    public void KeptTypes_AreListed_ForTheLibraryToReadAtRunTime() => Assert.Contains(
        $"[assembly: global::System.Reflection.AssemblyMetadata(\"{WorkerStartSource.KeptKey}\", \"Program\")]", Generate(Program, "true")!);

    [TestMethod]
    public void ProgramWithoutThePool_GetsNothing()
    {
        CSharpCompilation compilation = RuleVerifier.Surface.RemoveAllSyntaxTrees()
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText("System.Console.WriteLine();"))
            .WithOptions(new CSharpCompilationOptions(OutputKind.ConsoleApplication));

        Assert.IsEmpty(Run(Driver("true"), compilation).GetRunResult().GeneratedTrees);
    }

    [TestMethod]
    [DataRow("pool.Apply(x => x + 1, 1);", "All, \"Program\", \"App\"")]
    [DataRow("int n = 1; pool.Apply(x => x + n, 1);", "All, \"Program\", \"App\"")]
    [DataRow("static int Twice(int x) => 2 * x; pool.Apply(Twice, 1);", "All, \"Program\", \"App\"")]
    [DataRow("pool.Apply(System.Math.Abs, 1);", "(\"Abs\", \"System.Math\", \"System.Private.CoreLib\")")]
    [DataRow("pool.Apply(Space.Outer<int>.Inner.Twice, 1);", "(\"Twice\", \"Space.Outer`1.Inner\", \"App\")")]
    [DataRow("pool.Apply(Space.Base.Same<int>, 1);", "(\"Same``1\", \"Space.Base\", \"App\")")]
    [DataRow("pool.Apply(new Space.Derived().Add, 1);", "All, \"Space.Derived\", \"App\"", "All, \"Space.Base\", \"App\"")]
    [DataRow("_ = pool.MapAsync(Space.Base.Make, new[] { 1 });", "(\"Make\", \"Space.Base\", \"App\")")]
    [DataRow("_ = pool.With(new()).ForEachAsync(x => { }, new[] { 1 });", "All, \"Program\", \"App\"")]
    [DataRow("ProcessPool? maybe = pool; _ = maybe?.ApplyAsync(x => x, 1);", "All, \"Program\", \"App\"")]
    [DataRow("System.Func<int, int> f = x => x; pool.Apply(f, 1);", "All, \"Program\", \"App\"")]
    [DataRow("_ = new ProcessPoolOptions { Initializer = Space.Base.Prepare };", "(\"Prepare\", \"Space.Base\", \"App\")")]
    [DataRow("var o = new ProcessPoolOptions(); o.WorkerExiting = () => { };", "All, \"Program\", \"App\"")]
    public void Function_KeepsItsName(string call, params string[] kept)
    {
        string generated = Generate($$"""
            using GilSharp;
            using var pool = new ProcessPool();
            {{call}}

            namespace Space
            {
                public class Base
                {
                    protected int Offset = 1;
                    public static int Make(int x) => x;
                    public static T Same<T>(T x) => x;
                    public static void Prepare() { }
                }

                public sealed class Derived : Base { public int Add(int x) => x + Offset; }

                public static class Outer<T>
                {
                    public static class Inner { public static int Twice(int x) => 2 * x; }
                }
            }
            """, "true")!;

        foreach (string member in kept)
            Assert.Contains(member, generated);
        Assert.AreEqual(kept.Length, generated.Split("DynamicDependency(").Length - 1, generated);
    }

    [TestMethod]
    [DataRow("GilSharp.IPayloadSerializer made = new Payloads(); _ = new GilSharp.ProcessPoolOptions { Serializer = made };", "Payloads", DisplayName = "declared here")]
    [DataRow("_ = new GilSharp.ProcessPoolOptions { Serializer = new Elsewhere.Derived<int>() };", "Elsewhere.Derived`1", "Elsewhere.Base", "Payloads", DisplayName = "assigned")]
    [DataRow("object made = new Elsewhere.Derived<int>(); _ = new GilSharp.ProcessPoolOptions { Serializer = (Elsewhere.Base)made };", "Elsewhere.Base", "Payloads", DisplayName = "assigned by a base class")]
    public void Serializer_IsKept(string statement, params string[] kept)
    {
        string generated = Generate($$"""
            {{statement}}

            internal sealed class Payloads : GilSharp.IPayloadSerializer
            {
                public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value) { }
                public T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload) => default!;
            }

            namespace Elsewhere
            {
                using IFromElsewhere = GilSharp.IPayloadSerializer;

                internal class Base : IFromElsewhere
                {
                    public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value) { }
                    public T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload) => default!;
                }

                internal sealed class Derived<T> : Base;
            }
            """, "true")!;

        foreach (string type in kept)
            Assert.Contains($"All, \"{type}\", \"App\"", generated);
        Assert.AreEqual(kept.Length, generated.Split("DynamicDependency(").Length - 1, generated);
    }

    [TestMethod]
    public void OneTypeWithManyCalls_IsKeptOnce_AndTheOrderIsStable()
    {
        const string Calls = "using GilSharp; var pool = new ProcessPool(); pool.Apply(x => x, 1); pool.Apply(x => x + 1, 1); pool.Apply(B.F, 1); pool.Apply(A.F, 1);"
            + " static class A { public static int F(int x) => x; } static class B { public static int F(int x) => x; }";

        string generated = Generate(Calls, "true")!;

        Assert.AreEqual(3, generated.Split("DynamicDependency(").Length - 1);
        Assert.IsLessThan(generated.IndexOf("\"B\"", StringComparison.Ordinal), generated.IndexOf("\"A\"", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Edit_ThatChangesNoCall_GeneratesNothingAnew()
    {
        CSharpCompilation compilation = Compilation(Program, OutputKind.ConsoleApplication);
        GeneratorDriver driver = Run(Driver("true"), compilation);

        driver = Run(driver, compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("internal static class Unrelated;")));

        ImmutableArray<IncrementalGeneratorRunStep> steps = driver.GetRunResult().Results.Single().TrackedSteps[nameof(WorkerStartSource)];
        Assert.IsTrue(steps.All(step => step.Outputs.All(output => output.Reason is IncrementalStepRunReason.Unchanged or IncrementalStepRunReason.Cached)));
    }

    private static string? Generate(string source, string? publishAot, OutputKind kind = OutputKind.ConsoleApplication, string? isAotCompatible = null)
    {
        CSharpCompilation compilation = Compilation(source, kind);
        GeneratorDriver driver = Driver(publishAot, isAotCompatible).RunGeneratorsAndUpdateCompilation(compilation, out Compilation updated, out _);

        Diagnostic[] wrong = [.. updated.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Select(diagnostic => diagnostic.ToString())));
        return driver.GetRunResult().GeneratedTrees.SingleOrDefault()?.ToString();
    }

    private static GeneratorDriver Run(GeneratorDriver driver, Compilation compilation) => driver.RunGenerators(compilation);

    /// <summary>The library stands in an assembly of its own, as it does for its users.</summary>
    private static CSharpCompilation Compilation(string source, OutputKind kind)
    {
        using var library = new MemoryStream();
        Assert.IsTrue(RuleVerifier.Surface.WithAssemblyName("GilSharp").Emit(library).Success);
        return CSharpCompilation.Create(
            "App",
            [CSharpSyntaxTree.ParseText(source)],
            RuleVerifier.Surface.References.Append(MetadataReference.CreateFromImage(library.ToArray())),
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static CSharpGeneratorDriver Driver(string? publishAot, string? isAotCompatible = null) => CSharpGeneratorDriver.Create(
        [new WorkerStartGenerator().AsSourceGenerator()],
        optionsProvider: new BuildProperties(publishAot, isAotCompatible),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private sealed class BuildProperties(string? publishAot, string? isAotCompatible) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Properties(publishAot, isAotCompatible);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Properties(string? publishAot, string? isAotCompatible) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
            {
                value = key switch
                {
                    "build_property.PublishAot" => publishAot,
                    "build_property.IsAotCompatible" => isAotCompatible,
                    _ => null,
                };
                return value is not null;
            }
        }
    }
}
