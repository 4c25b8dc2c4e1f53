namespace GilSharp.Ipc;

/// <summary>What a wait is for, and what ended it.</summary>
[Flags]
internal enum ChannelEvents
{
    None = 0,

    /// <summary>Answers can be read, or never again.</summary>
    Answers = 1,

    /// <summary>Somebody called <see cref="ChildProcess.Signal"/>; consumed by the wait that says so.</summary>
    Woken = 2,

    /// <summary>The process has ended.</summary>
    Exited = 4,

    /// <summary>Standard output can be read.</summary>
    Output = 8,

    /// <summary>Standard error can be read.</summary>
    Errors = 16,

    /// <summary>Requests can be written again.</summary>
    Room = 32,

    /// <summary>Descriptors can be sent again.</summary>
    DescriptorRoom = 64,
}

/// <summary>A worker's process and the parent's ends of what connects the two.</summary>
internal abstract class ChildProcess(StatusPage status) : IDisposable
{
    internal const int Output = 0, Errors = 1; // streams

    internal int Id { get; private protected set; }

    internal StatusPage Status { get; } = status;

    /// <summary>Bytes read; 0 if there are none now, -1 if there will be none.</summary>
    internal abstract int ReadAnswers(Span<byte> room);

    /// <summary>The same of what user code prints to one of the two streams.</summary>
    internal abstract int ReadPrinted(int stream, Span<byte> room);

    /// <summary>Bytes written; 0 if the channel is full, -1 if nobody reads it any more. Never waits.</summary>
    internal abstract int WriteRequests(ReadOnlySpan<byte> bytes);

    /// <summary>Has the channel hold more at a time; false where that can't be had.</summary>
    internal virtual bool TryEnlarge() => false;

    /// <summary>Sends a descriptor of shared memory, which stays the caller's to close: 1; 0 if there is no room for it now, -1 if nobody takes it any more. Never waits.</summary>
    /// <param name="descriptor">The memory.</param>
    /// <param name="number">What the frame behind it calls it.</param>
    internal virtual int SendDescriptor(int descriptor, long number) => -1; // where no shared arrays can be made none are sent

    /// <summary>Takes the descriptor that a frame has announced: it has been sent already.</summary>
    /// <returns>The descriptor, the caller's to close; -1 if this process may have no more of them.</returns>
    /// <exception cref="InvalidDataException">Another one comes, or none.</exception>
    internal virtual int ReceiveDescriptor(long number) => throw new InvalidDataException($"Descriptor {number:x} was announced on a system where none are sent.");

    /// <summary>Ends a wait, from any thread.</summary>
    internal abstract void Signal();

    /// <summary>Waits for any of what is wanted, for a signal and for the end; says at least one of what there is, none if there was nothing in that time.</summary>
    /// <param name="wanted">What else to wait for.</param>
    /// <param name="milliseconds">How long at most; -1 for ever.</param>
    internal abstract ChannelEvents Wait(ChannelEvents wanted, int milliseconds);

    /// <summary>Kills the process and everything below it; nothing if its status has been collected.</summary>
    internal abstract void Kill();

    /// <summary>Waits for the end of a process that is known to be ending, frees its number, and removes what it could not remove itself.</summary>
    internal abstract ExitStatus Collect();

    public abstract void Dispose();
}
