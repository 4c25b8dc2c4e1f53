namespace GilSharp;

/// <summary>Why a worker process ended.</summary>
public enum WorkerExitReason
{
    /// <summary>A fault of its own: segmentation fault, stack overflow, FailFast, unhandled exception.</summary>
    Crashed,

    /// <summary>A signal from outside, such as SIGKILL.</summary>
    Killed,

    /// <summary>Code in it ended the process, as with <see cref="Environment.Exit(int)"/>.</summary>
    Exited,

    /// <summary>The pool ended it because it used more than <see cref="ProcessPoolOptions.WorkerMemoryLimit"/>.</summary>
    MemoryLimit,

    /// <summary>The pool ended it because its call was past its timeout and did not stop.</summary>
    Timeout,

    /// <summary>The pool ended it because its call was cancelled and did not stop.</summary>
    Cancelled,

    /// <summary>The pool was terminated.</summary>
    Terminated,

    /// <summary>It left in good order: the pool was closed or shrank, or it had served its calls.</summary>
    Left,

    /// <summary>It did not become ready: the program could not be started, or the initializer failed.</summary>
    StartFailed,

    /// <summary>The pool ended it because it sent what makes no sense; it is not to be trusted any more.</summary>
    ProtocolError,

    /// <summary>The pool ended it because it had not left within <see cref="ProcessPoolOptions.WorkerExitingTimeout"/>.</summary>
    ExitTimeout,
}
