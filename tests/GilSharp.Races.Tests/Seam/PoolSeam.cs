using GilSharp.Ipc;
using GilSharp.Processes.Engine;
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

    /// <summary>Reads answers, where a scenario plays the channel.</summary>
    public static int TryRead(WorkerConnection connection, ChildProcess child, int site)
    {
        if (VirtualThread.Current is not { } me || me.Execution.Channel is not { } channel)
            throw new NotSupportedException("No scenario plays this channel.");
        me.Execution.Point(me);
        int count = channel.Read(me, connection);
        me.Execution.Log?.Add(me, "read answers", site, $"{count}");
        return count;
    }

    /// <summary>Wakes the reader.</summary>
    public static void Signal(Outbox outbox, ChildProcess child, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            outbox.Signal(child);
            return;
        }

        me.Execution.Point(me);
        Fault fault = Faults.At(site);
        me.Execution.Log?.Add(me, fault == Fault.None ? "wake the reader" : "FAULT: does not wake the reader", site, "");
        if (fault == Fault.None)
            me.Execution.Channel?.Wake(me);
    }

    public static void Yield(int site)
    {
        if (VirtualThread.Current is { } me)
            me.Execution.Yield(me, 30_000);
    }
}
