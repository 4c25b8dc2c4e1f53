namespace GilSharp.Ipc.Unix;

/// <summary>The endpoints that a .NET process opens in the temporary folder for debuggers and tracing tools. It removes them when it exits; killed, it can't.</summary>
internal readonly struct RuntimeFiles
{
    private const int StartTime = 19; // of the fields behind the name

    private readonly string? _key;
    private readonly string _folder;

    private RuntimeFiles(string? key, string folder) => (_key, _folder) = (key, folder);

    /// <summary>Those of a process that has not been collected: until then nobody else has its number.</summary>
    internal static RuntimeFiles Of(int processId, string folder)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            return new RuntimeFiles($"{processId}-{stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartTime]}", folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new RuntimeFiles(null, folder); // no descriptor to look with: they stay
        }
    }

    /// <summary>Where a process with these variables puts them.</summary>
    internal static string FolderOf(IEnumerable<string> environment) =>
        environment.FirstOrDefault(static line => line.StartsWith("TMPDIR=", StringComparison.Ordinal))?["TMPDIR=".Length..] is { Length: > 0 } folder ? folder : "/tmp";

    internal void Remove()
    {
        if (_key is null) return;
        foreach (string name in (ReadOnlySpan<string>)[$"dotnet-diagnostic-{_key}-socket", $"clr-debug-pipe-{_key}-in", $"clr-debug-pipe-{_key}-out"])
            _ = Libc.unlink(Path.Combine(_folder, name));
    }
}
