using System.Diagnostics.CodeAnalysis;
using GilSharp.Processes.Worker;

/// <summary>What the runtime calls before Main where <c>DOTNET_STARTUP_HOOKS</c> names GilSharp: in workers of single-file programs.</summary>
/// <remarks>Name and place are the runtime's: a type StartupHook in no namespace.</remarks>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime looks it up by this name.")]
internal static class StartupHook
{
    public static void Initialize() => WorkerHost.RunIfRequested();
}
