namespace GilSharp.Processes.Worker;

/// <summary>The entry point of a worker that is started as <c>dotnet exec … GilSharp.dll</c>.</summary>
internal static class WorkerProgram
{
    private static int Main()
    {
        WorkerHost.RunIfRequested();
        Console.Error.WriteLine("GilSharp.dll is a library; its entry point is for the worker processes of a GilSharp.ProcessPool.");
        return 64;
    }
}
