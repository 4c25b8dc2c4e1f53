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

    /// <summary>Ends a wait, from any thread.</summary>
    internal abstract void Signal();

    /// <summary>Waits for any of what is wanted; says at least one of what there is. May end without a reason.</summary>
    internal abstract ChannelEvents Wait(ChannelEvents wanted, int milliseconds);

    /// <summary>Kills the process and everything below it; nothing if its status has been collected.</summary>
    internal abstract void Kill();

    /// <summary>Waits for the end of a process that is known to be ending, and frees its number.</summary>
    internal abstract ExitStatus Collect();

    public abstract void Dispose();
}
