using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>
/// GIL001, GIL002, GIL003: a lease, guard or scope stays in the variable that received it.
/// Each is a token that is given back once; of two copies the second would give back what somebody else holds by then.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ScopeCopyAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.ScopeIsCopied, Rules.ScopeIsPassedByValue, Rules.ScopeIsStored];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            KnownTypes known = KnownTypes.Of(start.Compilation);
            if (known.Lock is null && known.Handle is null)
                return;
            start.RegisterOperationAction(
                operation => CheckUse(operation, known),
                OperationKind.LocalReference, OperationKind.ParameterReference, OperationKind.FieldReference,
                OperationKind.PropertyReference, OperationKind.Invocation);
            start.RegisterSymbolAction(symbol => CheckField(symbol, (IFieldSymbol)symbol.Symbol, known), SymbolKind.Field);
            start.RegisterSymbolAction(symbol => CheckProperty(symbol, known), SymbolKind.Property);
        });
    }

    private static void CheckUse(OperationAnalysisContext context, KnownTypes known)
    {
        IOperation operation = context.Operation;
        if (!known.IsScope(operation.Type))
            return;
        IOperation operand = operation;
        IOperation? consumer = ValueFlow.Consumer(ref operand);

        if (consumer is IArgumentOperation { Parameter: { RefKind: RefKind.None } parameter })
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeIsPassedByValue, operation.Syntax.GetLocation(), operation.Type!.Name, parameter.Name));
        else if (ValueFlow.IsVariable(operation) && Copies(consumer, operand, operation, context.ContainingSymbol))
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeIsCopied, operation.Syntax.GetLocation(), operation.Type!.Name));
    }

    private static bool Copies(IOperation? consumer, IOperation operand, IOperation variable, ISymbol containing) => consumer switch
    {
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol.RefKind == RefKind.None,
        ISimpleAssignmentOperation assignment => assignment.Value == operand && !assignment.IsRef,
        IWithOperation => true,
        // A local that is returned moves out; what a reference points to stays where it was.
        IReturnOperation => variable is IParameterReferenceOperation { Parameter.RefKind: not RefKind.None }
            && containing is IMethodSymbol { RefKind: RefKind.None },
        _ => false,
    };

    private static void CheckField(SymbolAnalysisContext context, IFieldSymbol field, KnownTypes known)
    {
        if (field.RefKind == RefKind.None && known.IsScope(field.Type))
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeIsStored, context.Symbol.Locations[0], context.Symbol.Name, field.Type.Name));
    }

    /// <summary>A property stores only if it is automatic; the field behind it is not announced by itself.</summary>
    private static void CheckProperty(SymbolAnalysisContext context, KnownTypes known)
    {
        var property = (IPropertySymbol)context.Symbol;
        if (!known.IsScope(property.Type))
            return;
        foreach (ISymbol member in property.ContainingType.GetMembers())
            if (member is IFieldSymbol field && KnownTypes.Same(field.AssociatedSymbol, property))
                CheckField(context, field, known);
    }
}
