using Microsoft.CodeAnalysis;

namespace GilSharp.Analyzers;

/// <summary>Every rule of the package, with the page that explains it.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor ScopeIsCopied = Rule(
        "GIL001", "A lease, guard or scope must not be copied", Ownership, DiagnosticSeverity.Error,
        "This copies a {0}; it is released once, by the variable that received it: pass it on with 'in', or acquire another");

    public static readonly DiagnosticDescriptor ScopeIsPassedByValue = Rule(
        "GIL002", "A lease, guard or scope must not be passed by value", Ownership, DiagnosticSeverity.Error,
        "This passes a {0} by value, so that two variables would release it; declare the parameter '{1}' as 'in', or pass the value that it gives access to");

    public static readonly DiagnosticDescriptor ScopeIsStored = Rule(
        "GIL003", "A lease, guard or scope must not be stored", Ownership, DiagnosticSeverity.Error,
        "'{0}' stores a {1}, which has to end in the method that acquired it; store a handle or the lock, and acquire the {1} where it is used");

    public static readonly DiagnosticDescriptor ScopeIsNotDisposed = Rule(
        "GIL004", "A lease, guard or scope must be disposed on every path", Ownership, DiagnosticSeverity.Error,
        "This {0} is not disposed on every path out of the method; write 'using' before it");

    public static readonly DiagnosticDescriptor HandleIsNotDisposed = Rule(
        "GIL005", "A handle should be disposed, returned or stored", Ownership, DiagnosticSeverity.Warning,
        "This handle is neither disposed, returned nor stored on every path out of the method, so that its value is never released; write 'using' before it");

    public static readonly DiagnosticDescriptor AwaitUnderLock = Rule(
        "GIL006", "Do not await between Enter and Exit", Locking, DiagnosticSeverity.Warning,
        "'{0}' is still held at this await: the rest of the method may run on another thread, which cannot exit it; use RunAsync, or exit before the await");

    public static readonly DiagnosticDescriptor FunctionAssignsCapturedLocal = Rule(
        "GIL007", "A function for a worker must not assign a captured variable", Processes, DiagnosticSeverity.Warning,
        "The function given to '{0}' assigns the captured variable '{1}', which the caller would never see, and is refused when it runs; return the value instead");

    public static readonly DiagnosticDescriptor CaptureCannotTravel = Rule(
        "GIL008", "A function for a worker captures what cannot travel", Processes, DiagnosticSeverity.Warning,
        "The function given to '{0}' captures '{1}' of type '{2}', which cannot travel to another process; {3}");

    private const string Ownership = "GilSharp.Ownership";
    private const string Locking = "GilSharp.Locking";
    private const string Processes = "GilSharp.Processes";

    private static DiagnosticDescriptor Rule(string id, string title, string category, DiagnosticSeverity severity, string message) =>
        new(id, title, message, category, severity, isEnabledByDefault: true, helpLinkUri: $"docs/rules/{id}.md");
}
