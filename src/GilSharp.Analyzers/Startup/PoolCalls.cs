using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GilSharp.Analyzers.Startup;

/// <summary>Finds the functions and serializers that a program gives to a pool, and what of them has to keep its name.</summary>
internal static class PoolCalls
{
    private const string Serializer = "Serializer", SerializerInterface = "IPayloadSerializer";

    /// <summary>A first look at the spelling alone; runs for each node of each edited file.</summary>
    public static bool MayBeOne(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name }, ArgumentList.Arguments.Count: > 0 } => IsTaker(name),
        InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: var name }, ArgumentList.Arguments.Count: > 0 } => IsTaker(name),
        AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "Initializer" or "WorkerExiting" or Serializer } } => true,
        AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Initializer" or "WorkerExiting" or Serializer } } => true,
        TypeDeclarationSyntax { BaseList.Types: var bases } => bases.Any(static type => NameOf(type.Type) == SerializerInterface),
        _ => false,
    };

    public static IEnumerable<KeptMember> Kept(SyntaxNode node, SemanticModel model, CancellationToken cancellation)
    {
        KnownTypes known = KnownTypes.Of(model.Compilation);
        var kept = new SortedSet<KeptMember>();
        if (node is TypeDeclarationSyntax declaration)
        {
            KeepSerializer(model.GetDeclaredSymbol(declaration, cancellation), known, kept);
            return kept;
        }

        switch (model.GetOperation(node, cancellation))
        {
            case IInvocationOperation call when known.IsPool(call.TargetMethod.ContainingType):
                foreach (IArgumentOperation argument in call.Arguments)
                    if (argument.Parameter is { Type.TypeKind: TypeKind.Delegate })
                        KeepFunction(argument.Value, kept);
                break;
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property: { Type.TypeKind: TypeKind.Delegate } property } } assignment
                when KnownTypes.Same(property.ContainingType, known.PoolOptions):
                KeepFunction(assignment.Value, kept);
                break;
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property: { Name: Serializer } property } } assignment
                when KnownTypes.Same(property.ContainingType, known.PoolOptions):
                // As what it is, or as the closest that the code says: its class may be declared in another project.
                IOperation value = assignment.Value;
                while (value is IConversionOperation { Type.TypeKind: not TypeKind.Class, Operand: var operand })
                    value = operand;
                KeepSerializer(value.Type, known, kept);
                return kept;
            default:
                return kept;
        }
        // A function that comes from a variable was mostly written in the same class.
        if (kept.Count == 0)
            KeepType(model.GetEnclosingSymbol(node.SpanStart, cancellation)?.ContainingType, kept);
        return kept;
    }

    private static string? NameOf(TypeSyntax type) => type switch
    {
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
        _ => null,
    };

    /// <summary>A serializer is sent to each worker as a value.</summary>
    private static void KeepSerializer(ITypeSymbol? type, KnownTypes known, SortedSet<KeptMember> kept)
    {
        if (type?.AllInterfaces.Any(one => KnownTypes.Same(one, known.Serializer)) == true)
            KeepType(type, kept);
    }

    private static bool IsTaker(string name) =>
        name.StartsWith("Apply", StringComparison.Ordinal) || name.StartsWith("Map", StringComparison.Ordinal)
        || name.StartsWith("StarMap", StringComparison.Ordinal) || name.StartsWith("ForEach", StringComparison.Ordinal);

    private static void KeepFunction(IOperation value, SortedSet<KeptMember> kept)
    {
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        switch ((value as IDelegateCreationOperation)?.Target)
        {
            case IAnonymousFunctionOperation lambda:
                KeepType(lambda.Symbol.ContainingType, kept);
                break;
            case IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } local }:
                KeepType(local.ContainingType, kept);
                break;
            case IMethodReferenceOperation { Instance: not null } method:
                KeepType(method.Method.ContainingType, kept);
                KeepType(method.Instance.Type, kept);
                break;
            case IMethodReferenceOperation method:
                Keep(method.Method.ContainingType, method.Method.Name + Arity(method.Method), kept);
                break;
        }
    }

    /// <summary>As documentation comments write a generic method, of which the name alone would find nothing.</summary>
    private static string Arity(IMethodSymbol method) => method.Arity == 0 ? "" : "``" + method.Arity.ToString(CultureInfo.InvariantCulture);

    private static void KeepType(ITypeSymbol? type, SortedSet<KeptMember> kept)
    {
        // The fields of base classes travel too.
        for (; type is INamedTypeSymbol { SpecialType: not SpecialType.System_Object } named; type = type.BaseType)
            Keep(named, null, kept);
    }

    private static void Keep(INamedTypeSymbol type, string? method, SortedSet<KeptMember> kept)
    {
        if (type.OriginalDefinition.GetDocumentationCommentId() is { Length: > 2 } id && type.ContainingAssembly is { } assembly)
            _ = kept.Add(new KeptMember(id.Substring(2), assembly.Name, method));
    }
}
