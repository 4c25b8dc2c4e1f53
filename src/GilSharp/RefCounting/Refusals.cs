using System.Diagnostics.CodeAnalysis;

namespace GilSharp.RefCounting;

/// <summary>What a caller is told who may not have what it asks for: the mistake and the way out of it.</summary>
internal static class Refusals
{
    internal static ObjectDisposedException HandleDisposed(Type valueType, Anchor ended) =>
        new($"RefCounted<{valueType}>", "This handle has been disposed. Each handle ends with its own Dispose, whatever the others do: take one "
            + "with AddReference for everybody who needs the value." + FirstEnded(ended));

    internal static ObjectDisposedException ScopeDisposed(Type valueType, string scope, Anchor ended) =>
        new($"RefCounted<{valueType}>.{scope}", $"This {scope} has ended; the value may be used between its beginning and its Dispose only."
            + FirstEnded(ended));

    internal static InvalidOperationException ScopeIsDefault(string scope, string origin) =>
        new($"This {scope} is a default one and refers to no value; a {scope} comes from {origin}().");

    internal static InvalidOperationException ScopeCopied(string scope, Anchor ended) =>
        new($"This {scope} is a copy of one that has been disposed already. A {scope} stands for one reference and may not be copied; nothing was "
            + "released a second time." + FirstEnded(ended));

    internal static InvalidOperationException ReleasedTooOften() =>
        new("A reference was given up that nobody held, most likely by a Lease or Guard that was copied and disposed twice; set "
            + "RefCountDiagnostics.LeakDetection to Full to see where. The count is as it was.");

    internal static OverflowException TooManyReferences() =>
        new($"The value has {CountWord.Max} references already and can't have more; the count is as it was. Somebody takes references and does "
            + "not dispose them; RefCountDiagnostics.LeakDetection shows who.");

    internal static InvalidOperationException LockInAtomicMode(Type valueType) =>
        new($"This RefCounted<{valueType}> is counted by interlocked instructions (RefCountMode.Atomic) and has no lock that could give exclusive "
            + "use of the value. Create it with RefCountMode.LockGuarded, or with a GlobalInterpreterLock.");

    internal static SynchronizationLockException GilNotHeld(GlobalInterpreterLock gil) =>
        new($"This value is counted under the global interpreter lock{(gil.Name is { } name ? $" '{name}'" : "")}, which the calling thread does "
            + "not hold. Enter it first (EnterScope, Run, RunAsync); only Dispose, DisposeAsync and Lock may be called without it.");

    [DoesNotReturn]
    internal static void Throw(Exception refusal) => throw refusal;

    private static string FirstEnded(Anchor ended) =>
        ended.EndedAt is { } place ? $"{Environment.NewLine}First disposed:{Environment.NewLine}{place}" : "";
}
