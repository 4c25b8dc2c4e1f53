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
/// Nothing is generated for other programs. Under CoreCLR all other threads block on a module while its initializer runs, so that a
/// worker could run neither tasks nor parallel loops; those programs start workers in other ways.
/// </remarks>
[Generator(LanguageNames.CSharp)]
internal sealed class WorkerStartGenerator : IIncrementalGenerator
{
    public const string FileName = "GilSharp.WorkerStart.g.cs";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<bool> isNative = context.AnalyzerConfigOptionsProvider.Select(static (options, _) => IsPublishedNative(options.GlobalOptions));
        IncrementalValueProvider<bool> isProgram = context.CompilationProvider.Select(static (compilation, _) => IsProgram(compilation));
        IncrementalValueProvider<ImmutableArray<KeptMember>> kept = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => PoolCalls.MayBeOne(node), static (call, cancellation) => PoolCalls.Kept(call.Node, call.SemanticModel, cancellation))
            .SelectMany(static (members, _) => members)
            .Collect();

        // The text is the last step, and strings compare by value: an edit that changes no call changes nothing after it.
        IncrementalValueProvider<string?> source = isNative.Combine(isProgram).Combine(kept)
            .Select(static (input, _) => input.Left is (true, true) ? WorkerStartSource.Write(input.Right) : null)
            .WithTrackingName(nameof(WorkerStartSource));
        context.RegisterSourceOutput(source, static (output, text) =>
        {
            if (text is not null)
                output.AddSource(FileName, SourceText.From(text, Encoding.UTF8));
        });
    }

    private static bool IsPublishedNative(AnalyzerConfigOptions options) =>
        options.TryGetValue("build_property.PublishAot", out string? value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsProgram(Compilation compilation) =>
        compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication
        && compilation.GetTypeByMetadataName("GilSharp.ProcessPool") is { } pool
        && !KnownTypes.Same(pool.ContainingAssembly, compilation.Assembly);
}
