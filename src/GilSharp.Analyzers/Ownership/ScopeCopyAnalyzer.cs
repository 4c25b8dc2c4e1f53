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
            start.RegisterSymbolAction(symbol => CheckField(symbol, known), SymbolKind.Field);
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

    private static void CheckField(SymbolAnalysisContext context, KnownTypes known)
    {
        var field = (IFieldSymbol)context.Symbol;
        if (field.RefKind != RefKind.None || !known.IsScope(field.Type))
            return;
        ISymbol declared = field.AssociatedSymbol ?? field;
        if (declared.Locations.Length > 0)
            context.ReportDiagnostic(Diagnostic.Create(Rules.ScopeIsStored, declared.Locations[0], declared.Name, field.Type.Name));
    }
}
