using System.Collections.Concurrent;

namespace GilSharp.Locking;

/// <summary>The locks that belong to the process: nobody can dispose them for the others.</summary>
internal static class NamedLocks
{
    private static readonly ConcurrentDictionary<string, GlobalInterpreterLock> Locks = new(StringComparer.Ordinal);

    internal static GlobalInterpreterLock Shared { get; } = Create("shared");

    internal static GlobalInterpreterLock For(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Locks.GetOrAdd(name, Create);
    }

    private static GlobalInterpreterLock Create(string name) => new(new GlobalInterpreterLockOptions { Name = name }, isProcessWide: true);
}
