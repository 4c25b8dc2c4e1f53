using System.Collections.Immutable;
using GilSharp.Analyzers.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Locking;

/// <summary>
/// GIL006: no <c>await</c> between <c>Enter</c> and <c>Exit</c>. A scope across an await is refused by the compiler itself, being a ref
/// struct; the plain calls are not. Followed along the control flow from each Enter to the first Exit of the same lock.
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
            var reported = new HashSet<SyntaxNode>();
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

    private static void CheckGraph(OperationBlockAnalysisContext context, ControlFlowGraph graph, KnownTypes known, HashSet<SyntaxNode> reported)
    {
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in BlockExpressions.Of(block))
            {
                if (operation is not IInvocationOperation call || !IsEnter(call, known) || LockName(call.Instance) is not { } name)
                    continue;
                // The answer of TryEnter is followed only where the branch itself asks for it.
                bool conditional = call.TargetMethod.Name == "TryEnter";
                if (conditional && block.BranchValue != call)
                    continue;
                foreach (IAwaitOperation found in AwaitsBeforeExit(graph, block, call, conditional))
                    if (reported.Add(found.Syntax))
                        context.ReportDiagnostic(Diagnostic.Create(Rules.AwaitUnderLock, found.Syntax.GetLocation(), name));
            }
        }
    }

    private static IEnumerable<IAwaitOperation> AwaitsBeforeExit(ControlFlowGraph graph, BasicBlock start, IInvocationOperation enter, bool conditional)
    {
        var visited = new HashSet<int>();
        var open = new Stack<BasicBlock>();
        BasicBlock? block = start;
        bool passedEnter = false;
        do
        {
            bool exits = false;
            foreach (IOperation operation in BlockExpressions.Of(block))
            {
                if (block == start && !passedEnter)
                {
                    passedEnter = operation == enter;
                    continue;
                }
                if (operation is IInvocationOperation call && IsSameLock(call, enter) && call.TargetMethod.Name == "Exit")
                {
                    exits = true;
                    break;
                }
                if (operation is IAwaitOperation found)
                    yield return found;
            }
            if (!exits)
                PushSuccessors(graph, block, enter, conditional && block == start, visited, open);
            block = open.Count > 0 ? open.Pop() : null;
        }
        while (block is not null);
    }

    private static void PushSuccessors(
        ControlFlowGraph graph, BasicBlock block, IInvocationOperation enter, bool onlyWhenTrue, HashSet<int> visited, Stack<BasicBlock> open)
    {
        if (!onlyWhenTrue || block.ConditionKind == ControlFlowConditionKind.WhenTrue)
            Push(block.ConditionalSuccessor);
        if (!onlyWhenTrue || block.ConditionKind == ControlFlowConditionKind.WhenFalse)
            Push(block.FallThroughSuccessor);

        void Push(ControlFlowBranch? branch)
        {
            if (branch?.Destination is not { } destination)
                return;
            foreach (ControlFlowRegion region in branch.FinallyRegions)
                if (Exits(graph, region, enter))
                    return;
            if (visited.Add(destination.Ordinal))
                open.Push(destination);
        }
    }

    private static bool Exits(ControlFlowGraph graph, ControlFlowRegion region, IInvocationOperation enter)
    {
        for (int i = region.FirstBlockOrdinal; i <= region.LastBlockOrdinal; i++)
            foreach (IOperation operation in BlockExpressions.Of(graph.Blocks[i]))
                if (operation is IInvocationOperation { TargetMethod.Name: "Exit" } call && IsSameLock(call, enter))
                    return true;
        return false;
    }

    private static bool IsEnter(IInvocationOperation call, KnownTypes known) =>
        call.TargetMethod.Name is "Enter" or "TryEnter" && known.IsLock(call.TargetMethod.ContainingType);

    private static bool IsSameLock(IInvocationOperation one, IInvocationOperation other) =>
        KnownTypes.Same(one.TargetMethod.ContainingType, other.TargetMethod.ContainingType)
        && LockVariable(one.Instance) is { } variable && KnownTypes.Same(variable, LockVariable(other.Instance));

    private static string? LockName(IOperation? instance) => LockVariable(instance)?.Name;

    /// <summary>The variable that names the lock. A field counts by its name alone: one of another object would be a very unlucky coincidence.</summary>
    private static ISymbol? LockVariable(IOperation? instance) => instance switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IMemberReferenceOperation member => member.Member,
        _ => null,
    };
}
