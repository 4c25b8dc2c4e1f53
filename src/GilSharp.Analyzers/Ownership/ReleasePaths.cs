using GilSharp.Analyzers.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>
/// Walks the control flow graph from an acquisition and asks whether some path leaves the method without a release.
/// Explicit <c>throw</c> statements count as paths; exceptions that a call might throw do not, and where a <c>catch</c> of the
/// same method may receive the exception, nothing is claimed.
/// </summary>
internal sealed class ReleasePaths
{
    private readonly ControlFlowGraph _graph;
    private readonly ILocalSymbol _local;
    private readonly HashSet<int> _visited = [];

    private ReleasePaths(ControlFlowGraph graph, ILocalSymbol local)
    {
        _graph = graph;
        _local = local;
    }

    /// <summary>True if a path from the acquisition out of the method meets no release of the variable.</summary>
    public static bool SomeLeaks(ControlFlowGraph root, OwnedLocal owned)
    {
        foreach (ControlFlowGraph graph in NestedGraphs.Of(root))
            foreach (BasicBlock block in graph.Blocks)
                for (int i = 0; i < block.Operations.Length; i++)
                    if (Acquires(block.Operations[i], owned))
                        return new ReleasePaths(graph, owned.Symbol).Leaks(block, i + 1);
        return false;
    }

    private static bool Acquires(IOperation statement, OwnedLocal owned)
    {
        foreach (IOperation operation in statement.DescendantsAndSelf())
            if (operation is ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment
                && assignment.Syntax == owned.Assignment && KnownTypes.Same(target.Local, owned.Symbol))
                return true;
        return false;
    }

    private bool Leaks(BasicBlock start, int from)
    {
        var open = new Stack<BasicBlock>();
        if (!Follow(start, from, open))
            return true;
        while (open.Count > 0)
            if (!Follow(open.Pop(), 0, open))
                return true;
        return false;
    }

    /// <summary>Pushes what follows the block; false if a path ends here with the variable still owned.</summary>
    private bool Follow(BasicBlock block, int from, Stack<BasicBlock> open)
    {
        switch (FirstUse(block, from))
        {
            case LocalUse.Kind.Releases:
                return true;
            case LocalUse.Kind.Overwrites:
                return false;
            default:
                return block.Kind != BasicBlockKind.Exit
                    && Follow(block, block.ConditionalSuccessor, open) && Follow(block, block.FallThroughSuccessor, open);
        }
    }

    private bool Follow(BasicBlock source, ControlFlowBranch? branch, Stack<BasicBlock> open)
    {
        if (branch is null)
            return true;
        if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            return !ThrowLeaks(source);
        if (branch.Destination is not { } destination)
            return true;
        foreach (ControlFlowRegion region in branch.FinallyRegions)
            if (Releases(region))
                return true;
        if (_visited.Add(destination.Ordinal))
            open.Push(destination);
        return true;
    }

    private bool ThrowLeaks(BasicBlock source)
    {
        for (ControlFlowRegion? region = source.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } construct })
                continue;
            if (construct.Kind == ControlFlowRegionKind.TryAndCatch)
                return false;
            foreach (ControlFlowRegion sibling in construct.NestedRegions)
                if (sibling.Kind == ControlFlowRegionKind.Finally && Releases(sibling))
                    return false;
        }
        return true;
    }

    private bool Releases(ControlFlowRegion region)
    {
        for (int i = region.FirstBlockOrdinal; i <= region.LastBlockOrdinal; i++)
            if (FirstUse(_graph.Blocks[i], 0) == LocalUse.Kind.Releases)
                return true;
        return false;
    }

    private LocalUse.Kind FirstUse(BasicBlock block, int from)
    {
        foreach (IOperation operation in BlockExpressions.Of(block, from))
        {
            if (operation is not ILocalReferenceOperation reference || !KnownTypes.Same(reference.Local, _local))
                continue;
            // The value of the branch stands alone: returned or thrown it is handed on, as a condition it is only read.
            if (reference.Parent is null)
                return block.ConditionalSuccessor is null ? LocalUse.Kind.Releases : LocalUse.Kind.Reads;
            LocalUse.Kind use = LocalUse.Of(reference);
            if (use == LocalUse.Kind.Overwrites && reference.Parent is IAssignmentOperation assignment && Mentions(assignment.Value))
                return LocalUse.Kind.Releases;
            if (use != LocalUse.Kind.Reads)
                return use;
        }
        return LocalUse.Kind.Reads;
    }

    /// <summary>As in <c>handle = Wrap(handle)</c>, where the right side takes over what the variable had.</summary>
    private bool Mentions(IOperation value)
    {
        foreach (IOperation operation in value.DescendantsAndSelf())
            if (operation is ILocalReferenceOperation reference && KnownTypes.Same(reference.Local, _local)
                && LocalUse.Of(reference) == LocalUse.Kind.Releases)
                return true;
        return false;
    }
}
