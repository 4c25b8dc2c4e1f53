using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Processes;

/// <summary>A variable of the surrounding method, or a field of <c>this</c>, at its first use inside a function.</summary>
internal sealed class Capture
{
    public Capture(ISymbol symbol, ITypeSymbol type, Location location, bool isAssigned)
    {
        Symbol = symbol;
        Type = type;
        Location = location;
        IsAssigned = isAssigned;
    }

    public ISymbol Symbol { get; }

    public ITypeSymbol Type { get; }

    public Location Location { get; }

    public bool IsAssigned { get; }
}

/// <summary>
/// The captured variables of a lambda or local function, each once for reading and once for assigning: those that its own code
/// mentions, also through nested lambdas and through local functions that it calls, whatever else shares the compiler's closure object.
/// </summary>
internal static class Captures
{
    public static IEnumerable<Capture> Of(IOperation function)
    {
        var reported = new HashSet<(ISymbol, bool)>();
        var open = new Queue<IOperation>();
        var seen = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default);

        if (function is IAnonymousFunctionOperation lambda)
        {
            _ = seen.Add(lambda.Symbol);
            open.Enqueue(lambda);
        }
        else if (function is IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } local } && Body(function, local) is { } body)
        {
            _ = seen.Add(local);
            open.Enqueue(body);
        }

        while (open.Count > 0)
        {
            foreach (IOperation operation in open.Dequeue().Descendants())
            {
                if (operation is IInvocationOperation { TargetMethod: var called }
                    && called.MethodKind == MethodKind.LocalFunction && seen.Add(called.OriginalDefinition) && Body(function, called.OriginalDefinition) is { } calledBody)
                    open.Enqueue(calledBody);
                if (Mentioned(operation) is not { } mention || IsDeclaredInside(mention.Symbol, seen))
                    continue;
                bool assigned = mention.Symbol is not IFieldSymbol && IsAssigned(operation);
                if (reported.Add((mention.Symbol, assigned)))
                    yield return new Capture(mention.Symbol, mention.Type, operation.Syntax.GetLocation(), assigned);
            }
        }
    }

    private static (ISymbol Symbol, ITypeSymbol Type)? Mentioned(IOperation operation) => operation switch
    {
        { Parent: INameOfOperation } => null,
        ILocalReferenceOperation { Local: { IsConst: false } local } => (local, local.Type),
        IParameterReferenceOperation { Parameter: var parameter } => (parameter, parameter.Type),
        IFieldReferenceOperation { Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }, Field: var field }
            => (field, field.Type),
        _ => null,
    };

    /// <summary>A variable belongs to the function if its declaring method is one that travels with it, or is nested in one.</summary>
    private static bool IsDeclaredInside(ISymbol symbol, HashSet<IMethodSymbol> travelling)
    {
        if (symbol is IFieldSymbol)
            return false;
        for (ISymbol? container = symbol.ContainingSymbol; container is IMethodSymbol method; container = container.ContainingSymbol)
            if (travelling.Contains(method.OriginalDefinition))
                return true;
        return false;
    }

    private static bool IsAssigned(IOperation reference)
    {
        IOperation mention = reference;
        while (mention.Parent is ITupleOperation)
            mention = mention.Parent;
        return mention.Parent switch
        {
            IAssignmentOperation assignment => assignment.Target == mention,
            IIncrementOrDecrementOperation => true,
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
            _ => false,
        };
    }

    private static IOperation? Body(IOperation from, IMethodSymbol local)
    {
        IOperation root = from;
        while (root.Parent is not null)
            root = root.Parent;
        foreach (IOperation operation in root.Descendants())
            if (operation is ILocalFunctionOperation declared && KnownTypes.Same(declared.Symbol, local.OriginalDefinition))
                return declared;
        return null;
    }
}
