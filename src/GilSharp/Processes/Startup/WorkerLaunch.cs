using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using GilSharp.Ipc;

namespace GilSharp.Processes.Startup;

/// <summary>How a worker of this program is started.</summary>
/// <remarks>
/// <code>
/// this program …                                        its workers are started as …
/// has deps.json, runtimeconfig.json and GilSharp.dll    dotnet exec --depsfile … --runtimeconfig … GilSharp.dll
///   on disk and runs on a shared runtime
/// is anything else                                      itself, with the runtime's startup hook set to GilSharp; where hooks are not supported
///                                                       (trimmed, NativeAOT) the first line of Main, or what the package generates, takes over
/// </code>
/// The first is also right under test runners, whose entry assembly is not the user's; it never runs the user's Main.
/// </remarks>
internal sealed class WorkerLaunch
{
    private const string HookVariable = "DOTNET_STARTUP_HOOKS";

    private WorkerLaunch(CommandLine command, IReadOnlyList<(string Name, string? Value)> environmentToRestore)
    {
        Command = command;
        EnvironmentToRestore = environmentToRestore;
    }

    internal CommandLine Command { get; }

    /// <summary>What was changed for the worker alone and its own children shall not see.</summary>
    internal IReadOnlyList<(string Name, string? Value)> EnvironmentToRestore { get; }

    /// <exception cref="WorkerStartException">No way to start a worker is known for this program.</exception>
    internal static WorkerLaunch For(ProcessPoolOptions options, string? workerProgram)
    {
        WorkerEnvironment environment = new(options);
        (string program, string[] arguments) = workerProgram is not null ? (workerProgram, []) : FindSharedRuntime() ?? ThisProgram(environment);
        return new WorkerLaunch(
            new CommandLine(program, arguments, environment.Lines(), options.WorkingDirectory), environment.ToRestore);
    }

    private static (string Program, string[] Arguments)? FindSharedRuntime()
    {
        // Native code has no such list. Whether code can be made at run time tells nothing: file-based programs say no under the just-in-time compiler.
        if (AppContext.GetData("APP_CONTEXT_DEPS_FILES") is not string depsFiles) return null;
        if (string.IsNullOrEmpty(AppContext.GetData("FX_DEPS_FILE") as string)) return null; // self-contained: its runtime is its own
        string depsFile = depsFiles.Split(';')[0];
        string runtimeConfig = string.Concat(depsFile.AsSpan(0, Math.Max(0, depsFile.Length - ".deps.json".Length)), ".runtimeconfig.json");
        string library = LibraryFile();
        if (library.Length == 0 || !File.Exists(depsFile) || !File.Exists(runtimeConfig) || FindMuxer() is not { } dotnet) return null;
        return (dotnet, ["exec", "--depsfile", depsFile, "--runtimeconfig", runtimeConfig, library]);
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty in a single file: that is what is asked.")]
    private static string LibraryFile() => typeof(WorkerLaunch).Assembly.Location;

    private static string? FindMuxer()
    {
        string name = HostSystem.Current.MuxerName;
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string?[] candidates =
        [
            Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null,
            Path.Combine(root, name),
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } fromVariable ? Path.Combine(fromVariable, name) : null,
        ];
        return Array.Find(candidates, static candidate => candidate is not null && File.Exists(candidate));
    }

    private static (string Program, string[] Arguments) ThisProgram(WorkerEnvironment environment)
    {
        string program = Environment.ProcessPath ?? throw new WorkerStartException("The path of this program is not known, so that no worker can be started from it.");
        if (Path.GetFileName(program) == HostSystem.Current.MuxerName)
        {
            throw new WorkerStartException(
                $"No worker can be started: this program is an assembly that {program} runs, and workers of such a program need its .deps.json, its .runtimeconfig.json " +
                "and GilSharp.dll as files, of which one is missing. Put back what the build has made (GenerateDependencyFile must not be false), or start the program by its own executable.");
        }

        string? hooks = environment.Get(HookVariable);
        environment.Set(HookVariable, string.IsNullOrEmpty(hooks) ? "GilSharp" : $"{hooks}{Path.PathSeparator}GilSharp"); // the last, since it does not return
        return (program, []);
    }
}
