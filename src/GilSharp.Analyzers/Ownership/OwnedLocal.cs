using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>A local variable that received something to dispose of, and every mention of it in the method.</summary>
internal sealed class OwnedLocal
{
    public OwnedLocal(ILocalSymbol symbol, IOperation acquisition, SyntaxNode assignment)
    {
        Symbol = symbol;
        Acquisition = acquisition;
        Assignment = assignment;
    }

    public ILocalSymbol Symbol { get; }

    /// <summary>The expression that acquires; the diagnostic stands here.</summary>
    public IOperation Acquisition { get; }

    /// <summary>The declarator or assignment, by which the control flow graph's own operation is found again.</summary>
    public SyntaxNode Assignment { get; }

    /// <summary>
    /// True where the mentions do not tell who releases: the variable is captured by a lambda or local function, or is released under a
    /// condition that may well be "only if it was acquired". Nothing is reported then.
    /// </summary>
    public bool IsUndecided(IOperation body)
    {
        IOperation? home = ValueFlow.EnclosingFunction(Acquisition);
        foreach (IOperation operation in body.Descendants())
        {
            if (operation is not ILocalReferenceOperation reference || !KnownTypes.Same(reference.Local, Symbol))
                continue;
            if (ValueFlow.EnclosingFunction(reference) != home)
                return true;
            IOperation operand = reference;
            if (LocalUse.Of(reference) == LocalUse.Kind.Releases && ValueFlow.Consumer(ref operand) is not IReturnOperation && IsConditional(reference))
                return true;
        }
        return false;
    }

    /// <summary>True if anything at all disposes of the variable or passes it on.</summary>
    public bool IsReleasedSomewhere(IOperation body)
    {
        foreach (IOperation operation in body.Descendants())
            if (operation is ILocalReferenceOperation reference && KnownTypes.Same(reference.Local, Symbol)
                && !reference.IsDeclaration && LocalUse.Of(reference) == LocalUse.Kind.Releases)
                return true;
        return false;
    }

    private bool IsConditional(IOperation release)
    {
        IOperation below = release;
        for (IOperation? up = release.Parent; up is not null && !Contains(up, Acquisition); below = up, up = up.Parent)
        {
            bool conditional = up switch
            {
                IConditionalOperation branch => branch.Condition != below,
                IConditionalAccessOperation access => access.WhenNotNull == below,
                IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr } => true,
                ISwitchCaseOperation or ISwitchExpressionArmOperation or ILoopOperation or ICatchClauseOperation or ICoalesceOperation => true,
                _ => false,
            };
            if (conditional)
                return true;
        }
        return false;
    }

    private static bool Contains(IOperation outer, IOperation inner)
    {
        for (IOperation? up = inner; up is not null; up = up.Parent)
            if (up == outer)
                return true;
        return false;
    }
}
