using System.Diagnostics;

namespace GilSharp.Docs.Tests;

/// <summary>The clone that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds GilSharp.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: as these tests were built, so were the samples.</summary>
    public static string Configuration { get; } = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;

    /// <summary>A path below the root, with slashes, as git and Markdown write it.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>README.md and every page below docs.</summary>
    public static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Where(page => !IsBuildOutput(page))
            .Prepend(Path.Combine(Root, "README.md"))
            .Order(StringComparer.Ordinal);

    /// <summary>The project files of the samples.</summary>
    public static IEnumerable<string> Samples() =>
        Directory.EnumerateDirectories(Path.Combine(Root, "docs", "samples"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .Order(StringComparer.Ordinal);

    /// <summary>What was built of a sample's project.</summary>
    public static string SampleProgram(string project) =>
        Path.Combine(Root, Path.GetDirectoryName(project)!, "bin", Configuration, "net10.0", Path.GetFileNameWithoutExtension(project) + ".dll");

    /// <summary>What git tracks or would track; what lies in the folder, if it is no clone.</summary>
    public static IReadOnlyList<string> Files()
    {
        ChildResult git = ChildProgram.Run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], Root);
        IEnumerable<string> files = git.ExitCode == 0
            ? git.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(file => Path.Combine(Root, file))
            : Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(file => !IsBuildOutput(file));
        return [.. files.Where(File.Exists)];
    }

    private static bool IsBuildOutput(string path) =>
        Relative(path).Split('/').Any(folder => folder is "bin" or "obj" or "artifacts" or "TestResults" or ".git");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GilSharp.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new UnreachableException($"no GilSharp.sln above {AppContext.BaseDirectory}");
    }
}
