using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Processes;

/// <summary>
/// GIL007 and GIL008: what the library refuses when a function is sent to a worker, said when it is compiled.
/// Seen are lambdas, local functions and methods of an object that are written directly in the call.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class WorkerFunctionAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.FunctionAssignsCapturedLocal, Rules.CaptureCannotTravel];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            KnownTypes known = KnownTypes.Of(start.Compilation);
            if (known.Pool is null)
                return;
            var untravelled = UntravelledTypes.Of(start.Compilation);
            start.RegisterOperationAction(operation => CheckCall(operation, known, untravelled), OperationKind.Invocation);
            start.RegisterOperationAction(operation => CheckOption(operation, known, untravelled), OperationKind.SimpleAssignment);
        });
    }

    private static void CheckCall(OperationAnalysisContext context, KnownTypes known, UntravelledTypes untravelled)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!known.IsPool(call.TargetMethod.ContainingType))
            return;
        foreach (IArgumentOperation argument in call.Arguments)
            if (argument.Parameter is { Type.TypeKind: TypeKind.Delegate })
                CheckFunction(context, argument.Value, call.TargetMethod.Name, untravelled);
    }

    /// <summary><c>Initializer</c> and <c>WorkerExiting</c> are sent as calls are.</summary>
    private static void CheckOption(OperationAnalysisContext context, KnownTypes known, UntravelledTypes untravelled)
    {
        var assignment = (ISimpleAssignmentOperation)context.Operation;
        if (assignment.Target is IPropertyReferenceOperation { Property: { Type.TypeKind: TypeKind.Delegate } property }
            && KnownTypes.Same(property.ContainingType, known.PoolOptions))
            CheckFunction(context, assignment.Value, property.Name, untravelled);
    }

    private static void CheckFunction(OperationAnalysisContext context, IOperation value, string taker, UntravelledTypes untravelled)
    {
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        if (value is not IDelegateCreationOperation creation)
            return;

        if (creation.Target is IMethodReferenceOperation { Instance: { } target } && target is not IInstanceReferenceOperation
            && untravelled.WayOut(target.Type) is { } wayOut)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.CaptureCannotTravel, target.Syntax.GetLocation(), taker, target.Syntax.ToString(), Display(target.Type!), wayOut));
        }

        foreach (Capture capture in Captures.Of(creation.Target))
        {
            if (capture.IsAssigned)
                context.ReportDiagnostic(Diagnostic.Create(Rules.FunctionAssignsCapturedLocal, capture.Location, taker, capture.Symbol.Name));
            else if (untravelled.WayOut(capture.Type) is { } otherWay)
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.CaptureCannotTravel, capture.Location, taker, capture.Symbol.Name, Display(capture.Type), otherWay));
        }
    }

    private static string Display(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
