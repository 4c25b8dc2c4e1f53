using Microsoft.CodeAnalysis;

namespace GilSharp.Analyzers.Processes;

/// <summary>
/// Types whose values mean something only in the process that made them, with what to do instead. Classes count with everything
/// derived from them. Only what the library certainly refuses is listed; the rest is for it to say at run time.
/// </summary>
internal sealed class UntravelledTypes
{
    private const string OpenThere = "open it inside the function";
    private const string ResultOnly = "await it first and pass its result";
    private const string NoSharedMemory = "workers share no memory, so there is nothing to synchronize";
    private const string ValueOnly = "pass the value it holds, or create the handle in the worker";
    private const string TrailingToken = "take a trailing CancellationToken parameter instead, which the pool fills in";
    private const string Address = "an address means nothing in another process; pass the data";
    private const string Inside = "create it inside the function";

    private const string OnlyType = "reflection objects do not travel, a Type does";
    private const string TheObject = "pass the object that it refers to";

    private static readonly (string Type, string WayOut)[] Families =
    [
        ("System.IO.Stream", OpenThere),
        ("System.IO.TextReader", OpenThere),
        ("System.IO.TextWriter", OpenThere),
        ("System.Net.Sockets.Socket", OpenThere),
        ("System.Diagnostics.Process", OpenThere),
        ("System.Runtime.ConstrainedExecution.CriticalFinalizerObject", OpenThere),
        ("System.Threading.Tasks.Task", ResultOnly),
        ("System.Threading.Tasks.ValueTask", ResultOnly),
        ("System.Threading.Tasks.ValueTask`1", ResultOnly),
        ("System.Threading.Thread", Inside),
        ("System.Threading.Timer", Inside),
        ("System.Threading.PeriodicTimer", Inside),
        ("System.Timers.Timer", Inside),
        ("System.Threading.CancellationToken", TrailingToken),
        ("System.Threading.CancellationTokenSource", TrailingToken),
        ("System.Threading.WaitHandle", NoSharedMemory),
        ("System.Threading.Lock", NoSharedMemory),
        ("System.Threading.SemaphoreSlim", NoSharedMemory),
        ("System.Threading.ManualResetEventSlim", NoSharedMemory),
        ("System.Threading.CountdownEvent", NoSharedMemory),
        ("System.Threading.Barrier", NoSharedMemory),
        ("System.Threading.ReaderWriterLockSlim", NoSharedMemory),
        ("System.Threading.ReaderWriterLock", NoSharedMemory),
        ("System.Threading.SpinLock", NoSharedMemory),
        ("System.Runtime.InteropServices.GCHandle", TheObject),
        ("System.Runtime.InteropServices.GCHandle`1", TheObject),
        ("System.WeakReference", TheObject),
        ("System.WeakReference`1", TheObject),
        ("System.Reflection.MethodBase", OnlyType),
        ("System.Reflection.FieldInfo", OnlyType),
        ("System.Reflection.PropertyInfo", OnlyType),
        ("System.Reflection.Assembly", OnlyType),
        ("GilSharp.GlobalInterpreterLock", "use GlobalInterpreterLock.Shared inside the function: every worker has its own"),
        ("GilSharp.RefCounted`1", ValueOnly),
        ("GilSharp.WeakRefCounted`1", ValueOnly),
        ("GilSharp.WorkerPool", Inside),
    ];

    private readonly Dictionary<ISymbol, string> _wayOut = new(SymbolEqualityComparer.Default);

    private UntravelledTypes(Compilation compilation)
    {
        foreach ((string name, string wayOut) in Families)
            if (compilation.GetTypeByMetadataName(name) is { } type)
                _wayOut[type] = wayOut;
    }

    public static UntravelledTypes Of(Compilation compilation) => new(compilation);

    /// <summary>What to do instead of sending a value of this type; null if it may well travel.</summary>
    public string? WayOut(ITypeSymbol? type)
    {
        switch (type)
        {
            case null:
                return null;
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
            case { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr }:
                return Address;
            case IArrayTypeSymbol array:
                return WayOut(array.ElementType);
            case INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable:
                return WayOut(nullable.TypeArguments[0]);
        }
        for (ITypeSymbol? ancestor = type; ancestor is not null; ancestor = ancestor.BaseType)
            if (_wayOut.TryGetValue(ancestor.OriginalDefinition, out string? wayOut))
                return wayOut;
        return null;
    }
}
