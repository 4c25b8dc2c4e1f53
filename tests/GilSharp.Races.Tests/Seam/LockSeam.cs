using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of <see cref="Lock"/> in the explored code. The real one is taken as well, by a thread that has it to itself.</summary>
internal static class LockSeam
{
    public static Lock.Scope EnterScope(Lock target, int site)
    {
        if (VirtualThread.Current is { } me)
        {
            MonitorSeam.Enter(target, site);
            me.Scopes.Push(target);
        }

        return target.EnterScope();
    }

    public static void Dispose(ref Lock.Scope scope, int site)
    {
        scope.Dispose();
        if (VirtualThread.Current is { } me && me.Scopes.TryPop(out Lock? target))
            MonitorSeam.Exit(target, site);
    }
}
