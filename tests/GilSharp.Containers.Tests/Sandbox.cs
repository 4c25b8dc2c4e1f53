using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GilSharp.Containers.Tests;

/// <summary>A place in which a program has little: namespaces of its own, made by unshare(1) and prepared by a few lines of shell.</summary>
/// <remarks>
/// The folder holds a copy of GilSharp.Tests.Worker that every user may read, <c>dotnet</c> where the runtime is bound, and <c>tmp</c>. Mounts are
/// made in a mount namespace and go with it; nothing on the machine itself is changed.
/// </remarks>
internal sealed class Sandbox : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly List<Process> _started = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gilsharp-container-");

    internal Sandbox()
    {
        string program = Path.Combine(Folder, "program");
        Directory.CreateDirectory(program);
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        Directory.CreateDirectory(Path.Combine(Folder, "dotnet"));
        Directory.CreateDirectory(Path.Combine(Folder, "tmp"));
        Run("/bin/chmod", "-R", "a+rX", Folder);
    }

    internal string Folder => _folder.FullName;

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>The command line of a scenario, for the last line of a script.</summary>
    internal string Program(string scenario) => $"{Folder}/dotnet/dotnet {Folder}/program/GilSharp.Tests.Worker.dll {scenario}";

    /// <summary>Starts a script in new namespaces; where these can't be had, the test is inconclusive and says why.</summary>
    internal Process Start(string namespaces, string script)
    {
        Require(namespaces);
        string[] lines =
        [
            "set -e",
            "mount --make-rprivate /",
            $"mount --bind '{DotnetRoot}' '{Folder}/dotnet'",
            $"export TMPDIR='{Folder}/tmp' DOTNET_NOLOGO=1",
            script,
        ];
        ProcessStartInfo start = new("unshare", [.. namespaces.Split(' '), "--mount", "sh", "-c", string.Join('\n', lines)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a script to its end, which must be a good one, and gives what it said, by name.</summary>
    internal Dictionary<string, string> Run(string namespaces, string script)
    {
        return End(Start(namespaces, script));
    }

    internal static Dictionary<string, string> End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!Task.WhenAll(output, errors, process.WaitForExitAsync()).Wait(Deadline))
        {
            Assert.Fail($"It did not end within {Deadline}.");
        }

        Assert.AreEqual(0, process.ExitCode, output.Result + errors.Result);
        Assert.AreEqual("", errors.Result);
        return output.Result.Split('\n').Select(line => line.Trim().Split('=', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
    }

    /// <summary>Runs a program of the machine and expects nothing of it.</summary>
    internal static (int ExitCode, string Errors) Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, errors.Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (127, missing.Message);
        }
    }

    /// <summary>Ends what has not ended, whatever the test found; with its first process all of a namespace is gone.</summary>
    public void Dispose()
    {
        foreach (Process process in _started)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.WaitForExit(Deadline);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static void Require(string namespaces)
    {
        (int exitCode, string errors) = Run("unshare", [.. namespaces.Split(' '), "--mount", "sh", "-c", "mount --make-rprivate / && mount -t tmpfs tmpfs /mnt"]);
        if (exitCode != 0) Assert.Inconclusive($"unshare {namespaces} --mount, and a mount in it, are not to be had here: {errors}");
    }
}
