using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace GilSharp.Analyzers.Flow;

/// <summary>The control flow graph of a method body and those of the lambdas and local functions in it.</summary>
internal static class NestedGraphs
{
    public static IEnumerable<ControlFlowGraph> Of(ControlFlowGraph root)
    {
        var open = new Stack<ControlFlowGraph>();
        open.Push(root);
        while (open.Count > 0)
        {
            ControlFlowGraph graph = open.Pop();
            yield return graph;
            foreach (IMethodSymbol local in graph.LocalFunctions)
                open.Push(graph.GetLocalFunctionControlFlowGraph(local));
            foreach (BasicBlock block in graph.Blocks)
                foreach (IOperation operation in BlockExpressions.Of(block))
                    if (operation is IFlowAnonymousFunctionOperation lambda)
                        open.Push(graph.GetAnonymousFunctionControlFlowGraph(lambda));
        }
    }
}
