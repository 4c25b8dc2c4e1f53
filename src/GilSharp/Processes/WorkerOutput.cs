namespace GilSharp;

/// <summary>What becomes of the text that code in a worker prints.</summary>
public enum WorkerOutput
{
    /// <summary>It is written to the same stream of this process, byte for byte.</summary>
    Inherit,

    /// <summary>It is raised as <see cref="ProcessPool.WorkerOutputReceived"/>.</summary>
    Capture,

    /// <summary>It is thrown away.</summary>
    Discard,
}
