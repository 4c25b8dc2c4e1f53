using System.Diagnostics;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;

namespace GilSharp.Processes.Engine;

/// <summary>What a worker says is checked: one that speaks nonsense is ended, before anybody waits for it or believes it.</summary>
/// <remarks>
/// A worker runs one call at a time, in the order in which they were sent, and says on its status page which. So answers have an order, each call has
/// one, and a frame of a call that the page says has ended will not go on. None of it costs the answers that are as they should be more than a compare.
/// </remarks>
internal sealed partial class WorkerConnection
{
    /// <summary>How often a frame that has begun is looked at while no bytes come, in milliseconds.</summary>
    private const int CutOffTick = 50;

    /// <summary>Frames that no call on the page vouches for must go on within this time: nobody writes half a frame and then thinks.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How often a worker that has calls and says nothing is looked at, in milliseconds.</summary>
    private const int SilenceTick = 1000;

    private bool _isSilent;  // of the reader: nothing came within a tick
    private long _answered;  // of the reader: the place in the order of all calls that is answered next
    private long _lastBytes; // of the reader: when some came

    // Calls that were taken back leave gaps. One that has started and is passed over will never be believed.
    private void CheckOrder(long at)
    {
        if (at < _answered) throw new InvalidDataException($"Worker {id} answered a call after one that was sent behind it.");
        for (long older = Math.Max(_answered, at - StatusPage.Slots + 1); older < at; older++)
        {
            int slot = (int)(older % StatusPage.Slots);
            if (Volatile.Read(ref _calls[slot]) is { } call && _places[slot] == older && _child!.Status.HasStarted(slot, call.Id))
                throw new InvalidDataException($"Worker {id} passed over call {call.Id}, which it had started.");
        }
    }

    /// <summary>A call that the page says has been claimed, runs no more and is not held: its answer is in the channel, or never will be.</summary>
    private PendingCall? FindUnanswered(StatusPage status)
    {
        for (int slot = 0; slot < StatusPage.Slots; slot++)
            if (Volatile.Read(ref _calls[slot]) is { } call && status.HasStarted(slot, call.Id) && status.RunningCall != call.Id) return status.HoldsAnswers ? null : call;
        return null;
    }

    /// <summary>A frame has begun: whether it may be what it says is asked before the rest of it is waited for.</summary>
    /// <exception cref="InvalidDataException">It may not.</exception>
    private void PartHasCome()
    {
        _lastBytes = Stopwatch.GetTimestamp();
        if (!_reader.TryPeek(out FrameHeader header)) return;
        switch (header.Kind)
        {
            case FrameKind.Result or FrameKind.Error: _ = Find(header); break;
            case FrameKind.Ready or FrameKind.Exiting when header.Length > sizeof(int):
                throw new InvalidDataException($"Worker {id} began a frame of kind {header.Kind} with {header.Length} bytes.");
        }
    }

    /// <summary>A frame has begun and the channel is empty.</summary>
    /// <param name="running">What the page said to run before the channel was found empty; it wasn't writing what it held.</param>
    /// <exception cref="InvalidDataException">The rest of the frame will not come.</exception>
    private void ThrowIfCutOff(long running)
    {
        bool answer = _reader.TryPeek(out FrameHeader header) && header.Kind is FrameKind.Result or FrameKind.Error;
        if (answer ? running != header.CallId : Stopwatch.GetElapsedTime(_lastBytes) > LongestPause && !IsDebugged)
            throw new InvalidDataException($"Worker {id} began a frame and did not end it.");
    }
}
