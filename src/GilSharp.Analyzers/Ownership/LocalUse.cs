using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>What one mention of a variable does to the duty of disposing of it.</summary>
internal static class LocalUse
{
    internal enum Kind
    {
        /// <summary>Reads through it; the duty stays.</summary>
        Reads,

        /// <summary>Disposes of it, or passes it on to somebody who may.</summary>
        Releases,

        /// <summary>Gives it another value; what it had before is out of reach.</summary>
        Overwrites,
    }

    public static Kind Of(ILocalReferenceOperation reference)
    {
        IOperation mention = reference;
        while (mention.Parent is IConversionOperation { Conversion.IsUserDefined: false } conversion)
            mention = conversion;

        switch (mention.Parent)
        {
            case IInvocationOperation call when call.Instance == mention:
                return call.TargetMethod.Name is "Dispose" or "DisposeAsync" ? Kind.Releases : Kind.Reads;
            case IMemberReferenceOperation member when member.Instance == mention && member is not IMethodReferenceOperation:
                return Kind.Reads;
            case IConditionalAccessOperation access when access.Operation == mention:
                return access.WhenNotNull is IInvocationOperation { TargetMethod.Name: "Dispose" or "DisposeAsync" } ? Kind.Releases : Kind.Reads;
            case ISimpleAssignmentOperation assignment when assignment.Target == mention && !assignment.IsRef:
                return Kind.Overwrites;
            case IBinaryOperation or IIsPatternOperation or IIsTypeOperation or INameOfOperation or IExpressionStatementOperation:
            case IDeclarationExpressionOperation:
                return Kind.Reads;
            default:
                return Kind.Releases;
        }
    }
}
