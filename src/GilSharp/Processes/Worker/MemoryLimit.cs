using GilSharp.Ipc;

namespace GilSharp.Processes.Worker;

/// <summary>What a worker does when its heap has reached the limit that the pool set: it says so and ends, as it would have been ended from outside.</summary>
/// <remarks>
/// The pool looks at resident memory every 25 ms; one large allocation is faster than that, and the heap's own limit is there at once. After it,
/// whatever ran may have left things half done, so the process is not used again.
/// </remarks>
internal sealed class MemoryLimit
{
    private readonly WorkerChannel _channel;
    private readonly FrameBuffer _message = new(FrameHeader.Size); // made while there is memory

    internal MemoryLimit(WorkerChannel channel)
    {
        _channel = channel;
        _message.EndFrame(_message.BeginFrame(), FrameKind.OutOfMemory, 0);
    }

    /// <summary>Does not return if memory ran out.</summary>
    internal void Check(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is not OutOfMemoryException) continue;
            try
            {
                _channel.Write(_message.Written);
            }
            finally
            {
                HostSystem.Current.ExitNow(137);
            }
        }
    }
}
