using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Flow;

/// <summary>The expressions of a basic block, those of its branch last.</summary>
internal static class BlockExpressions
{
    public static IEnumerable<IOperation> Of(BasicBlock block, int fromStatement = 0)
    {
        for (int i = fromStatement; i < block.Operations.Length; i++)
            foreach (IOperation operation in block.Operations[i].DescendantsAndSelf())
                yield return operation;
        if (block.BranchValue is not null)
            foreach (IOperation operation in block.BranchValue.DescendantsAndSelf())
                yield return operation;
    }
}
