using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Ownership;

/// <summary>
/// GIL004 and GIL005: what was acquired is released on every path. A scope may come from any method, since nothing but a variable can
/// keep it; a handle counts as owned only where the library itself has just made it, since a method that returns one may own it still.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DisposalAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.ScopeIsNotDisposed, Rules.HandleIsNotDisposed];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            KnownTypes known = KnownTypes.Of(start.Compilation);
            if (known.Lock is not null || known.Handle is not null)
                start.RegisterOperationBlockAction(block => CheckBlock(block, known));
        });
    }

    private static void CheckBlock(OperationBlockAnalysisContext context, KnownTypes known)
    {
        foreach (IOperation body in context.OperationBlocks)
        {
            foreach (IOperation operation in body.Descendants())
            {
                if (ValueFlow.IsFresh(operation) && known.IsScope(operation.Type))
                    Check(context, body, operation, Rules.ScopeIsNotDisposed, operation.Type!.Name);
                else if (operation is IInvocationOperation call && MakesHandle(call, known))
                    Check(context, body, operation, Rules.HandleIsNotDisposed);
                else if (operation is IArgumentOperation { Parameter.RefKind: RefKind.Out, Parent: IInvocationOperation } argument && GivesHandle(argument, known))
                    CheckOut(context, body, argument);
            }
        }
    }

    private static bool MakesHandle(IInvocationOperation call, KnownTypes known) =>
        known.IsHandle(call.Type)
        && ((call.TargetMethod.Name == "Create" && KnownTypes.Same(call.TargetMethod.ContainingType, known.HandleFactory))
            || (call.TargetMethod.Name == "AddReference" && known.IsHandle(call.TargetMethod.ContainingType)));

    private static bool GivesHandle(IArgumentOperation argument, KnownTypes known) =>
        known.IsHandle(argument.Parameter!.Type)
        && argument.Parameter.ContainingSymbol is IMethodSymbol { Name: "TryAddReference" or "TryGetReference" } method
        && (known.IsHandle(method.ContainingType) || KnownTypes.Same(method.ContainingType.OriginalDefinition, known.WeakHandle));

    private static void Check(OperationBlockAnalysisContext context, IOperation body, IOperation acquisition, DiagnosticDescriptor rule, params object[] arguments)
    {
        if (IsLost(context, body, acquisition))
            context.ReportDiagnostic(Diagnostic.Create(rule, acquisition.Syntax.GetLocation(), arguments));
    }

    private static bool IsLost(OperationBlockAnalysisContext context, IOperation body, IOperation acquisition)
    {
        IOperation operand = acquisition;
        switch (ValueFlow.Consumer(ref operand))
        {
            case IExpressionStatementOperation:
            case ISimpleAssignmentOperation { Target: IDiscardOperation }:
                return true;
            case IInvocationOperation call when call.Instance == operand:
                return call.TargetMethod.Name is not ("Dispose" or "DisposeAsync");
            case IPropertyReferenceOperation or IFieldReferenceOperation:
                return true;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } when !IsUsing(declarator):
                return Leaks(context, body, new OwnedLocal(declarator.Symbol, acquisition, declarator.Syntax));
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target, IsRef: false } assignment:
                return Leaks(context, body, new OwnedLocal(target.Local, acquisition, assignment.Syntax));
            default:
                return false;
        }
    }

    private static bool Leaks(OperationBlockAnalysisContext context, IOperation body, OwnedLocal owned)
    {
        if (owned.Symbol.RefKind != RefKind.None || owned.IsUndecided(body))
            return false;
        return !owned.IsReleasedSomewhere(body) || ReleasePaths.SomeLeaks(context.GetControlFlowGraph(body), owned);
    }

    /// <summary>Whether an <c>out</c> handle is there is known only from the result, so only one that nobody ever releases is reported.</summary>
    private static void CheckOut(OperationBlockAnalysisContext context, IOperation body, IArgumentOperation argument)
    {
        bool lost = argument.Value switch
        {
            IDiscardOperation => !IsJudged((IInvocationOperation)argument.Parent!),
            IDeclarationExpressionOperation { Expression: IDiscardOperation } => !IsJudged((IInvocationOperation)argument.Parent!),
            IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } => IsNeverReleased(declared.Local),
            ILocalReferenceOperation { Local.RefKind: RefKind.None } existing => IsNeverReleased(existing.Local),
            _ => false,
        };
        if (lost)
            context.ReportDiagnostic(Diagnostic.Create(Rules.HandleIsNotDisposed, argument.Value.Syntax.GetLocation()));

        bool IsNeverReleased(ILocalSymbol local)
        {
            foreach (IOperation operation in body.Descendants())
                if (operation is ILocalReferenceOperation reference && KnownTypes.Same(reference.Local, local)
                    && !KnownTypes.Same((reference.Parent as IArgumentOperation)?.Parameter, argument.Parameter)
                    && LocalUse.Of(reference) == LocalUse.Kind.Releases)
                    return false;
            return true;
        }
    }

    /// <summary>The answer goes to another method, most likely an assertion that there was nothing to get.</summary>
    private static bool IsJudged(IInvocationOperation call)
    {
        IOperation answer = call;
        return ValueFlow.Consumer(ref answer) is IArgumentOperation;
    }

    private static bool IsUsing(IVariableDeclaratorOperation declarator)
    {
        for (IOperation? up = declarator.Parent; up is not null; up = up.Parent)
        {
            if (up is IUsingDeclarationOperation or IUsingOperation)
                return true;
            if (up is not (IVariableDeclarationOperation or IVariableDeclarationGroupOperation))
                return false;
        }
        return false;
    }
}
