using GilSharp.Ipc;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of the processes of a pool in the explored code: a scenario plays them.</summary>
internal static class PoolSeam
{
    public static void Start(CommandLine command, Action<ChildProcess?, Exception?> done, int site)
    {
        if (VirtualThread.Current is { Execution.Spawner: { } spawner })
            spawner(done);
        else
            Spawner.Start(command, done);
    }

    // A worker's reader is played with the worker; handlers run outside of the schedule.
    public static void Start(ThreadStart run, int stackSize, string name, int site)
    {
        if (VirtualThread.Current is null || !name.Contains(" worker ", StringComparison.Ordinal))
            OwnThread.Start(run, stackSize, name);
    }

    public static void Kill(ChildProcess child, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            child.Kill();
            return;
        }

        me.Execution.Point(me);
        me.Execution.Killed.Add(child);
        me.Execution.Log?.Add(me, "kill the worker", site, "");
    }
}
