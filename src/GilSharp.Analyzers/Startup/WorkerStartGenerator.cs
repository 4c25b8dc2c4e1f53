using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GilSharp.Analyzers.Startup;

/// <summary>
/// Lets a NativeAOT program start its own workers. Its executable is the only thing that a worker can be started from, so a module
/// initializer turns the new process into a worker before Main; and functions are found by name there, so that what the pool is
/// given keeps its name and its fields through trimming.
/// </summary>
/// <remarks>
/// A library that says it is compatible with NativeAOT keeps the names of its own functions. Nothing is generated for others. Under CoreCLR all other threads block on a module while its initializer runs, so that a
/// worker could run neither tasks nor parallel loops; those programs start workers in other ways.
/// </remarks>
[Generator(LanguageNames.CSharp)]
internal sealed class WorkerStartGenerator : IIncrementalGenerator
{
    public const string FileName = "GilSharp.WorkerStart.g.cs";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<StartKind> kind = context.AnalyzerConfigOptionsProvider.Combine(context.CompilationProvider)
            .Select(static (input, _) => KindOf(input.Left.GlobalOptions, input.Right));
        IncrementalValueProvider<ImmutableArray<KeptMember>> kept = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => PoolCalls.MayBeOne(node), static (call, cancellation) => PoolCalls.Kept(call.Node, call.SemanticModel, cancellation))
            .SelectMany(static (members, _) => members)
            .Collect();

        // The text is the last step, and strings compare by value: an edit that changes no call changes nothing after it.
        IncrementalValueProvider<string?> source = kind.Combine(kept)
            .Select(static (input, _) => WorkerStartSource.Write(input.Left, input.Right))
            .WithTrackingName(nameof(WorkerStartSource));
        context.RegisterSourceOutput(source, static (output, text) =>
        {
            if (text is not null)
                output.AddSource(FileName, SourceText.From(text, Encoding.UTF8));
        });
    }

    private static StartKind KindOf(AnalyzerConfigOptions options, Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName("GilSharp.ProcessPool") is not { } pool || KnownTypes.Same(pool.ContainingAssembly, compilation.Assembly))
            return StartKind.Other;
        return compilation.Options.OutputKind switch
        {
            OutputKind.ConsoleApplication or OutputKind.WindowsApplication when IsTrue("PublishAot") => StartKind.NativeProgram,
            OutputKind.DynamicallyLinkedLibrary when IsTrue("IsAotCompatible") => StartKind.LibraryForNativePrograms,
            _ => StartKind.Other,
        };

        bool IsTrue(string property) =>
            options.TryGetValue("build_property." + property, out string? value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
    }
}
