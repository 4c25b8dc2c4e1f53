namespace GilSharp.Processes.Worker;

/// <summary>The entry point of a worker process.</summary>
internal static class WorkerProgram
{
    private static int Main() => 0;
}
