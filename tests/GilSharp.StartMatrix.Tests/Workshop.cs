using System.Xml.Linq;

namespace GilSharp.StartMatrix.Tests;

/// <summary>
/// A temporary folder with a copy of this repository, the package made of it and the programs that use it. Nothing is built in the
/// repository itself, and nothing of ours goes to the machine's package folder.
/// </summary>
internal sealed class Workshop : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gilsharp-start-");
    private readonly string _feed;

    public Workshop()
    {
        RepositoryCopy = NewFolder("repository");
        foreach (string file in Repository.Files())
        {
            string copy = Path.Combine(RepositoryCopy, Repository.Relative(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        _feed = NewFolder("feed");
        Dotnet(RepositoryCopy, "pack", "src/GilSharp", "-c", "Release", "-o", _feed, "--nologo");
        PackageVersion = Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(_feed, "GilSharp.*.nupkg").Single())["GilSharp.".Length..];

        // What the programs below inherit from folders above them would be this repository's settings, or the machine's.
        Write(_folder.FullName, "Directory.Build.props", "<Project />");
        Write(_folder.FullName, "Directory.Packages.props", "<Project />");
        Write(_folder.FullName, "nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{NewFolder("packages")}" /></config>
              <packageSources><add key="packed" value="{_feed}" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages()}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    public string PackageVersion { get; }

    /// <summary>The same files as in the repository, where building leaves no trace in it.</summary>
    public string RepositoryCopy { get; }

    public string NewFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>The version of a package that the repository's own projects use; its central management does not reach out here.</summary>
    public static string VersionOf(string package) =>
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(entry => (string?)entry.Attribute("Include") == package).Attribute("Version")!.Value;

    public static void Write(string folder, string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    /// <summary>Runs a command of the SDK and expects it to succeed; returns what it said.</summary>
    public static string Dotnet(string folder, params string[] arguments)
    {
        ChildResult result = ChildProgram.Dotnet(arguments, folder);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)}: {result}");
    }

    /// <summary>The same, for a program that uses the package: its build must not warn, of trimming neither.</summary>
    public static void DotnetWithoutWarning(string folder, params string[] arguments)
    {
        string[] warnings = [.. Dotnet(folder, arguments).Split('\n').Where(line => line.Contains("warning ", StringComparison.Ordinal)).Distinct()];
        Assert.IsEmpty(warnings, $"dotnet {string.Join(' ', arguments)}:\n{string.Join('\n', warnings)}");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Where this machine keeps what it has fetched: "global-packages: folder".</summary>
    public static string MachinePackages() =>
        ChildProgram.Dotnet(["nuget", "locals", "global-packages", "--list", "--force-english-output"], Repository.Root).Output.Split(": ", 2)[1].Trim();
}
