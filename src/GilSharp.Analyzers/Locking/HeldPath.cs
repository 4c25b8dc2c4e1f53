using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using GilSharp.Analyzers.Flow;

namespace GilSharp.Analyzers.Locking;

/// <summary>The control flow from one Enter to the first Exit of the same lock on each path.</summary>
internal sealed class HeldPath
{
    private readonly ControlFlowGraph _graph;
    private readonly IInvocationOperation _enter;
    private readonly HashSet<int> _visited = [];
    private readonly Stack<BasicBlock> _open = new();
    private readonly List<IAwaitOperation> _awaits = [];

    public HeldPath(ControlFlowGraph graph, IInvocationOperation enter)
    {
        _graph = graph;
        _enter = enter;
    }

    /// <summary>
    /// The variable that names the lock. A field counts by its name alone: that the same method holds the same field of two objects
    /// is too rare to matter.
    /// </summary>
    public static ISymbol? LockVariable(IInvocationOperation call) => call.Instance switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IMemberReferenceOperation member => member.Member,
        _ => null,
    };

    public IReadOnlyList<IAwaitOperation> AwaitsFrom(BasicBlock start, bool onlyWhenTrue)
    {
        if (StillHeldAfter(BlockExpressions.Of(start).SkipWhile(operation => operation != _enter)))
            PushSuccessors(start, onlyWhenTrue);
        while (_open.Count > 0)
        {
            BasicBlock block = _open.Pop();
            if (StillHeldAfter(BlockExpressions.Of(block)))
                PushSuccessors(block, onlyWhenTrue: false);
        }
        return _awaits;
    }

    private void PushSuccessors(BasicBlock block, bool onlyWhenTrue)
    {
        if (!onlyWhenTrue || block.ConditionKind == ControlFlowConditionKind.WhenTrue)
            Push(block.ConditionalSuccessor);
        if (!onlyWhenTrue || block.ConditionKind == ControlFlowConditionKind.WhenFalse)
            Push(block.FallThroughSuccessor);
    }

    private void Push(ControlFlowBranch? branch)
    {
        if (branch?.Destination is not { } destination)
            return;
        foreach (ControlFlowRegion region in branch.FinallyRegions)
            for (int i = region.FirstBlockOrdinal; i <= region.LastBlockOrdinal; i++)
                if (!StillHeldAfter(BlockExpressions.Of(_graph.Blocks[i])))
                    return;
        if (_visited.Add(destination.Ordinal))
            _open.Push(destination);
    }

    private bool StillHeldAfter(IEnumerable<IOperation> operations)
    {
        foreach (IOperation operation in operations)
        {
            if (operation is IInvocationOperation { TargetMethod.Name: "Exit" } call && IsSameLock(call))
                return false;
            if (operation is IAwaitOperation found)
                _awaits.Add(found);
        }
        return true;
    }

    private bool IsSameLock(IInvocationOperation other) =>
        KnownTypes.Same(_enter.TargetMethod.ContainingType, other.TargetMethod.ContainingType)
        && LockVariable(_enter) is { } variable && KnownTypes.Same(variable, LockVariable(other));
}
