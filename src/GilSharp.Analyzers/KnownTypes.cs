using Microsoft.CodeAnalysis;

namespace GilSharp.Analyzers;

/// <summary>The library's types as this compilation sees them; null where it does not reference the library.</summary>
internal sealed class KnownTypes
{
    private readonly INamedTypeSymbol? _lease;
    private readonly INamedTypeSymbol? _guard;
    private readonly INamedTypeSymbol? _scope;
    private readonly INamedTypeSymbol? _releasedScope;

    private KnownTypes(Compilation compilation)
    {
        Lock = compilation.GetTypeByMetadataName("GilSharp.GlobalInterpreterLock");
        Handle = compilation.GetTypeByMetadataName("GilSharp.RefCounted`1");
        WeakHandle = compilation.GetTypeByMetadataName("GilSharp.WeakRefCounted`1");
        HandleFactory = compilation.GetTypeByMetadataName("GilSharp.RefCounted");
        Pool = compilation.GetTypeByMetadataName("GilSharp.WorkerPool");
        PoolOptions = compilation.GetTypeByMetadataName("GilSharp.ProcessPoolOptions");
        Serializer = compilation.GetTypeByMetadataName("GilSharp.IPayloadSerializer");
        _lease = compilation.GetTypeByMetadataName("GilSharp.RefCounted`1+Lease");
        _guard = compilation.GetTypeByMetadataName("GilSharp.RefCounted`1+Guard");
        _scope = compilation.GetTypeByMetadataName("GilSharp.GlobalInterpreterLock+Scope");
        _releasedScope = compilation.GetTypeByMetadataName("GilSharp.GlobalInterpreterLock+ReleasedScope");
    }

    public INamedTypeSymbol? Lock { get; }

    public INamedTypeSymbol? Handle { get; }

    public INamedTypeSymbol? WeakHandle { get; }

    public INamedTypeSymbol? HandleFactory { get; }

    public INamedTypeSymbol? Pool { get; }

    public INamedTypeSymbol? PoolOptions { get; }

    public INamedTypeSymbol? Serializer { get; }

    public static KnownTypes Of(Compilation compilation) => new(compilation);

    /// <summary>Lease, Guard, Scope or ReleasedScope: what is acquired, and released by one Dispose.</summary>
    public bool IsScope(ITypeSymbol? type) =>
        type is { IsRefLikeType: true, ContainingType: not null } && type.OriginalDefinition is var definition
        && (Same(definition, _lease) || Same(definition, _guard) || Same(definition, _scope) || Same(definition, _releasedScope));

    public bool IsHandle(ITypeSymbol? type) => Same(type?.OriginalDefinition, Handle);

    public bool IsLock(ITypeSymbol? type) => Same(type, Lock);

    public bool IsPool(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
            if (Same(type, Pool))
                return true;
        return false;
    }

    public static bool Same(ISymbol? one, ISymbol? other) => one is not null && SymbolEqualityComparer.Default.Equals(one, other);
}
