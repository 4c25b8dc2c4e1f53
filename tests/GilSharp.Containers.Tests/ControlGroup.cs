using System.Globalization;

namespace GilSharp.Containers.Tests;

/// <summary>A control group below our own, with limits, of version 1 or 2, whichever the machine has.</summary>
internal sealed class ControlGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;

    private ControlGroup(string folder) => _folder = folder;

    internal string Join => $"echo $$ > '{_folder}/cgroup.procs'";

    private static bool IsUnified => File.Exists(Path.Combine(Root, "cgroup.controllers"));

    /// <summary>A new group with limits; inconclusive where none can be made.</summary>
    /// <param name="controller">cpu, memory or pids.</param>
    /// <param name="limits">Files and what to write there: the first of each is the name in version 1, the second that in version 2.</param>
    internal static ControlGroup Create(string controller, params (string? Old, string? New, string Value)[] limits)
    {
        string own = OwnPath(controller);
        string name = $"gilsharp-{controller}-{Environment.ProcessId}-{Random.Shared.Next():x}";
        ControlGroup group = new(IsUnified ? Path.Combine(Root + own, name) : Path.Combine(Root, controller + own, name));
        try
        {
            Directory.CreateDirectory(group._folder);
            foreach ((string? old, string? @new, string value) in limits)
                if ((IsUnified ? @new : old) is { } file) group.Set(file, value);
            return group;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(group._folder)) group.Dispose();
            throw new AssertInconclusiveException($"No control group for {controller} can be made here: {exception.Message}");
        }
    }

    internal void Set(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);

    internal long Number(string file) => long.Parse(File.ReadAllText(Path.Combine(_folder, file)), CultureInfo.InvariantCulture);

    /// <summary>How many processes of the group the kernel has killed for their memory.</summary>
    internal long KilledForMemory() =>
        long.Parse(File.ReadAllLines(Path.Combine(_folder, IsUnified ? "memory.events" : "memory.oom_control")).Single(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    public void Dispose()
    {
        for (int tries = 0; tries < 100; tries++)
        {
            try
            {
                Directory.Delete(_folder);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(20); // its last process is about to be gone
            }
        }
    }

    private static string OwnPath(string controller)
    {
        foreach (string line in File.ReadLines("/proc/self/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            if (IsUnified ? parts[0] == "0" : parts[1].Split(',').Contains(controller)) return parts[2].TrimEnd('/');
        }

        throw new AssertInconclusiveException($"There is no controller {controller} here.");
    }
}
