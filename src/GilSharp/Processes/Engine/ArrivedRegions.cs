using GilSharp.Sharing;

namespace GilSharp.Processes.Engine;

/// <summary>Regions that a worker has sent for its answers, one for each time that an answer names one. Used by who reads alone.</summary>
/// <remarks>
/// Reading an answer takes each of them out: the reference is the caller's from then on, so that a task has ended only when nobody but its caller
/// holds what it returned. What is left when the call has been dealt with, nobody wants.
/// </remarks>
internal sealed class ArrivedRegions
{
    private readonly Queue<(long Call, long Id, RefCounted<SharedRegion>? Handle)> _arrived = []; // as they came, which is as they are read

    /// <param name="call">Whose answer names it.</param>
    /// <param name="id">The number of the region.</param>
    /// <param name="handle">Null if this process could not take it.</param>
    internal void Add(long call, long id, RefCounted<SharedRegion>? handle) => _arrived.Enqueue((call, id, handle));

    /// <summary>The oldest with this number.</summary>
    internal bool TryTake(long id, out RefCounted<SharedRegion>? handle)
    {
        handle = null;
        if (_arrived.TryPeek(out var first) && first.Id == id)
        {
            handle = _arrived.Dequeue().Handle;
            return true;
        }

        bool found = false;
        for (int left = _arrived.Count; left > 0; left--)
        {
            var region = _arrived.Dequeue();
            if (found || region.Id != id) _arrived.Enqueue(region);
            else (found, handle) = (true, region.Handle);
        }

        return found;
    }

    /// <summary>The call has been dealt with.</summary>
    internal void End(long call)
    {
        for (int left = _arrived.Count; left > 0; left--)
        {
            var region = _arrived.Dequeue();
            if (region.Call == call) region.Handle?.Dispose();
            else _arrived.Enqueue(region);
        }
    }

    /// <summary>The worker is gone.</summary>
    internal void EndAll()
    {
        while (_arrived.TryDequeue(out var region)) region.Handle?.Dispose();
    }
}
