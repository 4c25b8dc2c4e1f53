using System.Collections.Immutable;
using GilSharp.Analyzers.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Locking;

/// <summary>
/// GIL006: no <c>await</c> between <c>Enter</c> and <c>Exit</c>. A scope across an await is refused by the compiler itself, being a ref
/// struct; the plain calls are not.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class AwaitUnderLockAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.AwaitUnderLock];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            KnownTypes known = KnownTypes.Of(start.Compilation);
            if (known.Lock is not null)
                start.RegisterOperationBlockAction(block => CheckBlock(block, known));
        });
    }

    private static void CheckBlock(OperationBlockAnalysisContext context, KnownTypes known)
    {
        foreach (IOperation body in context.OperationBlocks)
        {
            if (!NeedsGraph(body, known))
                continue;
            var reported = new HashSet<Location>();
            foreach (ControlFlowGraph graph in NestedGraphs.Of(context.GetControlFlowGraph(body)))
                CheckGraph(context, graph, known, reported);
        }
    }

    private static bool NeedsGraph(IOperation body, KnownTypes known)
    {
        bool enters = false, awaits = false;
        foreach (IOperation operation in body.Descendants())
        {
            enters |= operation is IInvocationOperation call && IsEnter(call, known);
            awaits |= operation is IAwaitOperation or IForEachLoopOperation { IsAsynchronous: true }
                or IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true };
        }
        return enters && awaits;
    }

    private static void CheckGraph(OperationBlockAnalysisContext context, ControlFlowGraph graph, KnownTypes known, HashSet<Location> reported)
    {
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in BlockExpressions.Of(block))
            {
                if (operation is not IInvocationOperation call || !IsEnter(call, known) || HeldPath.LockVariable(call)?.Name is not { } name)
                    continue;
                // The answer of TryEnter is followed only where the branch itself asks for it.
                bool conditional = call.TargetMethod.Name == "TryEnter";
                if (conditional && block.BranchValue != call)
                    continue;
                foreach (IAwaitOperation found in new HeldPath(graph, call).AwaitsFrom(block, conditional))
                    if (Place(found.Syntax) is var place && reported.Add(place))
                        context.ReportDiagnostic(Diagnostic.Create(Rules.AwaitUnderLock, place, name));
            }
        }
    }

    /// <summary>The awaiting expression, or of an <c>await foreach</c> and <c>await using</c> its first word.</summary>
    private static Location Place(SyntaxNode awaiting) =>
        awaiting is AwaitExpressionSyntax ? awaiting.GetLocation() : awaiting.FirstAncestorOrSelf<StatementSyntax>()!.GetFirstToken().GetLocation();

    private static bool IsEnter(IInvocationOperation call, KnownTypes known) =>
        call.TargetMethod.Name is "Enter" or "TryEnter" && known.IsLock(call.TargetMethod.ContainingType);
}
