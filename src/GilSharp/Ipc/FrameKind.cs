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

    /// <summary>Nobody in the parent listens to the activity source that is named.</summary>
    IgnoreSource = 8,

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

    /// <summary>An activity of a traced call has ended.</summary>
    Activity = 73,
}
