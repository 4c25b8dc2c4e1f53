using GilSharp.Ipc;

namespace GilSharp.Processes.Calls;

/// <summary>A call that runs its function for several items.</summary>
internal abstract class ChunkCall : PendingCall
{
    /// <summary>What its function captures; null if nothing. Set together with <see cref="CallFlags.SharedTarget"/>.</summary>
    internal SharedTarget? Target { get; set; }

    /// <summary>True once its worker died with it; then the next two say what it left.</summary>
    internal bool Died { get; private set; }

    internal int StartedItems { get; private set; }

    internal byte[] UnsentResults { get; private protected set; } = [];

    /// <summary>How long the worker took, as it says itself.</summary>
    internal int Microseconds { get; private protected set; }

    /// <summary>Under the engine's gate, while the page of the dead worker is still there, which says that it had begun this call.</summary>
    internal void NoteDeath(StatusPage status)
    {
        Died = true;

        // A call that was begun and is not named any more has ended, whatever became of its answer: the items may be those of the next chunk already.
        StartedItems = status.RunningCall == Id ? status.StartedItems(Id) : int.MaxValue;
        UnsentResults = status.UnsentResults(Id);
    }

    /// <summary>Some of the results have come. Runs on the worker's reader.</summary>
    internal abstract void TakeResults(ReadOnlyMemory<byte> payload);

    /// <summary>Takes what its worker left when it died, once.</summary>
    internal abstract void TakeUnsentResults();
}

/// <summary>What the function of a map captures: sent once to each worker that runs chunks of the map.</summary>
internal sealed class SharedTarget(long number, ReadOnlyMemory<byte> definition, CallRegions? regions = null)
{
    /// <summary>Shared memory that it captures, until the map has ended.</summary>
    internal CallRegions? Regions => regions;

    internal long Number => number;

    internal ReadOnlyMemory<byte> Definition => definition;
}
