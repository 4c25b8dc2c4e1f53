namespace GilSharp.Ipc;

/// <summary>What a frame says. The numbers are part of the protocol (docs/protocol.md): never reuse one.</summary>
internal enum FrameKind : byte
{
    /// <summary>Never sent: a zeroed header is garbage.</summary>
    None = 0,

    // Parent to worker.

    /// <summary>First frame to a worker: who it is, its serializer, its initializer.</summary>
    Configure = 1,

    /// <summary>A function's identity and the small number that calls name it by.</summary>
    Define = 2,

    /// <summary>One call.</summary>
    Call = 3,

    /// <summary>The call named by the header is asked to stop.</summary>
    Cancel = 4,

    /// <summary>No more calls: run <c>WorkerExiting</c> and leave.</summary>
    Leave = 5,

    /// <summary>What all calls of a map have in common: the function's number and what it captures; calls name it by the number in the header.</summary>
    DefineTarget = 6,

    /// <summary>The map has ended: its target is needed no more.</summary>
    ForgetTarget = 7,

    /// <summary>Shared memory, by the number in the header; its descriptor has gone through the socket. Its length and which mapping it is follow.</summary>
    Region = 8,

    /// <summary>The pool's process needs the memory with this number no more; which mapping of it follows.</summary>
    ForgetRegion = 9,

    /// <summary>The answer of the call in the header has been read: memory that the worker lent for it is its own again.</summary>
    AnswerRead = 10,

    /// <summary>Nobody in the parent listens to the activity source that is named.</summary>
    IgnoreSource = 11,

    // Worker to parent.

    /// <summary>The initializer has run.</summary>
    Ready = 65,

    /// <summary>The initializer, or the configuration, failed; the exception follows.</summary>
    StartFailed = 66,

    /// <summary>A call returned; its value follows.</summary>
    Result = 67,

    /// <summary>A call threw; the exception follows.</summary>
    Error = 68,

    /// <summary>An <see cref="IProgress{T}"/> of a running call reports; its number and value follow.</summary>
    Progress = 69,

    /// <summary>The process is about to exit in managed order; its exit code follows.</summary>
    Exiting = 70,

    /// <summary><c>WorkerExiting</c> threw; the exception follows.</summary>
    ExitHookFailed = 71,

    /// <summary>A log entry of <c>WorkerContext.LoggerFactory</c>.</summary>
    Log = 72,

    /// <summary>Shared memory that the answer of the call in the header will name; its descriptor has gone through the socket. Number, length, and whether it stays the worker's follow.</summary>
    RegionSent = 73,

    /// <summary>The worker needs the memory with this number no more, which it had lent.</summary>
    RegionForgotten = 74,

    /// <summary>The heap has reached the limit that the pool set: the process ends itself.</summary>
    OutOfMemory = 75,

    /// <summary>An activity of a traced call has ended.</summary>
    Activity = 76,
}

/// <summary>Which kinds go which way: a reader refuses a header at once that can't be meant for it, before it waits for what the header promises.</summary>
internal readonly record struct FrameKinds(FrameKind First, FrameKind Last)
{
    internal static FrameKinds ToWorker { get; } = new(FrameKind.Configure, FrameKind.IgnoreSource);

    internal static FrameKinds ToPool { get; } = new(FrameKind.Ready, FrameKind.Activity);

    internal static FrameKinds All { get; } = new(FrameKind.Configure, FrameKind.Activity);

    /// <summary>Kinds that say all in their header: who waited for more would wait for ever.</summary>
    internal static bool IsBare(FrameKind kind) => kind is FrameKind.Cancel or FrameKind.Leave or FrameKind.ForgetTarget or FrameKind.AnswerRead
        or FrameKind.Ready or FrameKind.RegionForgotten or FrameKind.OutOfMemory;

    internal bool Has(FrameKind kind) => kind >= First && kind <= Last;
}
