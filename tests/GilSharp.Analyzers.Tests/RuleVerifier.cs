using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GilSharp.Analyzers.Tests;

/// <summary>
/// Compiles a snippet against <see cref="PublicSurface"/>, runs every rule over it and compares with what the snippet marks:
/// <c>{|GIL001:expression|}</c> expects that diagnostic at exactly that place, and nothing is expected anywhere else.
/// </summary>
internal static partial class RuleVerifier
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading;
        using System.Threading.Tasks;
        using GilSharp;

        """;

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> Platform =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll")
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>The references and options of every compilation here, before a snippet is added.</summary>
    public static CSharpCompilation Surface { get; } = CSharpCompilation.Create(
        "Snippet",
        [CSharpSyntaxTree.ParseText(PublicSurface.Source, ParseOptions)],
        Platform,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    public static ImmutableArray<DiagnosticAnalyzer> AllRules { get; } =
        [.. typeof(Rules).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    /// <summary>Checks type declarations.</summary>
    public static async Task CheckTypes(string markedSource)
    {
        (string source, List<string> expected) = ReadMarks(Usings + markedSource);
        List<string> found = [.. (await Diagnose(source)).Select(diagnostic => Describe(diagnostic.Id, diagnostic.Location.SourceSpan, source))];

        CollectionAssert.AreEquivalent(expected, found, $"expected:\n{string.Join('\n', expected)}\nfound:\n{string.Join('\n', found)}\nin:\n{source}");
    }

    /// <summary>Checks members of a class that has a lock <c>gil</c>, a handle <c>handle</c> and a pool <c>pool</c>.</summary>
    public static Task CheckMembers(string markedMembers) => CheckTypes($$"""
        public sealed class Subject
        {
            private readonly GlobalInterpreterLock gil = new();
            private readonly RefCounted<List<int>> handle = RefCounted.Create(new List<int>());
            private readonly ProcessPool pool = new();
            private static bool Flag => Environment.TickCount > 0;
            private static void Work() { }
            private static void Keep(object? something) { }

            {{markedMembers}}
        }
        """);

    /// <summary>Checks the statements of a method.</summary>
    public static Task CheckStatements(string markedStatements) => CheckMembers($$"""
            public void Method()
            {
                {{markedStatements}}
            }
        """);

    /// <summary>Checks the statements of an async method.</summary>
    public static Task CheckAsyncStatements(string markedStatements) => CheckMembers($$"""
            public async Task Method(CancellationToken token)
            {
                {{markedStatements}}
                await Task.Yield();
            }
        """);

    /// <summary>The rules' findings in statements, types or both, as an example of the documentation has them.</summary>
    public static Task<ImmutableArray<Diagnostic>> DiagnoseProgram(string example) => Diagnose(Usings + example);

    /// <summary>The rules' findings in a source file that must itself compile.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Diagnose(string source)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, ParseOptions);
        CSharpCompilation compilation = Surface.AddSyntaxTrees(tree);
        if (tree.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any())
            compilation = compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication));
        Diagnostic[] errors = [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        Assert.IsEmpty(errors, $"The snippet does not compile:\n{string.Join('\n', errors.Select(error => error.ToString()))}\n{source}");

        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            onAnalyzerException: static (exception, analyzer, _) => throw new InvalidOperationException($"{analyzer} failed.", exception),
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false);
        return await new CompilationWithAnalyzers(compilation, AllRules, options).GetAnalyzerDiagnosticsAsync();
    }

    private static (string Source, List<string> Expected) ReadMarks(string marked)
    {
        var source = new StringBuilder();
        var open = new Stack<(string Id, int Start)>();
        var spans = new List<(string Id, TextSpan Span)>();
        int next = 0;
        foreach (Match mark in Marks().Matches(marked))
        {
            _ = source.Append(marked, next, mark.Index - next);
            next = mark.Index + mark.Length;
            if (mark.Groups["id"].Success)
            {
                open.Push((mark.Groups["id"].Value, source.Length));
            }
            else
            {
                (string id, int start) = open.Pop();
                spans.Add((id, TextSpan.FromBounds(start, source.Length)));
            }
        }
        string text = source.Append(marked, next, marked.Length - next).ToString();
        return (text, [.. spans.Select(span => Describe(span.Id, span.Span, text))]);
    }

    private static string Describe(string id, TextSpan span, string source) => $"{id} [{span.Start}..{span.End}) {source[span.Start..span.End]}";

    [GeneratedRegex(@"\{\|(?<id>GIL\d+):|\|\}")]
    private static partial Regex Marks();
}
