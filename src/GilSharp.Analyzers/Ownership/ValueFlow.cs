using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>Where the value of an expression goes, seen through conversions and conditional expressions.</summary>
internal static class ValueFlow
{
    /// <summary>The operation that takes the value; <paramref name="operand"/> becomes the part of it that carries the value.</summary>
    public static IOperation? Consumer(ref IOperation operand)
    {
        while (true)
        {
            switch (operand.Parent)
            {
                case IConversionOperation { Conversion.IsUserDefined: false }:
                case IConditionalOperation conditional when conditional.Condition != operand && conditional.Type is not null:
                case ISwitchExpressionArmOperation arm when arm.Value == operand:
                case ISwitchExpressionOperation @switch when @switch.Value != operand:
                case ICoalesceOperation:
                    operand = operand.Parent;
                    continue;
                default:
                    return operand.Parent;
            }
        }
    }

    /// <summary>True for an expression that makes a new value; false for one that names a variable, which still has it afterwards.</summary>
    public static bool IsFresh(IOperation operation) => operation switch
    {
        IInvocationOperation invocation => !invocation.TargetMethod.ReturnsByRef && !invocation.TargetMethod.ReturnsByRefReadonly,
        IPropertyReferenceOperation property => !property.Property.ReturnsByRef && !property.Property.ReturnsByRefReadonly,
        _ => false,
    };

    /// <summary>True for an expression that names a variable.</summary>
    public static bool IsVariable(IOperation operation) => operation switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation or IArrayElementReferenceOperation => true,
        IInvocationOperation or IPropertyReferenceOperation => !IsFresh(operation),
        _ => false,
    };

    /// <summary>The lambda or local function that the operation stands in, or null in the body of the method itself.</summary>
    public static IOperation? EnclosingFunction(IOperation operation)
    {
        for (IOperation? up = operation.Parent; up is not null; up = up.Parent)
            if (up is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return up;
        return null;
    }
}
